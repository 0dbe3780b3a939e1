/** A routing table from disk: the YAML, the prefix list beside it, and its own expectations. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileUnreadable } from '../errors.ts';
import { findExpired, runExpectations } from '../routing/expectations.ts';
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
 * Reads and parses a table, and does not try its expectations: to look into a table that fails them.
 *
 * @throws FileUnreadable when the table itself cannot be read; everything else is a problem in the answer.
 */
export const parseTableFile = async (file: string): Promise<Parsed> => {
  const draft = readTable(await read(file));
  const list =
    draft.mobilePrefixes === undefined ? undefined : await readIfThere(join(dirname(file), draft.mobilePrefixes));
  return finishTable(draft, list);
};

/**
 * Reads, parses and tries a table. `table` is there only when nothing is wrong; `at` is the clock its expectations
 * run by, and rules are expired by.
 *
 * @throws FileUnreadable as {@link parseTableFile}
 */
export const loadTable = async (file: string, at: Date = new Date()): Promise<Parsed> => {
  const { table, locate, problems } = await parseTableFile(file);
  if (table === undefined || locate === undefined) return { problems };

  const all = inReadingOrder([...problems, ...runExpectations(table, file, at), ...findExpired(table, locate, at)]);
  return hasErrors(all) ? { problems: all } : { table, problems: all };
};
