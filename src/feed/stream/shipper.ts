/**
 * Spool → stream, by one writer, in order. How far Redis has come is asked of Redis, and never remembered: see {@link APPEND}.
 * Records that every sink has confirmed are taken off the spool.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import { servedSinks } from '../health.ts';
import { APPENDED, DELIVERED, orStopped, POSITIONS, RECORD_STREAM, SINKS } from '../redis.ts';
import { SegmentReader } from '../spool/segment.ts';
import type { Spool } from '../spool/spool.ts';
import { APPEND } from './redis-scripts.ts';

/** Records per command: enough to drain an hour's backlog in seconds, and too few to hold Redis up. */
const BATCH = 500;
const LOOK_EVERY_MS = 500;
const RETRY_MS = 500;

const appendAnswer = z.union([z.tuple([z.literal(1), z.string()]), z.tuple([z.literal(0), z.string(), z.string()])]);

/** Id of a stream entry, `1760000000000-3`: Unix milliseconds, and a number within them. */
const partsOf = (id: string): readonly [ms: number, n: number] => {
  const [ms = '0', n = '0'] = id.split('-');
  return [Number(ms), Number(n)];
};

/** Whether entry `id` comes before `other`. Without an `other` it does not. */
const isBehind = (id: string, other = '0-0'): boolean => {
  const [[ms, n], [otherMs, otherN]] = [partsOf(id), partsOf(other)];
  return ms < otherMs || (ms === otherMs && n < otherN);
};

export interface ShipperParts {
  readonly redis: Pick<Redis, 'eval' | 'hget' | 'hgetall'>;
  readonly spool: Spool;
  /** Names the spool in Redis. */
  readonly id: string;
  /** Sinks of the settings. */
  readonly sinks: readonly string[];
  /** About so many entries are kept in the stream. */
  readonly streamLength: number;
  readonly log: Logger;
}

export class Shipper {
  readonly #parts: ShipperParts;
  readonly #stopping = new AbortController();
  readonly #reader = new SegmentReader();
  /** Number of the next record that Redis lacks. */
  #at: number;
  /** Batches in the stream that are not confirmed yet: some sink has not come past `id`. */
  #marks: { readonly next: number; readonly id: string }[] = [];
  /** Sinks that have to confirm a record: ours, and those that other controllers deliver to. None: Redis having it is enough. */
  #sinks: readonly string[];
  #isRefused = false;
  /** Nothing of this spool was ever in Redis, so it rightly knows nothing of it. */
  #isNew: boolean;
  #running: Promise<void> | undefined;

  constructor(parts: ShipperParts) {
    this.#parts = parts;
    this.#sinks = parts.sinks;
    this.#at = parts.spool.confirmed;
    this.#isNew = parts.spool.backlog(this.#at) === 0;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Records that are not in Redis yet stay in the spool. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let lookedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        if (performance.now() - lookedAt >= LOOK_EVERY_MS) {
          await orStopped(this.#look(), signal);
          lookedAt = performance.now();
        }
        await this.#ship();
        this.#tell(undefined);
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(error);
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
      }
    }
  }

  async #ship(): Promise<void> {
    const { spool } = this.#parts;
    const { lines, next } = await spool.read(this.#at, BATCH, this.#reader);
    if (lines.length === 0) return spool.more(this.#at, LOOK_EVERY_MS, this.#stopping.signal);
    await this.#append(lines, next, false);
  }

  async #append(lines: readonly string[], next: number, anew: boolean): Promise<void> {
    const { redis, id, streamLength } = this.#parts;
    const numbers = [id, this.#at, next, streamLength, anew ? '1' : '0'];
    const sent = redis.eval(APPEND, 3, RECORD_STREAM, POSITIONS, APPENDED, ...numbers, ...lines);
    const [done, at, last] = appendAnswer.parse(await orStopped(sent, this.#stopping.signal));
    if (done === 0) return this.#resume(at, last ?? '');
    this.#at = next;
    this.#isNew = false;
    this.#marks.push({ next, id: at });
    if (this.#sinks.length === 0) this.#parts.spool.confirm(next);
  }

  /** Goes on from where Redis says. If Redis knows nothing of this spool, from the first record that is not confirmed. */
  async #resume(known: string, id: string): Promise<void> {
    const { spool, log } = this.#parts;
    const at = known === '' ? Number.NaN : Number(known);
    const isOurs = at >= spool.confirmed && at <= spool.end;
    this.#marks = isOurs ? [{ next: at, id }] : [];
    if (isOurs) {
      this.#at = at;
      return;
    }
    this.#at = spool.confirmed;
    const records = spool.backlog(this.#at);
    if (records > 0 && !this.#isNew)
      log.warn({ records }, 'Redis does not know how far it came with us: everything unconfirmed is sent again');
    const { lines, next } = await spool.read(this.#at, BATCH, this.#reader);
    if (lines.length > 0) await this.#append(lines, next, true);
  }

  /** Looks what sinks have confirmed meanwhile, and whether Redis still has what it had. */
  async #look(): Promise<void> {
    const { redis, id, sinks, spool } = this.#parts;
    const asked = [redis.hget(POSITIONS, id), redis.hgetall(DELIVERED), redis.hgetall(SINKS)] as const;
    const [position, delivered, told] = await Promise.all(asked);
    this.#sinks = [...new Set([...sinks, ...servedSinks(told, Date.now())])];
    const [at = '', last = ''] = position?.split(' ') ?? [];
    if (at !== String(this.#at)) return this.#resume(at, last);
    const least = this.#sinks.map((sink) => delivered[sink]);
    while (
      this.#marks[0] !== undefined &&
      least.every((each) => each !== undefined && !isBehind(each, this.#marks[0]?.id))
    )
      spool.confirm(this.#marks.shift()?.next ?? 0);
  }

  /** Logs one line when records begin to be refused, and one when they are taken again. */
  #tell(error: unknown): void {
    if ((error !== undefined) === this.#isRefused) return;
    this.#isRefused = error !== undefined;
    if (error === undefined) this.#parts.log.info({}, 'Redis takes records again');
    else this.#parts.log.error({}, `records are not taken by Redis and wait in the spool: ${String(error)}`);
  }
}
