/** `hotline replay`: what would have become of past calls by another table. */
import { PastCalls, type ReadCounts } from '../records/past-calls.ts';
import { Replay, type ReplayResult, replayInWords } from '../routing/compare/replay.ts';
import type { Table } from '../routing/table.ts';
import type { AddCommand, ExitCode, Terminal } from './command.ts';
import { loadGoodTable } from './good-table.ts';
import { chosenTable, namedFile, TABLE_FLAG, TABLE_HELP } from './table-option.ts';

export interface ReplayOptions {
  readonly table: string;
  /** A table that says what was, in the place of the records. */
  readonly against?: string;
  readonly json?: boolean;
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

const tell = ({ read, result }: Replayed, terminal: Terminal): void => {
  for (const { file, line, reason } of read.badLines) terminal.err(`${file}:${line}: not read: ${reason}`);
  for (const line of replayInWords(result)) terminal.out(line);
  terminal.out(readInWords(read));
};

/** Prints what would have changed: 0 whether or not anything would; 1 for a table that is not good, or no records. */
export const runReplay = async (
  records: readonly string[],
  { table: name, against: other, json }: ReplayOptions,
  terminal: Terminal,
): Promise<ExitCode> => {
  const table = await loadGoodTable(name, terminal, { json });
  const against = other === undefined ? undefined : await loadGoodTable(other, terminal, { json });
  if (table === undefined || (other !== undefined && against === undefined)) return 1;
  const replayed = await replayFiles(records, table, against);
  const { read, result } = replayed;
  const revisions = { revision: table.revision, against: against?.revision ?? null };
  if (json) terminal.out(JSON.stringify({ ...revisions, read, ...result }, null, 2));
  else tell(replayed, terminal);
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
    .action(
      run(async (records: string[], { table, ...options }: Omit<ReplayOptions, 'table'> & { table?: string }) =>
        runReplay(records, { ...options, table: chosenTable(table) }, terminal),
      ),
    );
};
