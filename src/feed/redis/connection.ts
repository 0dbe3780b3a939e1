/** The connection that records travel on. */
import { Redis } from 'ioredis';
import type { Logger } from '../../base/log.ts';

/** Longest wait between two attempts to reach Redis, in milliseconds. */
const RETRY_AT_MOST_MS = 2_000;
/** A connection that leaves a command unanswered for so long is dead, whatever TCP thinks of it. */
const SILENCE_MS = 10_000;

/** For commands that must not be done twice: one whose answer is lost has failed. */
export const NOT_TWICE = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 } as const;

/** For a log: where it is, and nothing of who we are there. */
export const withoutCredentials = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/**
 * Tries for ever to reach Redis, and again when it is gone. What was sent and not answered is sent again once it is
 * back: a record may come twice, and is told by its `callId` and `seq`; it does not get lost.
 */
export function openRedis(url: string, log: Logger, more: Partial<typeof NOT_TWICE> = {}): Redis {
  const redis = new Redis(url, {
    retryStrategy: (times) => Math.min(times * 100, RETRY_AT_MOST_MS),
    maxRetriesPerRequest: null,
    autoResendUnfulfilledCommands: true,
    socketTimeout: SILENCE_MS,
    // A primary that became a replica takes nothing any more; its name may lead to the new primary by now.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    ...more,
  });
  redis.on('error', (error: Error) => log.warn({ redis: withoutCredentials(url) }, `Redis: ${error.message}`));
  return redis;
}
