/**
 * Brings records from a source to a sink, one batch after another, so that they stay in order. A sink that fails is tried
 * again, less and less often. A record that it has not taken by the set age is given up, so that the rest can go on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Backoff, spreadWaitMs } from '../base/backoff.ts';
import type { Logger } from '../base/log.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { SinkHealth } from './health.ts';
import { type RecordFilter, type Sink, SinkBusy, SinkRefused } from './sinks/sink.ts';

/** A lag that people would notice. */
const BEHIND_MS = 10_000;
/** Even an old record is tried so often before it is given up: the sink may just be starting. */
const TRIES_AT_LEAST = 3;

/** Some records of a source, being delivered. */
export interface Batch {
  /** Records as JSON, in the order they were emitted. */
  readonly lines: readonly string[];
  /** Whether this controller may still deliver them. */
  isHeld(): boolean;
  /** Confirms them: they are delivered, or given up. */
  done(): Promise<void>;
}

/** Where a deliverer gets its records from: the spool, or the stream. */
export interface Source {
  /** The next records; undefined when there are none now, or another controller delivers. Rejects when Redis cannot say. */
  next(most: number): Promise<Batch | undefined>;
  /**
   * `backlog`: records not yet confirmed. `isHeld`: whether this controller delivers them. `dropped`: records that the
   * stream dropped before the sink had them, ever.
   */
  progress(): Promise<{ readonly backlog: number; readonly isHeld: boolean; readonly dropped: number }>;
  /** `next` resolves soon, and gives nothing more. */
  stop(): Promise<void>;
}

export interface DelivererParts {
  readonly name: string;
  readonly source: Source;
  readonly sink: Sink;
  readonly filter: RecordFilter;
  readonly batch: number;
  readonly patience: Backoff;
  /** A record older than this that the sink does not take is given up. */
  readonly giveUpAfterMs: number;
  readonly dead: DeadLetters;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** When a record was written, in Unix milliseconds. */
const timeOf = (line: string | undefined): number => {
  const [, at] = /"at":"([^"]+)"/.exec(line ?? '') ?? [];
  return at === undefined ? Number.NaN : Date.parse(at);
};

/** Another controller delivers this batch now. */
class NotHeld extends Error {
  override readonly name = 'NotHeld';
}

export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #lastError: string | null = null;
  #isDown = false;
  /** Time of the oldest record that is being delivered; NaN if there is none. */
  #oldest = Number.NaN;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** What is not confirmed is left to the controller that delivers next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#parts.source.stop();
    await this.#running;
    await this.#parts.sink.stop();
  }

  /** Undefined: another controller delivers. */
  async health(): Promise<SinkHealth | undefined> {
    const { name, sink, source, now } = this.#parts;
    const { backlog, isHeld, dropped } = await source.progress();
    if (!isHeld) return undefined;
    const dead = await this.#parts.dead.count(name);
    const lagMs = Number.isNaN(this.#oldest) ? 0 : Math.max(0, now() - this.#oldest);
    const state = this.#isDown ? 'down' : lagMs > BEHIND_MS ? 'behind' : 'ok';
    return { name, kind: sink.kind, state, backlog, lagMs, dead, dropped, lastError: this.#lastError };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const batch = await this.#parts.source.next(this.#parts.batch);
        if (batch !== undefined) await this.#bring(batch);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures += error instanceof NotHeld ? 0 : 1;
        if (failures === 1)
          this.#parts.log.warn({ sink: this.#parts.name }, `records cannot be fetched: ${String(error)}`);
        await this.#pause(spreadWaitMs(this.#parts.patience, Math.max(1, failures), Math.random()));
      }
    }
  }

  async #bring(batch: Batch): Promise<void> {
    const lines = batch.lines.filter(this.#parts.filter);
    this.#oldest = timeOf(lines[0]);
    if (lines.length > 0) await this.#deliver(lines, batch);
    await batch.done();
    this.#oldest = Number.NaN;
  }

  /** Resolves when each line is with the sink, or given up. @throws NotHeld */
  async #deliver(lines: readonly string[], batch: Batch): Promise<void> {
    for (let failures = 0; ; ) {
      if (this.#stopping.signal.aborted || !batch.isHeld()) throw new NotHeld('the batch is left to whoever is next');
      const error = await this.#try(lines);
      if (error === undefined) return;
      failures += 1;
      if (error instanceof SinkRefused && lines.length > 1) return this.#halve(lines, batch);
      const isOver = error instanceof SinkRefused || (failures >= TRIES_AT_LEAST && this.#isTooOld(lines.at(-1)));
      if (isOver && (await this.#giveUp(lines, error.message))) return;
      await this.#pause(this.#waitFor(error, failures));
    }
  }

  /** One bad record must not cost the others of its batch. */
  async #halve(lines: readonly string[], batch: Batch): Promise<void> {
    const middle = Math.ceil(lines.length / 2);
    await this.#deliver(lines.slice(0, middle), batch);
    await this.#deliver(lines.slice(middle), batch);
  }

  async #try(lines: readonly string[]): Promise<Error | undefined> {
    try {
      await this.#parts.sink.send(lines, this.#stopping.signal);
      this.#markUp();
      return undefined;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (!this.#stopping.signal.aborted) this.#markDown(failure);
      return failure;
    }
  }

  #markUp(): void {
    if (this.#isDown) this.#parts.log.info({ sink: this.#parts.name }, 'the sink takes records again');
    this.#isDown = false;
    this.#lastError = null;
  }

  #markDown(error: Error): void {
    this.#lastError = error.message;
    if (error instanceof SinkRefused) return; // it is there, and reads
    if (!this.#isDown) this.#parts.log.error({ sink: this.#parts.name }, `the sink takes no records: ${error.message}`);
    this.#isDown = true;
  }

  #isTooOld(line: string | undefined): boolean {
    return this.#parts.now() - timeOf(line) > this.#parts.giveUpAfterMs;
  }

  async #giveUp(lines: readonly string[], reason: string): Promise<boolean> {
    const { name, dead, now, log } = this.#parts;
    try {
      await dead.add(name, lines, reason, new Date(now()));
    } catch (error) {
      log.error({ sink: name }, `records cannot be given up, and are tried on: ${String(error)}`);
      return false;
    }
    log.error(
      { sink: name, records: lines.length, reason },
      'ALARM: records were given up; `hotline feed dead` shows them',
    );
    return true;
  }

  #waitFor(error: Error, failures: number): number {
    const { patience } = this.#parts;
    const ms = spreadWaitMs(patience, failures, Math.random());
    return error instanceof SinkBusy ? Math.min(Math.max(ms, error.afterMs), patience.mostMs) : ms;
  }

  #pause(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // stopped: the loop ends
  }
}
