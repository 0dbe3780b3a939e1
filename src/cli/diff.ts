/** `hotline diff`: what moves when one table takes the place of another. */

import { diffTables } from '../routing/compare/diff.ts';
import { formatDiff } from '../routing/compare/format-diff.ts';
import type { Parsed } from '../routing/parse.ts';
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { type AddCommand, type ExitCode, type JsonFlag, notATime, parseTime, print, type Terminal } from './command.ts';
import { goodTable, loadNamed } from './table.ts';

export interface DiffOptions extends JsonFlag {
  /** ISO 8601, several */
  readonly at?: readonly string[];
}

/** A table that only fails its own expectations is compared all the same: the diff tells why it fails them. */
const comparable = ({ table, unproven }: Parsed): Table | undefined => table ?? unproven;

/** Compares two tables and prints what moves: 0 whether or not they differ, 1 when one of them is not good. */
export const runDiff = async (
  before: string,
  after: string,
  options: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const { at = [], json } = options;
  const wrong = at.find((text) => parseTime(text) === undefined);
  if (wrong !== undefined) {
    terminal.err(notATime(wrong));
    return 2;
  }
  const [first = new Date(), ...further] = at.map((text) => parseTime(text) as Date);
  const was = await loadNamed(before, terminal, options, first);
  const is = was && (await loadNamed(after, terminal, options, first));
  if (was === undefined || is === undefined) return 1;
  const [old, fresh] = [comparable(was), comparable(is)];
  if (old === undefined || fresh === undefined) {
    for (const each of [was, is]) if (comparable(each) === undefined) goodTable(each, terminal, options);
    return 1;
  }
  const failed = [was, is].flatMap((each) => (each.table === undefined ? each.problems : []));
  const diff = diffTables(old, fresh, first, at.length === 0 ? undefined : further);
  const words = formatDiff(diff);
  const good = failed.length === 0;
  const answer = { files: { before, after }, ...diff, words, ...(!good && { good, problems: failed }) };
  if (!json) for (const problem of failed) terminal.err(formatProblem(problem));
  print(terminal, options, answer, () => words.join('\n'));
  return good ? 0 : 1;
};

export const addDiff: AddCommand = (program, terminal, run) => {
  program
    .command('diff')
    .description('Show which calls go elsewhere by another table')
    .argument('<old>', 'routing table: a file, a revision of the running service, or `live`')
    .argument('<new>', 'the table that is to take its place, likewise')
    .option(
      '--at <time>',
      'when the calls come in, ISO 8601; repeat it for several (default: now, and whenever hours or dates of the tables make a difference)',
      (text, all) => [...((all as readonly string[] | undefined) ?? []), text],
    )
    .option('--json', 'print JSON')
    .action(
      run(async (before: string, after: string, options: DiffOptions) => runDiff(before, after, options, terminal)),
    );
};
