/** Keeps a table from going live whose callers would meet silence: part of the wiring, beside main. */
import { access } from 'node:fs/promises';
import { type PromptFolders, promptFiles } from './prompts/library.ts';
import { promptProblem } from './prompts/problems.ts';
import type { Place } from './routing/problems.ts';
import type { Table } from './routing/table.ts';
import type { MissingAudio } from './tables/change.ts';

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

/**
 * A prompt that the candidate plays and the live table does not, and of which there is no audio. Where the live table's
 * own audio is not here either, it is kept on the PBX alone, and nothing can be said.
 */
export const missingAudioOf =
  (folders: PromptFolders): MissingAudio =>
  async (before, { table, kept }, file) => {
    const known = [...playedBy(before)];
    const fresh = [...playedBy(table)].filter((id) => !known.includes(id));
    if (fresh.length === 0) return [];
    const has = (id: string) => isThere(promptFiles(folders, id).narrow);
    if (!(await Promise.all(known.map(has))).includes(true)) return [];
    const found = await Promise.all(fresh.map(has));
    return fresh
      .filter((_, n) => !found[n])
      .map((id) => {
        const message = `prompt ${id} has no audio in ${folders.dir}, callers would hear nothing: run hotline prompts build`;
        return promptProblem('error', 'PROMPT_MISSING', message, placeIn(file, kept.text, id));
      });
  };
