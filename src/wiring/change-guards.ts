/**
 * What a change of table is measured by before it goes live: prompts that are missing or too long, and how many of
 * yesterday's calls would go elsewhere. Each needs parts that `tables` does not know.
 */
import { access } from 'node:fs/promises';
import type { Logger } from '../base/log.ts';
import { checkPrompts } from '../prompts/check.ts';
import { type PromptFolders, promptFiles } from '../prompts/library.ts';
import { promptProblem } from '../prompts/problems.ts';
import type { VoiceCommands } from '../prompts/tools.ts';
import { callsSince } from '../records/past-calls.ts';
import { callsElsewhere, Replay } from '../routing/compare/replay.ts';
import { inReadingOrder, type Place, type Problem } from '../routing/problems.ts';
import type { Prompt, Table } from '../routing/table.ts';
import type { MissingAudio, MovedCalls } from '../tables/validate/change.ts';

/** Prompts that callers hear. The parts of a whisper are left out: an agent can do without them. */
const playedBy = ({ numbers, apology }: Table): ReadonlySet<string> =>
  new Set([apology, ...Array.from(numbers.values(), ({ prompt }) => prompt ?? apology)]);

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Where the table's text defines a prompt; the section `prompts` when the definition is not found by its line. */
const placeIn = (file: string, text: string, promptId: string): Place => {
  const lines = text.split('\n');
  const section = lines.findIndex((line) => line.startsWith('prompts:'));
  const isOf = (line: string): boolean => new RegExp(`^ +["']?${promptId}["']?:`).test(line);
  const at = lines.findIndex((line, n) => n > section && isOf(line));
  if (at < 0) return { file, line: Math.max(0, section) + 1, column: 1 };
  return { file, line: at + 1, column: (lines[at] ?? '').search(/\S/) + 1 };
};

/** Prompts that callers hear before an agent: as long as these last, the caller waits. */
const heardFirst = ({ numbers, prompts }: Table): ReadonlyMap<string, Prompt> =>
  new Map(
    Array.from(numbers.values(), ({ prompt = '' }) => prompts.get(prompt))
      .filter((each) => each !== undefined)
      .map((each) => [each.id, each]),
  );

/** Prompts that the candidate plays before an agent and the live table does not, and that are too long by the rules of `check`. */
const tooLong = async (
  { voice, ...folders }: Audio,
  before: Table,
  table: Table,
  { tableFile, placeOf }: { readonly tableFile: string; readonly placeOf: (id: string) => Place },
): Promise<readonly Problem[]> => {
  const known = heardFirst(before);
  const isKnown = ({ id, text, file }: Prompt) => known.get(id)?.text === text && known.get(id)?.file === file;
  const fresh = [...heardFirst(table)].filter(([, prompt]) => !isKnown(prompt));
  if (fresh.length === 0) return [];
  const only = { ...table, prompts: new Map(fresh) };
  const problems = await checkPrompts(only, { folders, voice, tableFile, placeOf });
  return problems.filter(({ code, severity }) => code === 'PROMPT_TOO_LONG' && severity === 'error');
};

/** Prompts that the candidate plays and the live table does not, and that have no audio. */
const missing = async (
  { dir, supplied, out }: Audio,
  before: Table,
  table: Table,
  placeOf: (id: string) => Place,
): Promise<readonly Problem[]> => {
  const known = [...playedBy(before)];
  const fresh = [...playedBy(table)].filter((id) => !known.includes(id));
  if (fresh.length === 0) return [];
  const has = (id: string) => isThere(promptFiles({ dir, supplied }, id).narrow);
  // When none of the live table's audio is here, all audio is kept on the PBX alone: nothing can be said of it.
  if (!(await Promise.all(known.map(has))).includes(true)) return [];
  const found = await Promise.all(fresh.map(has));
  const cure = `run hotline prompts build${out === undefined ? '' : ` --out ${out}`}`;
  return fresh
    .filter((_, n) => !found[n])
    .map((id) => {
      const message = `prompt ${id} has no audio in ${dir}, callers would hear nothing: ${cure}`;
      return promptProblem('error', 'PROMPT_MISSING', message, placeOf(id));
    });
};

/** Where prompts are, and the voice that speaks them. */
export interface Audio extends PromptFolders {
  readonly voice: VoiceCommands;
  /** The folder that a build has to be given; undefined: it is the default. */
  readonly out?: string;
}

/** @param audio called at each change: a lab has audio of its own as soon as it is up. */
export const missingAudioOf =
  (audio: () => Audio): MissingAudio =>
  async (before, { table, kept }, file) => {
    const placeOf = (id: string): Place => placeIn(file, kept.text, id);
    const found = await Promise.all([
      missing(audio(), before, table, placeOf),
      tooLong(audio(), before, table, { tableFile: file, placeOf }),
    ]);
    return inReadingOrder(found.flat());
  };

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Routes the calls of the last 24 hours by both tables, each call at its own time. Records that cannot be read stop no
 * change: it is then measured by no calls.
 *
 * @param records the records file.
 */
export const movedCallsOf =
  (records: string, now: () => number, log: Logger): MovedCalls =>
  async (before, after) => {
    const counting = new Replay(after, before);
    const since = new Date(now() - DAY_MS);
    try {
      await callsSince(records, { since, take: (call) => counting.take(call) });
    } catch (error) {
      log.warn(
        { records, reason: String(error) },
        "yesterday's calls could not be read: they guard no change of table",
      );
      return { moved: 0, total: 0 };
    }
    return callsElsewhere(counting.result());
  };
