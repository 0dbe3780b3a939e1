/** `hotline replay`: what would have become of past calls by another table. */
import { PastCalls, type ReadCounts } from '../records/past-calls.ts';
import { formatReplay, Replay, type ReplayResult } from '../routing/compare/replay.ts';
import type { Table } from '../routing/table.ts';
import { type AddCommand, type ExitCode, type JsonFlag, print, type Terminal } from './command.ts';
import { chosenTable, loadGoodTable, namedFile, TABLE_FLAG, TABLE_HELP, type TableFlag } from './table.ts';

export interface ReplayOptions extends TableFlag, JsonFlag {
  /** A table to compare with, instead of what the records say was decided. */
  readonly against?: string;
}

export interface Replayed {
  readonly read: ReadCounts;
  readonly result: ReplayResult;
}

/**
 * Runs the calls of record files through a table.
 *
 * @throws FileUnreadable
 */
export const replayFiles = async (files: readonly string[], table: Table, against?: Table): Promise<Replayed> => {
  const counting = new Replay(table, against);
  const calls = new PastCalls({ withoutRouted: against !== undefined, take: (call) => counting.take(call) });
  for (const file of files) await calls.read(file, { isNamed: true });
  return { read: calls.counts, result: counting.result() };
};

const count = (many: number): string => many.toLocaleString('en-US');

const readInWords = ({ records, skipped, repeated, incomplete, bad }: ReadCounts): string =>
  `read ${count(records)} records: ${count(skipped)} skipped, ${count(repeated)} told twice, ` +
  `${count(incomplete)} calls not whole, ${count(bad)} bad line${bad === 1 ? '' : 's'}`;

/** Prints what would have changed: 0 whether or not anything would; 1 for a table that is not good, or no records. */
export const runReplay = async (
  records: readonly string[],
  options: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const { against: other, json } = options;
  const table = await loadGoodTable(chosenTable(options), terminal, options);
  const against = other === undefined ? undefined : await loadGoodTable(other, terminal, options);
  if (table === undefined || (other !== undefined && against === undefined)) return 1;
  const { read, result } = await replayFiles(records, table, against);
  const revisions = { revision: table.revision, against: against?.revision ?? null };
  if (!json) for (const { file, line, reason } of read.badLines) terminal.err(`${file}:${line}: not read: ${reason}`);
  print(terminal, options, { ...revisions, read, ...result }, () =>
    [...formatReplay(result), readInWords(read)].join('\n'),
  );
  return read.records === 0 && read.bad > 0 ? 1 : 0;
};

export const addReplay: AddCommand = (program, terminal, run) => {
  program
    .command('replay')
    .description('Run the records of past calls through a table, and show what would have changed')
    .argument('<records...>', 'record files: one JSON object in each line, .gz or plain')
    .option(TABLE_FLAG, TABLE_HELP, namedFile)
    .option('--against <file>', 'compare with this table, not with what was decided when the calls came in')
    .option('--json', 'print JSON')
    .action(run((records: string[], options: ReplayOptions) => runReplay(records, options, terminal)));
};
