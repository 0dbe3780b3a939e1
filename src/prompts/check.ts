/**
 * What is wrong with the audio of a table's prompts. Needs no tools, only the files: so `hotline check` can say it
 * anywhere, before any caller hears it.
 */
import type { Place, Problem } from '../routing/problems.ts';
import type { Prompt, Table } from '../routing/table.ts';
import {
  type Fingerprint,
  type ManifestEntry,
  type PromptFolders,
  promptFiles,
  readIfThere,
  readManifest,
  spokenFingerprint,
  suppliedFile,
  suppliedFingerprint,
} from './library.ts';
import { type Measures, measure } from './measure.ts';
import { type PromptProblemCode, promptProblem } from './problems.ts';
import { isTooLongToSay, secondsToSay } from './spoken-text.ts';
import type { VoiceCommands } from './tools.ts';
import { readWave } from './wave.ts';

/** Calls to a hotline are answered by a person within this: GB/T 33358-2016. */
const SERVICE_LEVEL_SECONDS = 15;

/** How long an agent's phone rings before a hand is on it; what is left of the 15 s is for the prompt. */
const ANSWER_ALLOWANCE_SECONDS = 3;

/** Speech has a frame above this, even a shy recording; a line on which nobody speaks has none. */
const AUDIBLE_DBFS = -40;
/** One sample in a thousand in flattened peaks is heard as crackle; a clean recording has next to none. */
const CLIPPED_SHARE = 0.001;

export interface CheckOptions {
  readonly folders: PromptFolders;
  readonly voice: VoiceCommands;
  /** The table's path, as problems name it. */
  readonly tableFile: string;
  /** Where the table defines a prompt, 1-based; without it problems point at the table's first line. */
  readonly placeOf?: (promptId: string) => { readonly line: number; readonly column: number } | undefined;
  /** Default {@link ANSWER_ALLOWANCE_SECONDS}. */
  readonly answerAllowanceSeconds?: number;
}

interface Finding {
  readonly promptId: string;
  /** How the audio that the PBX would play now stands to what the table asks for. */
  readonly built: 'missing' | 'stale' | 'current';
  readonly problems: readonly Problem[];
}

/** What was found out about a prompt before its audio is looked at. */
interface Subject {
  readonly prompt: Prompt;
  readonly entry: ManifestEntry | undefined;
  /** Seconds it may last; undefined where nobody waits for its end. */
  readonly longest: number | undefined;
  readonly options: CheckOptions;
}

/** Every problem of every prompt, in the table's order; those that only want building share one warning. */
export async function checkPrompts(table: Table, options: CheckOptions): Promise<Problem[]> {
  const manifest = await readManifest(options.folders);
  const longest = SERVICE_LEVEL_SECONDS - (options.answerAllowanceSeconds ?? ANSWER_ALLOWANCE_SECONDS);
  const heardFirst = new Set([...table.numbers.values()].map(({ prompt }) => prompt));
  const findings = await Promise.all(
    [...table.prompts.values()].map((prompt) =>
      look({
        prompt,
        entry: manifest.get(prompt.id),
        longest: heardFirst.has(prompt.id) ? longest : undefined,
        options,
      }),
    ),
  );
  return [
    ...findings.flatMap(({ problems }) => problems),
    ...wantBuilding(findings, 'missing', options),
    ...wantBuilding(findings, 'stale', options),
  ];
}

function look(subject: Subject): Promise<Finding> {
  const file = suppliedFile(subject.options.folders, subject.prompt);
  return file === undefined ? lookAtSpoken(subject) : lookAtSupplied(subject, file);
}

async function lookAtSpoken(subject: Subject): Promise<Finding> {
  const { prompt, entry, longest, options } = subject;
  const { id: promptId, text } = prompt;
  const file = promptFiles(options.folders, promptId).narrow;
  const audio = await readIfThere(file);
  if (!audio) return { promptId, built: 'missing', problems: willLast(subject) };
  const built = compare(entry, spokenFingerprint(text, options.voice.synthesiser));
  const unbuilt = built === 'stale' ? willLast(subject) : [];
  return { promptId, built, problems: [...audioProblems(audio, { file, promptId, longest }), ...unbuilt] };
}

/** Of a text that is not audio yet. */
function willLast({ prompt: { id, text }, longest, options }: Subject): Problem[] {
  const seconds = secondsToSay(text);
  const isTooLong = longest === undefined ? undefined : isTooLongToSay(seconds, longest);
  if (isTooLong === undefined) return [];
  const message = `prompt ${id}: its text takes about ${seconds.toFixed(0)} s to say, at most ${longest} s leave an agent time to answer within 15 s (GB/T 33358)`;
  return [
    promptProblem(isTooLong === 'surely' ? 'error' : 'warning', 'PROMPT_TOO_LONG', message, placeIn(options, id)),
  ];
}

async function lookAtSupplied({ prompt, entry, longest, options }: Subject, file: string): Promise<Finding> {
  const { id: promptId } = prompt;
  const audio = await readIfThere(file);
  if (!audio) return { promptId, built: 'current', problems: [absent(promptId, file, options)] };
  const played = await readIfThere(promptFiles(options.folders, promptId).narrow);
  const built = played ? compare(entry, suppliedFingerprint(audio)) : 'missing';
  return { promptId, built, problems: audioProblems(audio, { file, promptId, longest }) };
}

function compare(entry: ManifestEntry | undefined, wanted: Fingerprint): Finding['built'] {
  return entry?.fingerprint === wanted ? 'current' : 'stale';
}

function absent(promptId: string, file: string, options: CheckOptions): Problem {
  const message = `prompt ${promptId}: the audio file ${file} is not there`;
  return promptProblem('error', 'PROMPT_MISSING', message, placeIn(options, promptId));
}

/** One warning for all: after a fresh clone every prompt is missing, and one command is the cure. */
function wantBuilding(findings: readonly Finding[], built: 'missing' | 'stale', options: CheckOptions): Problem[] {
  const [first, ...rest] = findings.filter((finding) => finding.built === built).map(({ promptId }) => promptId);
  if (first === undefined) return [];
  const who = rest.length === 0 ? `prompt ${first} is` : `${rest.length + 1} prompts are`;
  const what = built === 'missing' ? 'not built yet' : 'built from an older text, voice or file';
  const code = built === 'missing' ? 'PROMPT_MISSING' : 'PROMPT_STALE';
  return [promptProblem('warning', code, `${who} ${what}: run hotline prompts build`, placeIn(options, first))];
}

function placeIn({ tableFile, placeOf }: CheckOptions, promptId: string): Place {
  return { file: tableFile, ...(placeOf?.(promptId) ?? { line: 1, column: 1 }) };
}

/** One audio file of a prompt. */
interface AudioFile {
  /** Path, as problems name it. */
  readonly file: string;
  readonly promptId: string;
  /** Seconds it may last; undefined where nobody waits for its end. */
  readonly longest: number | undefined;
}

/** Every problem of the audio; none when it is fit to be played. */
function audioProblems(bytes: Buffer, { file, promptId, longest }: AudioFile): Problem[] {
  const problem = (code: PromptProblemCode, message: string): Problem =>
    promptProblem('error', code, `prompt ${promptId}: ${message}`, { file, line: 1, column: 1 });
  const { wave, fault } = readWave(bytes);
  if (fault) return [problem('PROMPT_FORMAT', `the file ${fault.message}`)];
  const measures = measure(wave);
  return [
    ...(isSilent(measures) ? [problem('PROMPT_SILENT', silence(measures))] : []),
    ...(measures.clippedShare > CLIPPED_SHARE ? [problem('PROMPT_CLIPPED', clipping(measures))] : []),
    ...(longest !== undefined && measures.seconds > longest
      ? [problem('PROMPT_TOO_LONG', tooLong(measures, longest))]
      : []),
  ];
}

function isSilent({ loudestDbfs }: Measures): boolean {
  return loudestDbfs < AUDIBLE_DBFS;
}

function silence({ seconds, loudestDbfs }: Measures): string {
  if (seconds === 0) return 'holds no audio at all';
  return `nothing is heard in its ${seconds.toFixed(1)} s: the loudest moment is ${loudestDbfs.toFixed(0)} dBFS, speech is above ${AUDIBLE_DBFS}`;
}

function clipping({ clippedShare }: Measures): string {
  return `${(clippedShare * 100).toFixed(1)} % of it is clipped: record it again with less gain`;
}

function tooLong({ seconds }: Measures, longest: number): string {
  return `lasts ${seconds.toFixed(1)} s, at most ${longest} s leave an agent time to answer within 15 s (GB/T 33358)`;
}
