/** A routing table from disk: the YAML, the prefix list beside it, and its own expectations. */
import { finishTable, type Parsed } from '../../routing/parse.ts';
import { judge, type Pipes, readSources } from './sources.ts';

/**
 * Reads and parses a table, and does not try its expectations: to look into a table that fails them.
 *
 * @throws FileUnreadable when the table itself cannot be read; everything else is a problem in the answer.
 */
export const parseTableFile = async (file: string, pipes: Pipes = 'refused'): Promise<Parsed> => {
  const { sources, draft } = await readSources(file, pipes);
  return finishTable(draft, sources.prefixList);
};

/**
 * Reads, parses and tries a table. `table` is there only when nothing is wrong; `at` is the clock its expectations
 * run by, and rules are expired by.
 *
 * @throws FileUnreadable as {@link parseTableFile}
 */
export const loadTable = async (file: string, at: Date = new Date(), pipes: Pipes = 'refused'): Promise<Parsed> => {
  const { sources, draft } = await readSources(file, pipes);
  return judge(sources, at, draft);
};
