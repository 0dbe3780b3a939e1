/**
 * The fleet by way of Redis. States and texts are always read from keys; messages only say when to read them. No command
 * waits longer than `ANSWER_WITHIN_MS`, so that a Redis that is away never holds a controller up.
 *
 *   hotline:table:live            hash: the deployment state, and the fields it is compared by
 *   hotline:table:revision:REV    an accepted revision: text, prefix list, clock it was checked by
 *   hotline:table:history         list, the newest first
 *   hotline:table:acks            hash: each controller's `seconds JSON`
 *   hotline:table:canary:ORDER    hash: what each controller has counted since that canary began, as JSON
 *   hotline:table:news            channel
 */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { KeptRevision } from '../source/sources.ts';
import { type Tallies, talliesShape } from './canary.ts';
import {
  type DeploymentState,
  deploymentStateShape,
  type HistoryEntry,
  historyShape,
  keptRevisionShape,
  orderOf,
  parseAs,
} from './deployment-state.ts';
import type { Acknowledgement, Fleet, FleetEvents, Member } from './fleet.ts';
import { ACKNOWLEDGE, PROPOSE, RESTORE } from './redis-scripts.ts';

const LIVE = 'hotline:table:live';
const HISTORY = 'hotline:table:history';
const ACKS = 'hotline:table:acks';
const NEWS = 'hotline:table:news';
const canaryKey = (run: string): string => `hotline:table:canary:${run}`;
const revisionKey = (revision: string): string => `hotline:table:revision:${revision}`;

const ANSWER_WITHIN_MS = 1_000;
const START_WITHIN_MS = 1_500;
const RETRY_AT_MOST_MS = 1_000;
/** How long a change waits for the others to have it ready; a table of megabytes takes them a while. */
const READY_WITHIN_MS = 1_500;
const READY_WITHIN_MS_PER_MB = 1_500;
const readyWithinMs = ({ text }: KeptRevision): number =>
  READY_WITHIN_MS + READY_WITHIN_MS_PER_MB * Math.floor(text.length / 1024 / 1024);
const LOOK_EVERY_MS = 2_000;
/** A controller that is silent for so long is not waited for, and later not shown any more. */
const SILENT_AFTER_SECONDS = 7;
const GONE_AFTER_SECONDS = 24 * 3_600;
const HISTORY_LENGTH = 1_000;
/** Every look restores the live revision; the others are kept for rollbacks. */
const REVISION_KEPT_SECONDS = 90 * 24 * 3_600;
const CANARY_KEPT_SECONDS = 7 * 24 * 3_600;

const newsShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('moved') }),
  z.object({ kind: z.literal('offer'), revision: z.string(), by: z.string() }),
  z.object({ kind: z.literal('ready'), revision: z.string(), name: z.string() }),
]);
type News = z.infer<typeof newsShape>;

const ackShape = z.object({
  name: z.string(),
  revision: z.string(),
  counter: z.number(),
  outcome: z.enum(['acknowledged', 'refused']),
  problem: z.string().exactOptional(),
});

const MOVED = JSON.stringify({ kind: 'moved' } satisfies News);

/** Arguments of the scripts for a deployment state, from ARGV[2] on. */
const written = (deployment: DeploymentState): (string | number)[] => {
  const { counter, when, revision, canary } = deployment;
  return [
    orderOf(deployment),
    counter,
    when,
    revision,
    canary?.revision ?? '',
    JSON.stringify(deployment),
    NEWS,
    MOVED,
  ];
};

export interface RedisFleetOptions {
  readonly url: string;
  /** This controller's name. */
  readonly name: string;
  readonly log: Logger;
}

export class RedisFleet implements Fleet {
  readonly #name: string;
  readonly #log: Logger;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  #events: FleetEvents | undefined;
  #looking: NodeJS.Timeout | undefined;
  #isThere = true;
  /** New with each start, so that the counts from before a restart stay. */
  readonly #counter: string;
  /** Our own offers: which controllers have not compiled them yet. */
  readonly #awaited = new Map<string, { names: Set<string>; resolve: () => void }>();

  constructor({ url, name, log }: RedisFleetOptions) {
    this.#name = name;
    this.#log = log;
    this.#counter = `${name} ${randomUUID()}`;
    const options = {
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_WITHIN_MS,
      connectTimeout: START_WITHIN_MS,
      retryStrategy: (times: number) => Math.min(times * 50, RETRY_AT_MOST_MS),
    };
    this.#redis = new Redis(url, { ...options, socketTimeout: 10_000 });
    this.#subscriber = new Redis(url, { ...options, autoResubscribe: false });
    for (const each of [this.#redis, this.#subscriber]) each.on('error', () => this.#found(false)); // told of once
  }

  get isReachable(): boolean {
    return this.#isThere;
  }

  async start(events: FleetEvents): Promise<void> {
    this.#events = events;
    this.#subscriber.on('message', (_channel, text: string) => this.#heard(parseAs(newsShape, text)));
    this.#subscriber.on('ready', () => void this.#listen());
    this.#redis.on('ready', () => events.moved());
    const ready = Promise.all([this.#redis.connect(), this.#subscriber.connect()]).catch(() => undefined);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, START_WITHIN_MS);
    await Promise.race([ready, late]);
    clearTimeout(timer);
    this.#looking = setInterval(() => events.moved(), LOOK_EVERY_MS);
  }

  async deployment(): Promise<DeploymentState | null | undefined> {
    const text = await this.#ask(() => this.#redis.hget(LIVE, 'standing'));
    return text === undefined ? undefined : (parseAs(deploymentStateShape, text) ?? null);
  }

  async offer(kept: KeptRevision): Promise<void> {
    const { revision } = kept;
    await this.keep(kept);
    const members = (await this.members()) ?? [];
    const living = members.filter(({ name, secondsAgo }) => name !== this.#name && secondsAgo < SILENT_AFTER_SECONDS);
    if (living.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited.set(revision, { names: new Set(living.map(({ name }) => name)), resolve });
    const timer = setTimeout(resolve, readyWithinMs(kept));
    await this.#say({ kind: 'offer', revision, by: this.#name });
    await promise;
    clearTimeout(timer);
    this.#awaited.delete(revision);
  }

  async propose(
    base: DeploymentState,
    next: DeploymentState,
    entry: HistoryEntry,
  ): Promise<'won' | 'lost' | 'unreachable'> {
    const more = [JSON.stringify(entry), HISTORY_LENGTH];
    const answer = await this.#ask(() =>
      this.#redis.eval(PROPOSE, 2, LIVE, HISTORY, orderOf(base), ...written(next), ...more),
    );
    if (answer === undefined) return 'unreachable';
    return answer === 1 ? 'won' : 'lost';
  }

  async restore(own: DeploymentState): Promise<void> {
    await this.#ask(() => this.#redis.eval(RESTORE, 1, LIVE, '', ...written(own)));
  }

  /** Called by every look, so the text, which may be long, is sent only if Redis lacks it. */
  async keep(kept: KeptRevision): Promise<void> {
    const key = revisionKey(kept.revision);
    if ((await this.#ask(() => this.#redis.expire(key, REVISION_KEPT_SECONDS))) === 1) return;
    await this.#ask(() => this.#redis.set(key, JSON.stringify(kept), 'EX', REVISION_KEPT_SECONDS));
  }

  async revision(revision: string): Promise<KeptRevision | undefined> {
    return parseAs(keptRevisionShape, await this.#ask(() => this.#redis.get(revisionKey(revision))));
  }

  async acknowledge(ack: Acknowledgement): Promise<void> {
    await this.#ask(() => this.#redis.eval(ACKNOWLEDGE, 1, ACKS, ack.name, JSON.stringify(ack)));
  }

  async members(): Promise<readonly Member[] | undefined> {
    const told = await this.#ask(() => Promise.all([this.#redis.time(), this.#redis.hgetall(ACKS)]));
    if (told === undefined) return undefined;
    const [[now], acks] = told;
    const members = Object.values(acks).flatMap((text): Member[] => {
      const space = text.indexOf(' ');
      const ack = parseAs(ackShape, text.slice(space + 1));
      return ack === undefined ? [] : [{ ...ack, secondsAgo: Math.max(0, Number(now) - Number(text.slice(0, space))) }];
    });
    const gone = members.filter(({ secondsAgo }) => secondsAgo > GONE_AFTER_SECONDS).map(({ name }) => name);
    if (gone.length > 0) await this.#ask(() => this.#redis.hdel(ACKS, ...gone));
    return members.filter(({ name }) => !gone.includes(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Each controller stores its totals, so that a lost or repeated message changes no count. */
  async share(run: string, own: Tallies): Promise<readonly Tallies[] | undefined> {
    const key = canaryKey(run);
    const counts = JSON.stringify(own);
    const told = await this.#ask(() =>
      Promise.all([
        this.#redis.hset(key, this.#counter, counts),
        this.#redis.expire(key, CANARY_KEPT_SECONDS),
        this.#redis.hgetall(key),
      ]),
    );
    if (told === undefined) return undefined;
    const { [this.#counter]: _, ...others } = told[2];
    return Object.values(others).flatMap((text): Tallies[] => {
      const counted = parseAs(talliesShape, text);
      return counted === undefined ? [] : [counted];
    });
  }

  async tell(entry: HistoryEntry): Promise<void> {
    const line = JSON.stringify(entry);
    await this.#ask(() =>
      this.#redis
        .multi()
        .lpush(HISTORY, line)
        .ltrim(HISTORY, 0, HISTORY_LENGTH - 1)
        .exec(),
    );
  }

  async history(atMost: number): Promise<readonly HistoryEntry[] | undefined> {
    const lines = await this.#ask(() => this.#redis.lrange(HISTORY, 0, atMost - 1));
    return lines?.flatMap((line) => parseAs(historyShape, line) ?? []);
  }

  async stop(): Promise<void> {
    clearInterval(this.#looking);
    await this.#ask(() => this.#redis.hdel(ACKS, this.#name)); // a controller that stopped is not missing
    this.#redis.disconnect();
    this.#subscriber.disconnect();
  }

  async #listen(): Promise<void> {
    if ((await this.#ask(() => this.#subscriber.subscribe(NEWS))) !== undefined) this.#events?.moved();
  }

  #heard(news: News | undefined): void {
    if (news?.kind === 'moved') this.#events?.moved();
    if (news?.kind === 'offer' && news.by !== this.#name) void this.#makeReady(news.revision);
    if (news?.kind === 'ready') {
      const awaited = this.#awaited.get(news.revision);
      awaited?.names.delete(news.name);
      if (awaited?.names.size === 0) awaited.resolve();
    }
  }

  async #makeReady(revision: string): Promise<void> {
    await this.#events?.prepare(revision);
    await this.#say({ kind: 'ready', revision, name: this.#name });
  }

  async #say(news: News): Promise<void> {
    await this.#ask(() => this.#redis.publish(NEWS, JSON.stringify(news)));
  }

  /** Undefined where Redis does not answer. */
  async #ask<T>(command: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await command();
      this.#found(true);
      return answer;
    } catch (error) {
      this.#log.debug({ reason: String(error) }, 'Redis does not answer');
      this.#found(false);
      return undefined;
    }
  }

  /** One line when Redis goes, one when it is back. */
  #found(isThere: boolean): void {
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    if (isThere) this.#log.info({}, 'the fleet can be reached again');
    else this.#log.warn({}, 'Redis is away: the table stays as it is, a change here is told to the fleet later');
  }
}
