/**
 * Records from the stream, for one sink. Each sink has a consumer group, and the holder of its lease reads it. A new holder
 * first takes up, in order, what the holder before it had read and not confirmed; then it reads on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { Batch, Source } from '../deliverer.ts';
import { groupOf, leaseOf, orStopped, RECORD_STREAM } from '../redis.ts';
import { Lease } from './lease.ts';
import { type Numbers, StreamLosses } from './losses.ts';

const WAIT_MS = 1_000;
const NOT_OURS_MS = 250;

const entryShape = z.tuple([z.string(), z.array(z.string()).nullable()]);
const readShape = z.array(z.tuple([z.string(), z.array(entryShape)])).nullable();
const claimShape = z.tuple([z.string(), z.array(entryShape.nullable())]).rest(z.unknown());
const groupsShape = z.array(z.array(z.unknown()));

type Entry = z.infer<typeof entryShape>;

export interface StreamSourceParts {
  /** For commands that are answered at once. */
  readonly redis: Redis;
  /** This source's own, since it waits in commands. It must not repeat one: a second read would skip the first. */
  readonly waiting: Redis;
  readonly sink: string;
  /** Names this controller among the others, for all time. */
  readonly holder: string;
  readonly log: Logger;
}

export class StreamSource implements Source {
  readonly #parts: StreamSourceParts;
  readonly #lease: Lease;
  readonly #losses: StreamLosses;
  /** Where to go on with what a former holder left; undefined: all of it is taken up. */
  #left: string | undefined = '0-0';
  #isReady = false;
  readonly #stopping = new AbortController();

  constructor(parts: StreamSourceParts) {
    this.#parts = parts;
    this.#lease = new Lease(parts.redis, leaseOf(parts.sink), parts.holder);
    this.#losses = new StreamLosses(parts.redis, parts.sink, parts.log);
    this.#lease.start();
  }

  async next(most: number): Promise<Batch | undefined> {
    const { signal } = this.#stopping;
    this.#losses.take(undefined);
    if (signal.aborted) return undefined;
    if (!this.#lease.isHeld) return this.#standBy();
    try {
      if (!this.#isReady) await orStopped(this.#makeGroup(), signal);
      const entries = await orStopped(this.#read(most), signal);
      return entries.length === 0 ? undefined : this.#batch(entries);
    } catch (error) {
      this.#left = '0-0'; // entries that were read, and did not get here, wait under our name
      if (!String(error).includes('NOGROUP')) throw error;
      this.#isReady = false; // Redis has lost what it had
      return undefined;
    }
  }

  /** When this controller gets the lease again, it begins with what is not confirmed, its own among it. */
  async #standBy(): Promise<undefined> {
    this.#left = '0-0';
    await pause(NOT_OURS_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // stopped: nothing more comes
  }

  async progress() {
    const { redis, sink } = this.#parts;
    const isHeld = this.#lease.isHeld;
    const [groups, length, dropped] = await Promise.all([
      redis.call('XINFO', 'GROUPS', RECORD_STREAM).catch(() => []),
      redis.xlen(RECORD_STREAM),
      this.#losses.count(),
    ]);
    const group = groupsShape
      .parse(groups)
      .map(pairs)
      .find(({ name }) => name === groupOf(sink));
    const backlog = Number(group?.lag ?? length) + Number(group?.pending ?? 0);
    if (isHeld) this.#losses.alarm(dropped);
    return { backlog, isHeld, dropped };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#lease.stop();
    this.#parts.waiting.disconnect();
  }

  async #makeGroup(): Promise<void> {
    await this.#losses.begin();
    this.#isReady = true;
  }

  async #read(most: number): Promise<readonly Entry[]> {
    if (this.#left !== undefined) return this.#takeUp(most);
    const { waiting, sink, holder } = this.#parts;
    const answer = await waiting.xreadgroup(
      'GROUP',
      groupOf(sink),
      holder,
      'COUNT',
      most,
      'BLOCK',
      WAIT_MS,
      'STREAMS',
      RECORD_STREAM,
      '>',
    );
    return readShape.parse(answer)?.[0]?.[1] ?? [];
  }

  async #takeUp(most: number): Promise<readonly Entry[]> {
    const { redis, sink, holder } = this.#parts;
    const from = this.#left ?? '0-0';
    const answer = await redis.xautoclaim(RECORD_STREAM, groupOf(sink), holder, 0, from, 'COUNT', most);
    const [next, entries] = claimShape.parse(answer);
    this.#left = next === '0-0' ? undefined : next;
    return entries.filter((entry) => entry !== null);
  }

  #batch(entries: readonly Entry[]): Batch {
    const ids = entries.map(([id]) => id);
    const lines = entries.flatMap((entry) => fieldOf('record', entry) ?? []);
    const numbers = numbersOf(entries);
    const done = async (): Promise<void> => {
      await orStopped(this.#losses.done(ids, numbers), this.#stopping.signal);
    };
    this.#losses.take(numbers);
    return { lines, isHeld: () => this.#lease.isHeld, done };
  }
}

const fieldOf = (name: string, [, fields]: Entry): string | undefined => {
  const at = (fields ?? []).findIndex((each, n) => n % 2 === 0 && each === name);
  return at < 0 ? undefined : fields?.[at + 1];
};

const numbersOf = (entries: readonly Entry[]): Numbers | undefined => {
  const numbers = entries.flatMap((entry) => Number(fieldOf('n', entry) ?? []) || []);
  const [first, last] = [numbers[0], numbers.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last };
};

/** `[key, value, key, value]` as Redis answers → one object. */
const pairs = (flat: readonly unknown[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(flat.flatMap((key, n) => (n % 2 === 0 ? [[String(key), flat[n + 1]]] : [])));
