/** A live table in a folder of its own, and a fleet in memory: what the tests of live tables share. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Logger } from '../../../src/base/log.ts';
import { CanaryWatch, type Tallies } from '../../../src/tables/fleet/canary.ts';
import {
  compareDeployments,
  type DeploymentState,
  type HistoryEntry,
  orderOf,
} from '../../../src/tables/fleet/deployment-state.ts';
import { type Acknowledgement, type Fleet, type FleetEvents, noFleet } from '../../../src/tables/fleet/fleet.ts';
import { LiveTable, type LiveTableParts } from '../../../src/tables/live-table.ts';
import type { KeptRevision } from '../../../src/tables/source/sources.ts';
import { type Disk, realDisk } from '../../../src/tables/store/disk.ts';
import { TableStore } from '../../../src/tables/store/store.ts';
import { inlineValidator } from '../../../src/tables/validate/validator.ts';
import { liveText } from './texts.ts';

export * from './texts.ts';

export const quiet = (lines: string[] = []): Logger => {
  const keep = (level: string) => (facts: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  };
  const log: Logger = {
    debug: () => undefined,
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    child: () => log,
  };
  return log;
};

/** What Redis is to controllers, without Redis: one place, which can be away, forget, and be a while. */
export class Hub {
  deployment: DeploymentState | null = null;
  readonly revisions = new Map<string, KeptRevision>();
  readonly counts = new Map<string, Map<object, Tallies>>();
  readonly acks = new Map<string, Acknowledgement>();
  readonly entries: HistoryEntry[] = [];
  readonly listeners = new Set<FleetEvents>();
  isThere = true;

  forget(): void {
    this.deployment = null;
    this.revisions.clear();
    this.entries.length = 0;
  }

  tell(): void {
    for (const { moved } of this.listeners) moved();
  }

  fleet(): Fleet {
    let own: FleetEvents | undefined;
    const me = {};
    const hub = this;
    const there = async <T>(give: () => T): Promise<T | undefined> => (this.isThere ? give() : undefined);
    const set = (deployment: DeploymentState) => {
      this.deployment = deployment;
      this.tell();
    };
    return {
      get isReachable() {
        return hub.isThere;
      },
      start: async (events) => {
        own = events;
        this.listeners.add(events);
      },
      deployment: () => there(() => this.deployment),
      offer: async (kept) => {
        if (!this.isThere) return;
        this.revisions.set(kept.revision, kept);
        for (const each of this.listeners) if (each !== own) await each.prepare(kept.revision);
      },
      propose: async (base, next, entry) => {
        if (!this.isThere) return 'unreachable';
        if (this.deployment !== null && orderOf(this.deployment) !== orderOf(base)) return 'lost';
        this.entries.unshift(entry);
        set(next);
        return 'won';
      },
      restore: async (deployment) => {
        if (!this.isThere || (this.deployment && compareDeployments(deployment, this.deployment) <= 0)) return;
        set(deployment);
      },
      keep: async (kept) => void (this.isThere && this.revisions.set(kept.revision, kept)),
      revision: (revision) => there(() => this.revisions.get(revision)).then((found) => found),
      acknowledge: async (ack) => void (this.isThere && this.acks.set(ack.name, ack)),
      share: (run, own) =>
        there(() => {
          const counted = this.counts.get(run) ?? new Map<object, Tallies>();
          this.counts.set(run, counted.set(me, own));
          return [...counted].filter(([of]) => of !== me).map(([, each]) => each);
        }),
      members: () => there(() => [...this.acks.values()].map((ack) => ({ ...ack, secondsAgo: 0 }))),
      tell: async (entry) => void (this.isThere && this.entries.unshift(entry)),
      history: (atMost) => there(() => this.entries.slice(0, atMost)),
      stop: async () => void (own && this.listeners.delete(own)),
    };
  }
}

export interface Bench {
  readonly folder: string;
  readonly file: string;
  readonly log: string[];
  /** What the table's file holds from now on. */
  write(text: string | Uint8Array): Promise<void>;
  /** A controller; those of one bench share folder and file. */
  open(more?: Partial<LiveTableParts> & { disk?: Disk }): Promise<LiveTable>;
}

export async function bench(text: string | Uint8Array = liveText): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-tables-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'routes.yaml');
  const log: string[] = [];
  const write = (given: string | Uint8Array) => writeFile(file, given);
  await write(text);
  const open: Bench['open'] = async ({ disk = realDisk, ...more } = {}) => {
    const table = await LiveTable.open({
      file,
      store: new TableStore(disk, join(folder, 'var'), file),
      fleet: noFleet,
      validator: inlineValidator,
      watch: new CanaryWatch({ leastCalls: 50, margin: 0.05 }),
      mostNumbersMoved: 0.25,
      movedCalls: async () => ({ moved: 0, total: 0 }),
      mostCallsMoved: 0.25,
      missingAudio: async () => [],
      name: 'a',
      now: Date.now,
      log: quiet(log),
      ...more,
    });
    onTestFinished(() => table.stop());
    return table;
  };
  return { folder, file, log, write, open };
}

export const byHand = { who: 'liu', from: 'http' } as const;
/** A table that comes with the request. */
export const given = (text: string) => ({ ...byHand, sources: { table: { file: 'given', text } } });
/** Until what has been asked of a table so far, and a look at the fleet, is done: a request that changes nothing waits its turn. */
export const settled = async (table: LiveTable): Promise<void> => {
  table.look();
  await table.reload(given('')).catch(() => undefined);
};
