/**
 * The health of the feed: each sink, the spool on disk, the link to Redis. Controllers tell each other by way of Redis: the
 * one that delivers to a sink writes its health there, the others read it.
 */

import type { Redis } from 'ioredis';
import { z } from 'zod';
import { SINKS } from './redis.ts';
import type { SinkSettings } from './sinks/registry.ts';

export interface SinkHealth {
  readonly name: string;
  /** As in the settings of whoever delivers to it, which may be another version. */
  readonly kind: string;
  /** `behind`: it takes records, but the oldest it lacks is old. `down`: the last attempt failed, or nobody delivers. */
  readonly state: 'ok' | 'behind' | 'down';
  /** Records it has not confirmed yet. */
  readonly backlog: number;
  /** Age of the oldest record it has not confirmed; 0 when it has all. */
  readonly lagMs: number;
  /** Records given up after the set time, waiting for `hotline feed dead --retry`. */
  readonly dead: number;
  /** Records that the stream dropped before the sink had them, ever. Repeats among them count as well. */
  readonly dropped: number;
  /** Of the last attempt; null when that went well. */
  readonly lastError: string | null;
}

export interface FeedHealth {
  readonly sinks: readonly SinkHealth[];
  readonly spool: {
    readonly bytes: number;
    readonly limitBytes: number;
    /** Records since the start for which neither disk nor memory had room. They are not in the feed. */
    readonly lost: number;
    /** `empty`: all is delivered · `draining`: records wait, room enough · `filling`: four fifths full, or the disk takes nothing and memory fills · `full`: records are being lost. */
    readonly state: 'empty' | 'draining' | 'filling' | 'full';
  };
  /** null: none is configured. */
  readonly redis: boolean | null;
}

const ANSWER_WITHIN_MS = 1_000;
/** A controller that has written nothing for so long does not deliver. */
const SILENT_AFTER_MS = 10_000;

const toldShape = z.object({
  at: z.number(),
  health: z.object({
    name: z.string(),
    kind: z.string(),
    state: z.enum(['ok', 'behind', 'down']),
    backlog: z.number(),
    lagMs: z.number(),
    dead: z.number(),
    dropped: z.number().default(0), // older controllers do not count them
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

const readAs = <T>(shape: z.ZodType<T>, text: string | undefined): T | undefined => {
  try {
    return shape.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
};

/** A sink that nobody has told of for so long is not delivered to any more, by any controller. */
const GONE_AFTER_MS = 3_600_000;
const timesShape = z.object({ at: z.number() });

/**
 * Sinks that some controller delivers to. It may be one of another version, with kinds of sinks that are not known here.
 *
 * @param told the hash {@link SINKS}. @param now Unix milliseconds.
 */
export const servedSinks = (told: Readonly<Record<string, string>>, now: number): readonly string[] =>
  Object.keys(told).filter((name) => {
    const last = readAs(timesShape, told[name]);
    return last !== undefined && now - last.at < GONE_AFTER_MS;
  });

/**
 * Each sink's health: where we deliver, as we see it, and the others are told; where another does, as it told us.
 *
 * @param before what was known a second ago. @param unconfirmed records of our spool that some sink lacks.
 */
export async function shareHealth(
  sinks: readonly SinkSettings[],
  deliverers: readonly { health(): Promise<SinkHealth | undefined> }[],
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
  return sinks.map((sink, n) => {
    const last = readAs(toldShape, told[sink.name]);
    const isNew = last !== undefined && Date.now() - last.at < SILENT_AFTER_MS;
    if (own[n] || isNew) return own[n] ?? last?.health ?? nobody(sink, unconfirmed);
    return { ...nobody(sink, unconfirmed), dropped: last?.health.dropped ?? droppedBefore(sink, before) };
  });
}

/** Keeps a counter from falling while nobody counts. */
const droppedBefore = ({ name }: SinkSettings, before: readonly SinkHealth[]): number =>
  before.find((each) => each.name === name)?.dropped ?? 0;

const nobody = ({ name, kind }: SinkSettings, backlog: number): SinkHealth => ({
  name,
  kind,
  state: 'down',
  backlog,
  lagMs: 0,
  dead: 0,
  dropped: 0,
  lastError: 'no controller delivers to it at the moment',
});

const away = (sink: SinkSettings, before: readonly SinkHealth[], backlog: number): SinkHealth => ({
  ...nobody(sink, backlog),
  dead: before.find(({ name }) => name === sink.name)?.dead ?? 0,
  dropped: droppedBefore(sink, before),
  lastError: 'Redis cannot be reached',
});
