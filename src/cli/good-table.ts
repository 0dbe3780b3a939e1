/** The tables commands work with: loaded and checked in one place. */

import type { Parsed } from '../routing/parse.ts';
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { loadTable } from '../tables/load.ts';
import type { Terminal } from './command.ts';

export interface Telling {
  /** The clock its expectations run by. */
  readonly at?: Date | undefined;
  /** Problems go out as JSON, where the answer would have gone. */
  readonly json?: boolean | undefined;
}

/**
 * The table that `name` means, today a file's; undefined when it is not good, and its problems have been told.
 *
 * @throws FileUnreadable
 */
export const loadGoodTable = async (
  name: string,
  terminal: Terminal,
  { at, json = false }: Telling = {},
): Promise<Table | undefined> => {
  return tellProblems(await loadTable(name, at), terminal, json);
};

/** The table of what was read; undefined when it is not good, and its problems have been told. */
export const tellProblems = ({ table, problems }: Parsed, terminal: Terminal, json = false): Table | undefined => {
  if (table !== undefined) return table;
  if (json) terminal.out(JSON.stringify({ good: false, problems }, null, 2));
  else for (const problem of problems) terminal.err(formatProblem(problem));
  return undefined;
};
