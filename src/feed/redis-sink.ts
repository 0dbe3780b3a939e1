/**
 * Records to a Redis Stream, field `record` holding the JSON. A record stays in hand until Redis has said that it has
 * it: one that is refused, or lost with a connection, is sent again. Past `KEPT_AT_MOST` the newest are left to the file
 * sink, which has them all.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { RecordSink } from './feed.ts';
import type { CallRecord } from './record.ts';

export const RECORD_STREAM = 'hotline:records';

/** Entries the stream is trimmed to, about. */
const STREAM_LENGTH = 1_000_000;
const KEPT_AT_MOST = 10_000;
/** Sent without waiting for an answer in between. */
const SENT_AT_ONCE = 500;
const RETRY_MS = 500;
/** What is in hand at a stop has so long to get there. */
const STOP_WITHIN_MS = 2_000;

export class RedisSink implements RecordSink {
  readonly #redis: Pick<Redis, 'xadd' | 'disconnect'>;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  /** The oldest first. */
  readonly #inHand: CallRecord[] = [];
  #sending: Promise<void> | undefined;
  #refused = false;

  constructor(redis: Pick<Redis, 'xadd' | 'disconnect'>, log: Logger) {
    this.#redis = redis;
    this.#log = log;
  }

  take(record: CallRecord): void {
    if (this.#inHand.length >= KEPT_AT_MOST) {
      this.#log.error(
        { callId: record.callId, seq: record.seq },
        'Redis is away too long; the record is in the file only',
      );
      return;
    }
    this.#inHand.push(record);
    this.#sending ??= this.#send();
  }

  /** Waits for what is in hand, but not for ever: the file has it too. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#stopped.abort(), STOP_WITHIN_MS);
    const outOfTime = new Promise((resolve) => this.#stopped.signal.addEventListener('abort', resolve));
    await Promise.race([this.#sending, outOfTime]);
    clearTimeout(timer);
    this.#stopped.abort();
    const records = this.#inHand.length;
    if (records > 0) this.#log.error({ records }, `stopped before Redis had ${records} records; they are in the file`);
    this.#redis.disconnect();
  }

  async #send(): Promise<void> {
    const { signal } = this.#stopped;
    while (this.#inHand.length > 0 && !signal.aborted) {
      const sent = this.#inHand.slice(0, SENT_AT_ONCE);
      const answers = await Promise.allSettled(sent.map((record) => this.#append(record)));
      const kept = sent.filter((_, n) => answers[n]?.status === 'rejected');
      this.#inHand.splice(0, sent.length, ...kept);
      if (signal.aborted) break;
      this.#tell(answers);
      if (kept.length > 0) await pause(RETRY_MS, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
    }
    this.#sending = undefined;
  }

  #append(record: CallRecord): Promise<unknown> {
    return this.#redis.xadd(RECORD_STREAM, 'MAXLEN', '~', STREAM_LENGTH, '*', 'record', JSON.stringify(record));
  }

  /** One line when records begin to be refused, one when they are taken again. */
  #tell(answers: readonly PromiseSettledResult<unknown>[]): void {
    const refusal = answers.find((answer) => answer.status === 'rejected');
    if ((refusal !== undefined) === this.#refused) return;
    this.#refused = refusal !== undefined;
    const records = this.#inHand.length;
    if (refusal) this.#log.error({ records }, `not in Redis yet, kept and sent again: ${refusal.reason?.message}`);
    else this.#log.info({}, 'Redis takes records again');
  }
}
