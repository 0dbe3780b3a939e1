/** The connection that records travel on. */
import { Redis } from 'ioredis';
import type { Logger } from '../log.ts';

/** For a log: where it is, and nothing of who we are there. */
export const withoutCredentials = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/** Tries for ever to reach Redis, and again when it is gone. */
export function openRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: (times) => Math.min(times * 100, 2_000) });
  redis.on('error', (error: Error) => log.warn({ redis: withoutCredentials(url) }, `Redis: ${error.message}`));
  return redis;
}
