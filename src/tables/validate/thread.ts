/**
 * Checks and compares tables on a thread of its own, so that calls go on meanwhile: 10,000 rules take about a second. Calls
 * wait only while the finished table is copied to the main thread.
 */
import { Worker } from 'node:worker_threads';
import { FileUnreadable } from '../../base/errors.ts';
import { OneAtATime } from '../../base/one-at-a-time.ts';
import { type Problem, tableProblem } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import { ZoneClock } from '../../routing/time/zone-clock.ts';
import type { Revision, TableSources } from '../source/sources.ts';
import type { Candidate } from './candidate.ts';
import type { Change } from './change.ts';
import type { Validated, ValidatedFile, Validator } from './validator.ts';
import type { Answer, Asked, CrossingTable, Done, Job } from './worker.ts';

/** A table that takes longer to check is refused. */
const MOST_MS = 60_000;

/** The thread gave no answer, because the table is too large to go live. */
class TooMuch extends Error {}

const tableFrom = ({ timeZone, ...table }: CrossingTable): Table =>
  Object.freeze({ ...table, clock: new ZoneClock(timeZone) });

const revisionFrom = (sent: Done['validate']['revision']): Revision | undefined =>
  sent && { kept: sent.kept, table: tableFrom(sent.table) };

/** The answer about a table that is too much for the thread. */
const refused =
  (file: string) =>
  (error: unknown): { readonly revision: undefined; readonly problems: readonly Problem[] } => {
    if (!(error instanceof TooMuch)) throw error;
    const problem = tableProblem('TABLE_TOO_LARGE', error.message, { file, line: 1, column: 1 });
    return { revision: undefined, problems: [problem] };
  };

const isMemoryGone = (error: Error): boolean => (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';

export class ValidationThread implements Validator {
  readonly #turns = new OneAtATime();
  readonly #limits: { readonly mostMs: number };
  #worker: Worker | undefined;

  /** @param limits `mostMs`: longest that one answer takes. */
  constructor(limits = { mostMs: MOST_MS }) {
    this.#limits = limits;
  }

  async validate(sources: TableSources, at: number): Promise<Validated> {
    const sent = await this.#ask('validate', sources, at).catch(refused(sources.table.file));
    return { ...sent, revision: revisionFrom(sent.revision) };
  }

  async validateFile(file: string, at: number): Promise<ValidatedFile> {
    const sent = await this.#ask('validateFile', file, at).catch(refused(file));
    return { content: '', prefixList: undefined, ...sent, revision: revisionFrom(sent.revision) };
  }

  describe(before: Revision, after: Revision, at: number): Promise<Change> {
    return this.#ask('describe', before.kept, after.kept, at);
  }

  async compareFile(live: Revision, file: string, at: number): Promise<Candidate> {
    const sent = await this.#ask('compareFile', live.kept, file, at).catch(refused(file));
    if (sent.revision !== undefined) return sent;
    const nothing = { moves: [], numbersMoved: 0, numbersTotal: live.table.numbers.size, prefixList: undefined };
    return { ...nothing, revision: null, problems: sent.problems };
  }

  async stop(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** @throws TooMuch, FileUnreadable */
  #ask<Does extends keyof Asked>(does: Does, ...asked: Asked[Does]): Promise<Done[Does]> {
    return this.#turns.take(async () => {
      const answer = await this.#answerTo<Done[Does]>({ does, asked });
      if ('done' in answer) return answer.done;
      if ('failed' in answer) throw new Error(answer.failed);
      throw new FileUnreadable(answer.unreadable.file, answer.unreadable.reason);
    });
  }

  /** A thread that has failed, or does not answer, is ended; the next question starts another. */
  async #answerTo<T>(job: Job): Promise<Answer<T>> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<Answer<T>>();
    const { mostMs } = this.#limits;
    const timer = setTimeout(() => reject(new TooMuch(`takes longer than ${mostMs / 1000} s to check`)), mostMs);
    const onError = (error: Error) =>
      reject(isMemoryGone(error) ? new TooMuch('needs more memory than there is') : error);
    const onExit = () => reject(new Error('the thread that checks tables has ended'));
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
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.on('error', () => undefined); // whoever waits for an answer is told
    worker.unref();
    return worker;
  }
}
