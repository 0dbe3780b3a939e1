/** A routing table from disk: the YAML, the prefix list beside it, and its own expectations. */
import type { Parsed } from '../routing/parse.ts';
import { judge, readSources } from './sources.ts';

/**
 * Reads, parses and tries a table. `table` is there only when nothing is wrong; `at` is the clock its expectations
 * run by.
 *
 * @throws FileUnreadable when the table itself cannot be read; everything else is a problem in the answer.
 */
export const loadTable = async (file: string, at: Date = new Date()): Promise<Parsed> => {
  const { sources, draft } = await readSources(file);
  return judge(sources, at, draft);
};
