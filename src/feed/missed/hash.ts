/** The list of callers to call back as controllers share it: a hash in Redis, with a field for each case. */
import type { Redis } from 'ioredis';
import { MISSED } from '../redis.ts';
import { caseShape, isOver, join, keyOf, type MissedCase } from './missed.ts';

/** KEYS hash · ARGV field, what it held, what it is to hold: '' for nothing → 1: done, 0: somebody was quicker. */
const PUT = `
local held = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if held ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
`;
const TRIES = 20;

const readCase = (text: string | null | undefined): MissedCase | undefined => {
  try {
    return caseShape.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
};

export class MissedHash {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  get isThere(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Changes one case, even if others change it at the same time. @returns what it is now. */
  async change(
    key: string,
    to: (before: MissedCase | undefined) => MissedCase | undefined,
  ): Promise<MissedCase | undefined> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const held = await this.#redis.hget(MISSED, key);
      const after = to(readCase(held));
      const text = after === undefined ? '' : JSON.stringify(after);
      if (text === (held ?? '')) return after;
      if ((await this.#redis.eval(PUT, 1, MISSED, key, held ?? '', text)) === 1) return after;
    }
    throw new Error(`${TRIES} others were quicker`);
  }

  /** Joins our view with that in Redis, and writes it there. Cases that are over are forgotten. @returns the joined view. */
  async join(own: ReadonlyMap<string, MissedCase>, since: Date): Promise<Map<string, MissedCase>> {
    const all = new Map<string, MissedCase>();
    for (const [key, text] of Object.entries(await this.#redis.hgetall(MISSED))) {
      const held = readCase(text);
      if (held !== undefined && !isOver(held, since)) all.set(key, held);
      else await this.change(key, (now) => (now === undefined || isOver(now, since) ? undefined : now));
    }
    for (const mine of own.values()) {
      const key = keyOf(mine);
      const held = all.get(key);
      const joined = held === undefined ? mine : join(held, mine);
      if (isOver(joined, since) || (held !== undefined && JSON.stringify(held) === JSON.stringify(joined))) continue;
      all.set(key, (await this.change(key, (now) => (now === undefined ? mine : join(now, mine)))) ?? joined);
    }
    return all;
  }
}
