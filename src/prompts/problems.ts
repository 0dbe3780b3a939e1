/** What can be wrong with a prompt's audio. Each code has a row in `docs/prompts.md`; a test holds the two together. */
import type { Parsed } from '../routing/parse.ts';
import type { Place, Problem, Severity } from '../routing/problems.ts';

/** Stable codes and what each means in one line. */
export const promptProblems = {
  PROMPT_MISSING:
    "the operator's file that the table names is not there (error), or a prompt is not built yet (warning)",
  PROMPT_STALE: 'the built audio is from an older text, voice or file (warning)',
  PROMPT_FORMAT: 'the file is not WAV, PCM, mono, 16 bits, 8000 or 16000 Hz, or is cut short (error)',
  PROMPT_SILENT: 'nothing in the file is loud enough to be heard (error)',
  PROMPT_CLIPPED: 'the recording was too loud and its peaks are cut off (error)',
  PROMPT_TOO_LONG: 'prompt and ringing together cannot keep the 15 s in which a person must answer (error)',
} as const satisfies Record<string, string>;

export type PromptProblemCode = keyof typeof promptProblems;

export function promptProblem(severity: Severity, code: PromptProblemCode, message: string, place: Place): Problem {
  return { severity, code, message, file: place.file, line: place.line, column: place.column };
}

export type PlaceOfPrompt = (promptId: string) => Place;

/** Where a table defines its prompts. For a whisper's piece, which no line of the table defines, it is the place of `prompts`. */
export const placesBy =
  (locate: NonNullable<Parsed['locate']>): PlaceOfPrompt =>
  (promptId) =>
    locate(['prompts', promptId], 'key');
