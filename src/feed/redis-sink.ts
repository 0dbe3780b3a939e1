/**
 * Records to a Redis Stream, field `record` holding the JSON. While Redis is away ioredis keeps the appends in order
 * and sends them when it is back; past `KEPT_AT_MOST` the newest are left to the file sink, which has them all.
 */
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import type { RecordSink } from './feed.ts';
import type { CallRecord } from './record.ts';

export const RECORD_STREAM = 'hotline:records';

/** Entries the stream is trimmed to, about. */
const STREAM_LENGTH = 1_000_000;
const KEPT_AT_MOST = 10_000;

export class RedisSink implements RecordSink {
  readonly #redis: Redis;
  readonly #log: Logger;
  #inFlight = 0;

  constructor(redis: Redis, log: Logger) {
    this.#redis = redis;
    this.#log = log;
  }

  take(record: CallRecord): void {
    if (this.#inFlight >= KEPT_AT_MOST) {
      this.#log.error(
        { callId: record.callId, seq: record.seq },
        'Redis is away too long; the record is in the file only',
      );
      return;
    }
    this.#inFlight += 1;
    this.#redis
      .xadd(RECORD_STREAM, 'MAXLEN', '~', STREAM_LENGTH, '*', 'record', JSON.stringify(record))
      .catch((error: Error) =>
        this.#log.error({ callId: record.callId, seq: record.seq }, `not in Redis: ${error.message}`),
      )
      .finally(() => {
        this.#inFlight -= 1;
      });
  }

  async stop(): Promise<void> {
    this.#redis.disconnect();
  }
}
