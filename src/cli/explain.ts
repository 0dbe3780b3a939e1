/** `hotline explain`: where a call goes, and why. */
import { explain } from '../routing/explain.ts';
import { route } from '../routing/plan.ts';
import { formatProblem } from '../routing/problems.ts';
import { loadTable } from '../tables/load.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { chosenTable, parseTableFile, TABLE_FLAG, TABLE_HELP } from './table-option.ts';

export interface ExplainOptions {
  readonly to: string;
  readonly from?: string;
  readonly trunk?: string;
  /** ISO 8601 */
  readonly at?: string;
  readonly table: string;
  readonly json?: boolean;
}

/** ISO 8601, by day or to the second; a time without an offset is the machine's own. */
const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** undefined: not a time. A day the calendar does not have would roll over into the next month, so it is looked at. */
const parseTime = (text: string): Date | undefined => {
  const at = new Date(text);
  if (!isoTime.test(text) || Number.isNaN(at.getTime())) return undefined;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? at : undefined;
};

/** Plans one call by a table file and prints the plan; a number outside the table is answer 1. */
export const runExplain = async (options: ExplainOptions, terminal: Terminal): Promise<ExitCode> => {
  const { to, from, trunk, table: file, json } = options;
  const at = options.at === undefined ? new Date() : parseTime(options.at);
  if (at === undefined) {
    terminal.err(`error: --at "${options.at}" is not a time; write ISO 8601, e.g. 2026-10-01T09:00:00+08:00`);
    return 2;
  }
  const { table, problems } = await loadTable(file, at);
  if (table === undefined) {
    if (json) terminal.out(JSON.stringify({ good: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return 1;
  }
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
