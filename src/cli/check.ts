/** `hotline check`: every problem of the table, and whether its expectations hold. */

import type { Parsed } from '../routing/parse.ts';
import { formatProblem, hasErrors, inReadingOrder, type Problem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { loadTable } from '../tables/source/sources.ts';
import { type AddCommand, type ExitCode, type JsonFlag, notATime, parseTime, print, type Terminal } from './command.ts';
import { checkAudio } from './prompts.ts';
import { chosenTable, namedFile, TABLE_FLAG, TABLE_HELP, type TableFlag } from './table.ts';

/**
 * Checks something the table refers to, such as its audio. Relative paths start at `tableFile`; `locate` finds the place of
 * an entry in it.
 */
export type TableCheck = (table: Table, tableFile: string, locate: Parsed['locate']) => Promise<readonly Problem[]>;

/** Checks beyond the text of the table; they run when the text is good. */
const furtherChecks: readonly TableCheck[] = [checkAudio];

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const counts = (problems: readonly Problem[]): string => {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  return `${plural(errors, 'error')}, ${plural(problems.length - errors, 'warning')}`;
};

const summary = (file: string, table: Table | undefined, problems: readonly Problem[]): string =>
  table === undefined || hasErrors(problems)
    ? `${file}: not good: ${counts(problems)}`
    : `${file}: good: ${plural(table.numbers.size, 'number')}, ${plural(table.regions.size, 'region')}, ` +
      `${plural(table.expectations.length, 'expectation')} hold, ${counts(problems)}; revision ${table.revision}`;

const gather = async (file: string, at: Date, checks: readonly TableCheck[]) => {
  const { table, locate, problems } = await loadTable(file, at, 'read');
  const further = table === undefined ? [] : await Promise.all(checks.map((check) => check(table, file, locate)));
  return { table, problems: inReadingOrder([...problems, ...further.flat()]) };
};

export interface CheckOptions extends TableFlag, JsonFlag {
  /** ISO 8601: the time at which expectations are tried and rules expire. */
  readonly at?: string;
}

/** Runs every check on a table file and prints what was found. */
export const runCheck = async (
  options: CheckOptions,
  terminal: Terminal,
  checks: readonly TableCheck[] = furtherChecks,
): Promise<ExitCode> => {
  const { at } = options;
  const clock = at === undefined ? new Date() : parseTime(at);
  if (clock === undefined) {
    terminal.err(notATime(at));
    return 2;
  }
  const file = chosenTable(options);
  const { table, problems } = await gather(file, clock, checks);
  const good = !hasErrors(problems);
  print(terminal, options, { good, revision: table?.revision ?? null, problems }, () =>
    [...problems.map(formatProblem), summary(file, table, problems)].join('\n'),
  );
  return good ? 0 : 1;
};

export const addCheck: AddCommand = (program, terminal, run) => {
  program
    .command('check')
    .description('Find every problem of a routing table and run its expectations')
    .option(TABLE_FLAG, TABLE_HELP, namedFile)
    .option('--at <time>', 'check as of this time, ISO 8601 (default: now)')
    .option('--json', 'print JSON')
    .action(run((options: CheckOptions) => runCheck(options, terminal)));
};
