/** A routing table from disk: the YAML, the prefix list beside it, and its own expectations. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileUnreadable } from '../errors.ts';
import { runExpectations } from '../routing/expectations.ts';
import { finishTable, type Parsed, readTable } from '../routing/parse.ts';
import { hasErrors, inReadingOrder } from '../routing/problems.ts';
import type { Source } from '../routing/source-text.ts';

const read = async (file: string): Promise<Source> => {
  try {
    return { file, text: await readFile(file) };
  } catch (error) {
    throw FileUnreadable.because(file, error);
  }
};

const readIfThere = async (file: string): Promise<Source | undefined> => {
  try {
    return await read(file);
  } catch (error) {
    if (error instanceof FileUnreadable) return undefined;
    throw error;
  }
};

/**
 * Reads, parses and tries a table. `table` is there only when nothing is wrong; `at` is the clock its expectations
 * run by.
 *
 * @throws FileUnreadable when the table itself cannot be read; everything else is a problem in the answer.
 */
export const loadTable = async (file: string, at: Date = new Date()): Promise<Parsed> => {
  const draft = readTable(await read(file));
  const list =
    draft.mobilePrefixes === undefined ? undefined : await readIfThere(join(dirname(file), draft.mobilePrefixes));
  const { table, problems } = finishTable(draft, list);
  if (table === undefined) return { problems };

  const all = inReadingOrder([...problems, ...runExpectations(table, file, at)]);
  return hasErrors(all) ? { problems: all } : { table, problems: all };
};
