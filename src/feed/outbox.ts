/** The way of a record through spool and stream to the sinks: joins these parts, and tells their health. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { orUnwritable, writeWhole } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { CallRecord } from '../records/record.ts';
import { DeadLetters } from './dead-letters.ts';
import type { Source } from './deliverer.ts';
import { Deliverer } from './deliverer.ts';
import type { RecordSink } from './feed.ts';
import type { FeedHealth } from './health.ts';
import { shareHealth } from './health.ts';
import { NOT_TWICE, openRedis, POSITIONS } from './redis.ts';
import { makeSink, type SinkSettings } from './sinks/registry.ts';
import { filterOf } from './sinks/sink.ts';
import { type Owned, ownSpool } from './spool/owner.ts';
import { Positions, SpoolSource } from './spool/source.ts';
import { Spool } from './spool/spool.ts';
import { Shipper } from './stream/shipper.ts';
import { StreamSource } from './stream/source.ts';

const LOOK_EVERY_MS = 1_000;
/** A stop waits so long for records to be delivered. They are on disk in any case. */
const STOP_WITHIN_MS = 2_000;

export interface OutboxOptions {
  readonly dir: string;
  readonly limitBytes: number;
  readonly sinks: readonly SinkSettings[];
  /** Without it the sinks are served from the spool. */
  readonly redis: string | undefined;
  readonly streamLength: number;
  /** This controller's, among those that share the Redis. */
  readonly name: string;
  readonly log: Logger;
}

/** File in the spool's folder with the health of the feed, for commands. */
export const STATUS_FILE = 'status.json';

export class Outbox implements RecordSink {
  readonly #options: OutboxOptions;
  readonly #owned: Owned;
  readonly #spool: Spool;
  readonly #redis: Redis | undefined;
  readonly #shipper: Shipper | undefined;
  readonly #positions: Positions | undefined;
  readonly #deliverers: readonly Deliverer[];
  readonly #stopping = new AbortController();
  readonly #looking: Promise<void>;
  #health: FeedHealth;

  private constructor(
    options: OutboxOptions,
    owned: Owned,
    spool: Spool,
    id: string,
    positions: Positions | undefined,
  ) {
    this.#options = options;
    this.#owned = owned;
    this.#spool = spool;
    this.#positions = positions;
    const { redis: url, log, sinks, streamLength } = options;
    this.#redis = url === undefined ? undefined : openRedis(url, log);
    const names = sinks.map(({ name }) => name);
    this.#shipper = this.#redis && new Shipper({ redis: this.#redis, spool, id, sinks: names, streamLength, log });
    this.#deliverers = sinks.map((sink) => this.#deliverer(sink));
    this.#health = { sinks: [], spool: spool.health, redis: url === undefined ? null : false };
    this.#shipper?.start();
    for (const each of this.#deliverers) each.start();
    this.#looking = this.#look();
  }

  /** @throws FileUnwritable when the spool's folder cannot be had. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    const { dir, limitBytes, sinks, redis, log } = options;
    const owned = await ownSpool(dir);
    const spool = await orUnwritable(dir, Spool.open({ dir, limitBytes, log }));
    const { id, former } = await spoolId(dir, spool.isFresh);
    const names = sinks.map(({ name }) => name);
    const positions = redis === undefined ? await Positions.open(dir, spool, names, log) : undefined;
    const outbox = new Outbox(options, owned, spool, id, positions);
    outbox.#forget(former);
    return outbox;
  }

  /** As it stood within the last second. */
  get health(): FeedHealth {
    return { ...this.#health, spool: this.#spool.health };
  }

  take(record: CallRecord): void {
    this.#spool.append(JSON.stringify(record));
  }

  async stop(): Promise<void> {
    const until = performance.now() + STOP_WITHIN_MS;
    const mayEmpty = () => this.#redis === undefined || this.#redis.status === 'ready';
    while (this.#unconfirmed > 0 && mayEmpty() && performance.now() < until) await pause(20);
    this.#stopping.abort();
    await Promise.all([this.#shipper?.stop(), ...this.#deliverers.map((each) => each.stop())]);
    await this.#looking;
    await this.#positions?.keep();
    await this.#spool.stop();
    this.#redis?.disconnect();
    await this.#owned.release();
  }

  get #unconfirmed(): number {
    return this.#spool.backlog(this.#spool.confirmed);
  }

  #deliverer(options: SinkSettings): Deliverer {
    const { dir, log } = this.#options;
    const { name, batch, retry, giveUpHours } = options;
    return new Deliverer({
      name,
      source: this.#sourceFor(name),
      sink: makeSink(options),
      filter: filterOf(options),
      batch,
      patience: { firstMs: retry.firstSeconds * 1000, mostMs: retry.mostSeconds * 1000 },
      giveUpAfterMs: giveUpHours * 3_600_000,
      dead: new DeadLetters(dir),
      now: Date.now,
      log,
    });
  }

  #sourceFor(sink: string): Source {
    const { redis: url, name, log } = this.#options;
    if (this.#redis === undefined || url === undefined)
      return new SpoolSource(this.#spool, this.#positions as Positions, sink);
    const waiting = openRedis(url, log, NOT_TWICE);
    return new StreamSource({ redis: this.#redis, waiting, sink, holder: `${name}:${randomUUID()}`, log });
  }

  /** The position of a spool that no longer exists is of no use. */
  #forget(former: string | undefined): void {
    if (former !== undefined) this.#redis?.hdel(POSITIONS, former).catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#health = {
        sinks: await shareHealth(
          this.#options.sinks,
          this.#deliverers,
          this.#redis,
          this.#health.sinks,
          this.#unconfirmed,
        ),
        spool: this.#spool.health,
        redis: this.#redis === undefined ? null : this.#redis.status === 'ready',
      };
      await this.#writeStatus();
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
    }
  }

  async #writeStatus(): Promise<void> {
    const file = join(this.#options.dir, STATUS_FILE);
    const text = JSON.stringify({ at: new Date().toISOString(), ...this.#health });
    try {
      await writeWhole(file, text, { soleWriter: true });
    } catch {
      // the disk is full, and the spool has logged it
    }
  }
}

/** The id of the spool in Redis. It stays the same as long as the spool has records. */
async function spoolId(dir: string, isFresh: boolean): Promise<{ id: string; former?: string }> {
  const file = join(dir, 'id');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known !== '' && !isFresh) return { id: known };
  const id = randomUUID();
  await writeFile(file, `${id}\n`).catch(() => undefined); // a full disk: what is left is sent once more after a restart
  return known === '' ? { id } : { id, former: known };
}
