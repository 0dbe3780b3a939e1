/** The tables commands work with: loaded and checked in one place. */
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { loadTable } from '../tables/load.ts';
import type { Terminal } from './command.ts';

/**
 * The table that `name` means, today a file's; undefined when it is not good, and its problems have been told.
 *
 * @param at the clock its expectations run by.
 * @throws FileUnreadable
 */
export const loadGoodTable = async (name: string, terminal: Terminal, at?: Date): Promise<Table | undefined> => {
  const { table, problems } = await loadTable(name, at);
  if (table === undefined) for (const problem of problems) terminal.err(formatProblem(problem));
  return table;
};
