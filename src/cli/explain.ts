/** `hotline explain`: where a call goes, and why. */
import { explain } from '../routing/explain.ts';
import { route } from '../routing/plan.ts';
import { isMoment, readMoment } from '../routing/time/moments.ts';
import { parseTableFile } from '../tables/source/sources.ts';
import { type AddCommand, type ExitCode, type JsonFlag, notATime, print, type Terminal } from './command.ts';
import { chosenTable, goodTable, namedFile, TABLE_FLAG, TABLE_HELP, type TableFlag } from './table.ts';

export interface ExplainOptions extends TableFlag, JsonFlag {
  readonly to: string;
  readonly from?: string;
  readonly trunk?: string;
  /** ISO 8601; without an offset it is the table's own time. */
  readonly at?: string;
}

/** Plans one call by a table file and prints the plan; a number outside the table is answer 1. */
export const runExplain = async (options: ExplainOptions, terminal: Terminal): Promise<ExitCode> => {
  const { to, from, trunk } = options;
  if (options.at !== undefined && !isMoment(options.at)) {
    terminal.err(notATime(options.at));
    return 2;
  }
  const table = goodTable(await parseTableFile(chosenTable(options), 'read'), terminal, options);
  if (table === undefined) return 1;
  if (trunk !== undefined && !table.trunks.has(trunk)) {
    terminal.err(`warning: no trunk "${trunk}" in the table; it has ${[...table.trunks.keys()].join(', ')}`);
  }
  const stated = options.at === undefined ? undefined : readMoment(options.at, table.clock);
  const at = stated === undefined ? new Date() : new Date(stated.ms);
  const routing = route(table, { dialled: to, caller: from ?? null, trunk: trunk ?? null }, at);
  print(terminal, options, routing, () => explain(table, routing, at));
  return routing.number === null ? 1 : 0;
};

export const addExplain: AddCommand = (program, terminal, run) => {
  program
    .command('explain')
    .description('Show where a call goes, and why')
    .requiredOption('--to <number>', 'number as the carrier delivers it')
    .option('--from <number>', 'caller as the carrier delivers it; withheld if left out')
    .option('--trunk <id>', 'trunk the call comes in on')
    .option(
      '--at <time>',
      "when it comes in, ISO 8601, in the table's time zone unless it says otherwise (default: now)",
    )
    .option(TABLE_FLAG, TABLE_HELP, namedFile)
    .option('--json', 'print JSON')
    .action(run((options: ExplainOptions) => runExplain(options, terminal)));
};
