/** How the sinks stand, told among the controllers: whoever delivers to one says so, the others read it. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Deliverer } from './deliverer.ts';
import type { SinkHealth } from './health.ts';
import { SINKS } from './redis-keys.ts';
import type { SinkOptions } from './sinks.ts';

const ANSWER_WITHIN_MS = 1_000;
/** Whoever has not told for so long does not deliver. */
const SILENT_AFTER_MS = 10_000;

const toldShape = z.object({
  at: z.number(),
  health: z.object({
    name: z.string(),
    kind: z.enum(['http', 'file', 'redis']),
    state: z.enum(['ok', 'behind', 'down']),
    backlog: z.number(),
    lagMs: z.number(),
    dead: z.number(),
    lastError: z.string().nullable(),
  }),
});

const orNothing = <T>(asked: Promise<T>): Promise<T | undefined> => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
  return Promise.race([asked.catch(() => undefined), promise]).finally(() => clearTimeout(timer));
};

const toldBy = async (redis: Redis): Promise<Readonly<Record<string, string>>> =>
  (await orNothing(redis.hgetall(SINKS))) ?? {};

const readTold = (text: string | undefined): SinkHealth | undefined => {
  try {
    const { at, health } = toldShape.parse(JSON.parse(text ?? ''));
    return Date.now() - at < SILENT_AFTER_MS ? health : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Each sink's health: our own where we deliver, and then the others are told; theirs where they do.
 *
 * @param before what was known a second ago. @param unconfirmed records of ours that some sink lacks.
 */
export async function shareHealth(
  sinks: readonly SinkOptions[],
  deliverers: readonly Deliverer[],
  redis: Redis | undefined,
  before: readonly SinkHealth[],
  unconfirmed: number,
): Promise<readonly SinkHealth[]> {
  const isAway = redis !== undefined && redis.status !== 'ready';
  if (isAway) return sinks.map((sink) => away(sink, before, unconfirmed));
  const own = await Promise.all(deliverers.map((each) => orNothing(each.health())));
  if (redis === undefined) return own.flatMap((each) => each ?? []);
  const mine = own.flatMap((health) => (health ? [health.name, JSON.stringify({ at: Date.now(), health })] : []));
  if (mine.length > 0) await orNothing(redis.hset(SINKS, ...mine));
  const told = own.includes(undefined) ? await toldBy(redis) : {};
  return sinks.map((sink, n) => own[n] ?? readTold(told[sink.name]) ?? nobody(sink, unconfirmed));
}

const nobody = ({ name, kind }: SinkOptions, backlog: number): SinkHealth => ({
  name,
  kind,
  state: 'down',
  backlog,
  lagMs: 0,
  dead: 0,
  lastError: 'no controller delivers to it at the moment',
});

const away = (sink: SinkOptions, before: readonly SinkHealth[], backlog: number): SinkHealth => ({
  ...nobody(sink, backlog),
  dead: before.find(({ name }) => name === sink.name)?.dead ?? 0,
  lastError: 'Redis cannot be reached',
});
