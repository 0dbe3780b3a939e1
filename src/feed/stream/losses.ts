/**
 * Counts what a sink has lost because it was behind by more than the stream holds: then the stream drops its oldest entries.
 * Entries are numbered without a gap, so the gap in what a sink gets is the loss, exactly. Before the sink reads on, the loss
 * is worked out from its position and the oldest entry of the stream.
 */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import { APPENDED, DELIVERED, DROPPED, groupOf, REACHED, RECORD_STREAM } from '../redis.ts';
import { BEGIN, DONE, LOSSES } from './redis-scripts.ts';

/** Numbers of the first and last entry of a batch. */
export interface Numbers {
  readonly first: number;
  readonly last: number;
}

const TELL_EVERY_MS = 60_000;

const lossesShape = z.tuple([z.number(), z.number(), z.number()]);

export class StreamLosses {
  readonly #redis: Redis;
  readonly #sink: string;
  readonly #log: Logger;
  /** The batch being delivered. It has been read, whatever the stream drops. */
  #inHand: Numbers | undefined;
  /** Of the last alarm. */
  #told = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, sink: string, log: Logger) {
    this.#redis = redis;
    this.#sink = sink;
    this.#log = log;
  }

  /** Makes the consumer group of the sink, and its position, if they are not there. */
  async begin(): Promise<void> {
    await this.#redis.eval(BEGIN, 3, RECORD_STREAM, APPENDED, REACHED, groupOf(this.#sink), this.#sink);
  }

  take(numbers: Numbers | undefined): void {
    this.#inHand = numbers;
  }

  /** The sink has these entries. */
  async done(ids: readonly string[], numbers: Numbers | undefined): Promise<void> {
    const { first = '', last = '' } = numbers ?? {};
    const keys = [RECORD_STREAM, DELIVERED, REACHED, DROPPED] as const;
    await this.#redis.eval(DONE, keys.length, ...keys, groupOf(this.#sink), this.#sink, first, last, ...ids);
  }

  /** Entries lost to the sink so far, for all time. */
  async count(): Promise<number> {
    const keys = [RECORD_STREAM, APPENDED, REACHED, DROPPED] as const;
    const hand = this.#inHand;
    const [counted, reached, oldest] = lossesShape.parse(
      await this.#redis.eval(LOSSES, keys.length, ...keys, this.#sink),
    );
    if (hand === undefined) return counted + Math.max(0, oldest - 1 - reached);
    return counted + Math.max(0, hand.first - 1 - reached) + Math.max(0, oldest - 1 - hand.last);
  }

  /** Logs an alarm when more are lost, but not every second while it lasts. */
  alarm(dropped: number): void {
    this.#told = Math.min(this.#told, dropped); // Redis may have lost the count
    if (dropped === this.#told || performance.now() - this.#toldAt < TELL_EVERY_MS) return;
    this.#toldAt = performance.now();
    this.#told = dropped;
    this.#log.error(
      { sink: this.#sink, dropped },
      'ALARM: the sink is too far behind, and the stream has dropped records it lacks; `hotline feed replay` brings them',
    );
  }
}
