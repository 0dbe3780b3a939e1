/**
 * Records by HTTP POST, many in one: `{"records":[…]}`. The receiver tells who sent it by the signature, and a second
 * delivery of the same batch by its key. Connections are kept open; redirects are not followed.
 */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { type Sink, SinkBusy, SinkRefused, seconds, sinkKind } from './sink.ts';

export interface HttpSinkOptions {
  readonly url: string;
  readonly secret: string;
  readonly timeoutSeconds: number;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** The batch is at fault, and not the network or the sink: sending it again is of no use. */
const REFUSED: readonly number[] = [400, 413, 415, 422];
/** A longer answer is cut off, with its connection. */
const ANSWER_BYTES = 64 * 1024;

/** `v1=` and the HMAC-SHA256, in hex, of the timestamp (Unix seconds), a full stop and the body. */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

const retryAfterMs = (response: Response): number | undefined => {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
};

/** Reads an answer to its end, so that the connection can be used again; one that never ends is cut off. */
const readAway = async ({ body }: Response): Promise<void> => {
  let bytes = 0;
  for await (const piece of body ?? []) {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES) break; // which closes the connection
  }
};

/** `fetch` itself only says "fetch failed". The reason is in the cause. */
const causeOf = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error(String(error));
  const { cause } = error;
  return cause instanceof Error ? new Error(cause.message || (cause as NodeJS.ErrnoException).code) : error;
};

export class HttpSink implements Sink {
  readonly kind = 'http';
  readonly #options: HttpSinkOptions;

  constructor(options: HttpSinkOptions) {
    this.#options = options;
  }

  async send(lines: readonly string[], signal: AbortSignal): Promise<void> {
    const { secret, timeoutSeconds, now = Date.now } = this.#options;
    const body = `{"records":[${lines.join(',')}]}`;
    const timestamp = String(Math.floor(now() / 1000));
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': createHash('sha256').update(body).digest('hex'),
      'x-hotline-timestamp': timestamp,
      'x-hotline-signature': signatureOf(secret, timestamp, body),
      'user-agent': 'hotline-feed',
    };
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    this.#check(await this.#post({ method: 'POST', headers, body, redirect: 'manual', signal: until }));
  }

  async stop(): Promise<void> {
    // connections that are kept open close by themselves when nothing is sent
  }

  async #post(request: RequestInit): Promise<Response> {
    try {
      const response = await fetch(this.#options.url, request);
      await readAway(response);
      return response;
    } catch (error) {
      throw causeOf(error);
    }
  }

  #check(response: Response): void {
    if (response.ok) return;
    const said = `HTTP ${response.status}`;
    if (REFUSED.includes(response.status)) throw new SinkRefused(said);
    const afterMs = retryAfterMs(response);
    throw afterMs === undefined ? new Error(said) : new SinkBusy(said, afterMs);
  }
}

export const http = sinkKind(
  'http',
  {
    url: z.url({ protocol: /^https?$/, error: 'an address like https://platform.example/records is asked for' }),
    secret: z.string().min(16, 'at least 16 characters are asked for'),
    timeoutSeconds: seconds.default(10),
  },
  (settings) => new HttpSink(settings),
);
