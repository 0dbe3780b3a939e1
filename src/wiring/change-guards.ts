/**
 * What keeps a change of table from going live: callers who would meet silence or a prompt of 15 s, and how many of
 * yesterday's calls would go elsewhere. Joins tables with prompts and records.
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

/** What callers hear; the pieces of a whisper an agent can do without. */
const playedBy = ({ numbers, apology }: Table): ReadonlySet<string> =>
  new Set([apology, ...Array.from(numbers.values(), ({ prompt }) => prompt ?? apology)]);

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Where a table's text defines a prompt; its section where that is written in another way. */
const placeIn = (file: string, text: string, promptId: string): Place => {
  const lines = text.split('\n');
  const section = lines.findIndex((line) => line.startsWith('prompts:'));
  const isOf = (line: string): boolean => new RegExp(`^ +["']?${promptId}["']?:`).test(line);
  const at = lines.findIndex((line, n) => n > section && isOf(line));
  if (at < 0) return { file, line: Math.max(0, section) + 1, column: 1 };
  return { file, line: at + 1, column: (lines[at] ?? '').search(/\S/) + 1 };
};

/** What callers hear before an agent: how long it takes is how long they wait. */
const heardFirst = ({ numbers, prompts }: Table): ReadonlyMap<string, Prompt> =>
  new Map(
    Array.from(numbers.values(), ({ prompt = '' }) => prompts.get(prompt))
      .filter((each) => each !== undefined)
      .map((each) => [each.id, each]),
  );

/** Prompts that the candidate says before an agent, as the live table does not, and that are too long. As `check` has it. */
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

/** Prompts that the candidate plays and the live table does not, and of which there is no audio. */
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
  // Where the live table's own audio is not here either, it is kept on the PBX alone, and nothing can be said.
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

/** Where prompts are, and how they are spoken. */
export interface Audio extends PromptFolders {
  readonly voice: VoiceCommands;
  /** Where a build has to be told to put them; undefined: it does so unasked. */
  readonly out?: string;
}

/** @param audio asked each time: a lab has its own once it is up. */
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
 * Calls of the last 24 hours, by both tables, each at its own time. Records that are missing or cannot be read hold up
 * nobody: then there are no calls.
 *
 * @param records file of the feed.
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
