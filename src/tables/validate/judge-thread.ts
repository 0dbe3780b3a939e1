/**
 * Judges large tables on a thread of its own, so that calls go on meanwhile: 100,000 rules take some seconds. Small ones are
 * judged at once, for starting a thread takes longer. The thread ends when nothing was asked of it for a while, and with it
 * the copies of tables it keeps.
 */
import { setImmediate as otherWork } from 'node:timers/promises';
import { type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { FileUnreadable } from '../../base/errors.ts';
import { tableProblem } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import {
  contentOf,
  prefixListOf,
  type Revision,
  readSource,
  type TableSources,
  withPrefixList,
} from '../source/sources.ts';
import { Turns } from '../turns.ts';
import type { Candidate } from './candidate.ts';
import type { Change } from './change.ts';
import type { Done, Job } from './judge-worker.ts';
import { type FileJudged, type Judged, type Judging, judgeHere, judgeRead } from './judging.ts';
import { TableInPieces, type TablePiece } from './table-pieces.ts';

/** Up to here a table is judged in some 100 ms. */
const LARGE_FROM_BYTES = 64 * 1024;
/** A table that takes longer is none that a service should run. */
const MOST_MS = 60_000;
const IDLE_MS = 60_000;

const isLarge = (...texts: readonly (string | Uint8Array | null | undefined)[]): boolean =>
  texts.reduce((sum, text) => sum + (text?.length ?? 0), 0) >= LARGE_FROM_BYTES;

const isLargeTable = ({ table, prefixList }: TableSources): boolean => isLarge(table.text, prefixList?.text);
const isLargeRevision = ({ kept }: Revision): boolean => isLarge(kept.text, kept.prefixList);

/** Piece by piece, with other work between each two. */
const putTogether = async (port: MessagePort): Promise<Table> => {
  const table = new TableInPieces();
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    table.take(next.message as TablePiece);
    await otherWork();
  }
  port.close();
  return table.whole();
};

/** Why the thread gave no answer: of a table so large that it must not go live either. */
class TooMuch extends Error {}

const tooLarge = (file: string, { message }: TooMuch) =>
  tableProblem('TABLE_TOO_LARGE', message, { file, line: 1, column: 1 });

const unreadable = (file: string, message: string): FileUnreadable =>
  new FileUnreadable(file, message.replace(`${file}: `, ''));

export class JudgeThread implements Judging {
  readonly #turns = new Turns();
  readonly #idleMs: number;
  readonly #mostMs: number;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** @param idleMs the thread ends when nothing was asked of it for so long. @param mostMs longest that one answer takes. */
  constructor(idleMs = IDLE_MS, mostMs = MOST_MS) {
    this.#idleMs = idleMs;
    this.#mostMs = mostMs;
  }

  async judge(sources: TableSources, at: number): Promise<Judged> {
    if (!isLargeTable(sources)) return judgeHere.judge(sources, at);
    return this.#judge({ does: 'judge', sources, at }, sources.table.file);
  }

  async judgeFile(file: string, at: number): Promise<FileJudged> {
    const table = await readSource(file);
    if (isLarge(table.text)) return this.#judge({ does: 'judge-file', file, at }, file);
    const read = await withPrefixList(table);
    if (!isLargeTable(read.sources)) return judgeRead(file, read, at);
    const judged = await this.judge(read.sources, at);
    return { ...judged, content: contentOf(read.sources), prefixList: prefixListOf(file, read.draft) };
  }

  async describe(before: Revision, after: Revision, at: number): Promise<Change> {
    if (!isLargeRevision(before) && !isLargeRevision(after)) return judgeHere.describe(before, after, at);
    const done = await this.#ask({ does: 'describe', before: before.kept, after: after.kept, at });
    if (done.is !== 'described') throw new Error(`a change was not described: ${JSON.stringify(done)}`);
    return done.change;
  }

  /** Always on the thread: somebody looks, nobody waits for the table, and calls must not pay for it. */
  async compareFile(live: Revision, file: string, at: number): Promise<Candidate> {
    try {
      const done = await this.#ask({ does: 'compare-file', live: live.kept, file, at });
      if (done.is === 'unreadable') throw unreadable(file, done.message);
      if (done.is !== 'compared') throw new Error(`a file was not compared: ${JSON.stringify(done)}`);
      return done.candidate;
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      const nothing = { moves: [], numbersMoved: 0, numbersTotal: live.table.numbers.size, prefixList: undefined };
      return { revision: null, problems: [tooLarge(file, error)], ...nothing };
    }
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #judge(job: Job, file: string): Promise<FileJudged> {
    try {
      const done = await this.#ask(job);
      if (done.is === 'unreadable') throw unreadable(file, done.message);
      if (done.is !== 'judged') throw new Error(`a table was not judged: ${JSON.stringify(done)}`);
      const { kept, ...judged } = done.judged;
      const revision = kept && done.pieces && { kept, table: await putTogether(done.pieces) };
      return { ...judged, revision };
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return { revision: undefined, problems: [tooLarge(file, error)], content: '', prefixList: undefined };
    }
  }

  /** @throws TooMuch */
  #ask(job: Job): Promise<Done> {
    return this.#turns.take(async () => {
      clearTimeout(this.#idle);
      const worker = this.#worker ?? this.#start();
      const { promise, resolve, reject } = Promise.withResolvers<Done>();
      const timer = setTimeout(
        () => reject(new TooMuch(`takes longer than ${this.#mostMs / 1000} s to check`)),
        this.#mostMs,
      );
      const onError = (error: Error) =>
        reject(isMemoryGone(error) ? new TooMuch('needs more memory than there is') : error);
      const onExit = () => reject(new Error('the thread that judges tables has ended'));
      worker.once('message', resolve).once('error', onError).once('exit', onExit);
      worker.postMessage(job);
      try {
        return await promise;
      } catch (error) {
        await this.stop();
        throw error;
      } finally {
        clearTimeout(timer);
        worker.off('message', resolve).off('error', onError).off('exit', onExit);
        this.#idle = setTimeout(() => void this.stop(), this.#idleMs).unref();
      }
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./judge-worker.ts', import.meta.url));
    worker.on('error', () => undefined); // who waits for it is told
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}

const isMemoryGone = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
