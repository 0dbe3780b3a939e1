/** The feed of a service, put together from its settings. */

import type { Logger } from '../base/log.ts';
import { Feed, type RecordSink } from './feed.ts';
import type { FeedHealth } from './health.ts';
import { MissedList } from './missed/list.ts';
import type { MissedCalls } from './missed/missed.ts';
import { Outbox } from './outbox.ts';
import { RecordFile } from './record-file.ts';
import { openRedis } from './redis.ts';
import type { SinkSettings } from './sinks/registry.ts';

export interface FeedOptions {
  readonly records: string;
  readonly redis: string | undefined;
  readonly sinks: readonly SinkSettings[];
  readonly spool: { readonly dir: string | undefined; readonly limitBytes: number };
  readonly streamLength: number;
  readonly callBackDays: number;
  /** This controller's. */
  readonly name: string;
  /** Who else gets each record. */
  readonly more: readonly RecordSink[];
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export interface FeedParts {
  readonly feed: Feed;
  readonly missed: MissedCalls;
  /** As it stood within the last second. */
  readonly health: () => FeedHealth;
}

const DAY_MS = 24 * 3_600_000;

/** The folder of the spool. If the settings name none, it lies beside the record file. */
export const spoolDirOf = (records: string, dir: string | undefined): string =>
  dir ?? `${records.replace(/\.ndjson$/, '')}.spool`;

/** Health without sinks and Redis: then nothing is spooled. */
const NOWHERE = (limitBytes: number): FeedHealth => ({
  sinks: [],
  spool: { bytes: 0, limitBytes, lost: 0, state: 'empty' },
  redis: null,
});

/** @throws FileUnwritable when the records file or the spool's folder cannot be had. */
export async function openFeed(options: FeedOptions): Promise<FeedParts> {
  const { records, redis, sinks, spool, callBackDays, more, now, log } = options;
  const dir = spoolDirOf(records, spool.dir);
  const hasSomewhere = redis !== undefined || sinks.length > 0;
  const outbox = hasSomewhere ? await Outbox.open({ ...options, dir, limitBytes: spool.limitBytes }) : undefined;
  const file = await RecordFile.open(records, log);
  const shared = redis === undefined ? undefined : openRedis(redis, log);
  const missed = new MissedList({ dir, records, redis: shared, keptMs: callBackDays * DAY_MS, now, log });
  const stopMissed = async () => {
    await missed.stop();
    shared?.disconnect();
  };
  const missedSink: RecordSink = { take: (record) => missed.take(record), stop: stopMissed };
  const feed = new Feed([file, ...(outbox ? [outbox] : []), missedSink, ...more], log);
  return { feed, missed, health: () => outbox?.health ?? NOWHERE(spool.limitBytes) };
}
