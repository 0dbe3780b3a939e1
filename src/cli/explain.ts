/** `hotline explain`: where a call goes, and why. */
import { explain } from '../routing/explain.ts';
import { route } from '../routing/plan.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { loadGoodTable } from './good-table.ts';
import { chosenTable, parseTableFile, TABLE_FLAG, TABLE_HELP } from './table-option.ts';
import { notATime, parseTime } from './time.ts';

export interface ExplainOptions {
  readonly to: string;
  readonly from?: string;
  readonly trunk?: string;
  /** ISO 8601 */
  readonly at?: string;
  readonly table: string;
  readonly json?: boolean;
}

/** Plans one call by a table file and prints the plan; a number outside the table is answer 1. */
export const runExplain = async (options: ExplainOptions, terminal: Terminal): Promise<ExitCode> => {
  const { to, from, trunk, table: file, json } = options;
  const at = options.at === undefined ? new Date() : parseTime(options.at);
  if (at === undefined) {
    terminal.err(notATime(options.at));
    return 2;
  }
  const table = await loadGoodTable(file, terminal, { at, json });
  if (table === undefined) return 1;
  if (trunk !== undefined && !table.trunks.has(trunk)) {
    terminal.err(`warning: no trunk "${trunk}" in the table; it has ${[...table.trunks.keys()].join(', ')}`);
  }
  const routing = route(table, { dialled: to, caller: from ?? null, trunk: trunk ?? null }, at);
  terminal.out(json ? JSON.stringify(routing, null, 2) : explain(table, routing));
  return routing.number === null ? 1 : 0;
};

export const addExplain: AddCommand = (program, terminal, run) => {
  program
    .command('explain')
    .description('Show where a call goes, and why')
    .requiredOption('--to <number>', 'number as the carrier delivers it')
    .option('--from <number>', 'caller as the carrier delivers it; withheld if left out')
    .option('--trunk <id>', 'trunk the call comes in on')
    .option('--at <time>', 'when it comes in, ISO 8601 (default: now)')
    .option(TABLE_FLAG, TABLE_HELP, parseTableFile)
    .option('--json', 'print JSON')
    .action(
      run(async ({ table, ...options }: Omit<ExplainOptions, 'table'> & { table?: string }) =>
        runExplain({ ...options, table: chosenTable(table) }, terminal),
      ),
    );
};
