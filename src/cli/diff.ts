/** `hotline diff`: what moves when one table takes the place of another. */
import { diffInWords, diffTables } from '../routing/diff.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { loadGoodTable } from './good-table.ts';
import { notATime, parseTime } from './time.ts';

export interface DiffOptions {
  /** ISO 8601, several */
  readonly at?: readonly string[];
  readonly json?: boolean;
}

/** Compares two tables and prints what moves: 0 whether or not they differ, 1 when one of them is not good. */
export const runDiff = async (
  before: string,
  after: string,
  { at = [], json }: DiffOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const wrong = at.find((text) => parseTime(text) === undefined);
  if (wrong !== undefined) {
    terminal.err(notATime(wrong));
    return 2;
  }
  const [first = new Date(), ...further] = at.map((text) => parseTime(text) as Date);
  const tables = [
    await loadGoodTable(before, terminal, { at: first, json }),
    await loadGoodTable(after, terminal, { at: first, json }),
  ];
  const [was, is] = tables;
  if (was === undefined || is === undefined) return 1;
  const diff = diffTables(was, is, first, at.length === 0 ? undefined : further);
  const words = diffInWords(diff);
  terminal.out(json ? JSON.stringify({ files: { before, after }, ...diff, words }, null, 2) : words.join('\n'));
  return 0;
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
