/** Records to a stream of somebody's own Redis, field `record`: a batch whole or not at all. */
import { Redis } from 'ioredis';
import { z } from 'zod';
import { type Sink, sinkKind } from './sink.ts';

export interface StreamSinkOptions {
  readonly url: string;
  readonly stream: string;
  /** About so many entries are kept. */
  readonly length: number;
}

/** An answer that takes longer counts as a failure, and the batch is tried again. */
const MOST_MS = { answer: 5_000, retry: 2_000 } as const;

export class StreamSink implements Sink {
  readonly kind = 'redis';
  readonly #options: StreamSinkOptions;
  readonly #redis: Redis;
  /** Why it is not connected. The error of a command says only that it is not. */
  #trouble = 'not connected yet';

  constructor(options: StreamSinkOptions) {
    this.#options = options;
    this.#redis = new Redis(options.url, {
      retryStrategy: (times) => Math.min(times * 100, MOST_MS.retry),
      maxRetriesPerRequest: 1,
      commandTimeout: MOST_MS.answer,
      autoResendUnfulfilledCommands: false,
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    });
    this.#redis.on('error', (error: Error) => {
      this.#trouble = error.message;
    });
  }

  async send(lines: readonly string[]): Promise<void> {
    const { stream, length } = this.#options;
    const all = this.#redis.multi();
    for (const line of lines) all.xadd(stream, 'MAXLEN', '~', length, '*', 'record', line);
    const answers = await all.exec().catch((error: unknown) => {
      throw String(error).includes('MaxRetriesPerRequest') ? new Error(this.#trouble) : error;
    });
    const failed = answers?.find(([error]) => error !== null);
    if (answers === null || failed) throw failed?.[0] ?? new Error('the transaction was dropped');
  }

  async stop(): Promise<void> {
    this.#redis.disconnect();
  }
}

export const redis = sinkKind(
  'redis',
  {
    url: z.url({ protocol: /^rediss?$/, error: 'an address like redis://127.0.0.1:6379 is asked for' }),
    stream: z.string().min(1),
    length: z.int().min(1).default(1_000_000),
  },
  (settings) => new StreamSink(settings),
);
