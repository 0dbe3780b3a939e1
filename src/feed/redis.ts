/** What the feed has in Redis: how it connects, the names of its keys, and how to stop waiting for an answer. */
import { Redis } from 'ioredis';
import type { Logger } from '../base/log.ts';

/** Longest wait between two attempts to reach Redis, in milliseconds. */
const RETRY_AT_MOST_MS = 2_000;
/** A connection that leaves a command unanswered for so long is taken to be dead, even if TCP still holds it open. */
const SILENCE_MS = 10_000;

/** For commands that must not run twice: a command whose answer is lost counts as failed. */
export const NOT_TWICE = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 } as const;

/** A Redis address that may be logged: without user and password. */
export const withoutCredentials = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/**
 * Connects to Redis, and reconnects for ever. Commands without an answer are sent again after a reconnect. So a record may
 * arrive twice (a reader recognises it by `callId` and `seq`), but none is lost.
 */
export function openRedis(url: string, log: Logger, more: Partial<typeof NOT_TWICE> = {}): Redis {
  const redis = new Redis(url, {
    retryStrategy: (times) => Math.min(times * 100, RETRY_AT_MOST_MS),
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    socketTimeout: SILENCE_MS,
    // A primary that has become a replica refuses writes. Its host name may lead to the new primary by now.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    ...more,
  });
  redis.on('error', (error: Error) => log.warn({ redis: withoutCredentials(url) }, `Redis: ${error.message}`));
  return redis;
}

/** Stream of all records. Field `record` holds the JSON, `n` numbers the entries from 1, without a gap. */
export const RECORD_STREAM = 'hotline:records';
/** Hash: spool → number of the next record, and the id of the last entry. */
export const POSITIONS = 'hotline:feed:positions';
/** Hash: sink → id of the last entry it has confirmed. */
export const DELIVERED = 'hotline:feed:delivered';
/** `n` of the last entry. */
export const APPENDED = 'hotline:feed:appended';
/** Hash: sink → `n` of the last entry it has confirmed. */
export const REACHED = 'hotline:feed:reached';
/** Hash: sink → how many entries the stream dropped before the sink had them, up to where the sink is now. */
export const DROPPED = 'hotline:feed:dropped';
/** Hash: sink → its health, as told by the controller that delivers to it. */
export const SINKS = 'hotline:feed:sinks';
/** Hash: who is to be called back. */
export const MISSED = 'hotline:missed';

export const groupOf = (sink: string): string => `sink:${sink}`;
export const leaseOf = (sink: string): string => `hotline:feed:lease:${sink}`;

/** Waits for an answer of Redis until `signal` aborts. @throws Error when it aborts first. Leaves no listener on the signal. */
export const orStopped = <T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const over = () => signal.removeEventListener('abort', stop);
    awaited.then(resolve, reject).then(over, over);
  });
