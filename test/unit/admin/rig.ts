/** The HTTP side as main wires it, around a real live table, without a PBX. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Role } from '../../../src/admin/access/roles.ts';
import type { Token } from '../../../src/admin/access/tokens.ts';
import { BoardKeeper } from '../../../src/admin/board/keeper.ts';
import { type Admin, type AdminOptions, startAdmin } from '../../../src/admin/http.ts';
import type { FeedHealth } from '../../../src/feed/health.ts';
import type { MissedCalls, MissedEntry } from '../../../src/feed/missed/missed.ts';
import type { CallControl } from '../../../src/requests/request.ts';
import { tableControl } from '../../../src/wiring/table-control.ts';
import { bench, liveText, quiet } from '../tables/rig.ts';

export const TOKENS = {
  viewer: 'viewer-viewer-viewer',
  agent: 'agent-agent-agent',
  supervisor: 'supervisor-supervisor',
  operator: 'operator-operator',
} as const satisfies Record<Role, string>;

export const tokens: readonly Token[] = [
  { name: 'wall', role: 'viewer', token: TOKENS.viewer },
  { name: 'seat', role: 'agent', endpoint: '12345-xiamen-1', token: TOKENS.agent },
  { name: 'lead', role: 'supervisor', token: TOKENS.supervisor },
  { name: 'duty', role: 'operator', token: TOKENS.operator },
];

export const missedEntry: MissedEntry = {
  id: 'pbx1-1',
  caller: '05922001234',
  number: '12333',
  unit: '省人社厅',
  region: 'xiamen',
  reason: 'gave-up',
  attempts: 2,
  firstAt: '2026-11-24T02:00:00+08:00',
  lastAt: '2026-11-24T02:05:00+08:00',
};

export const healthyFeed: FeedHealth = {
  sinks: [{ name: 'platform', kind: 'http', state: 'ok', backlog: 0, lagMs: 0, dead: 0, dropped: 0, lastError: null }],
  spool: { bytes: 0, limitBytes: 1_000_000, lost: 0, state: 'empty' },
  redis: true,
};

export const missedList = (): MissedCalls => {
  let open = [missedEntry];
  return {
    list: async () => open,
    close: async (id) => {
      const before = open.length;
      open = open.filter((each) => each.id !== id);
      return open.length < before;
    },
  };
};

/** One call, `call-1`, whose agent is `12345-xiamen-1`; it takes everything, and says what it was asked. */
export const talkingCalls = (asked: object[] = []): CallControl => ({
  ask: async (call, request, asking) => {
    if (call !== 'call-1') return undefined;
    asked.push({ ...request, ...asking });
    return { stage: 'talk', to: null };
  },
});

export interface AdminRig {
  readonly admin: Admin;
  readonly url: string;
  readonly log: string[];
  readonly auditFile: string;
  readonly keeper: BoardKeeper;
  /** Asks with the token of a role; undefined: without any. */
  ask(role: Role | undefined, method: string, path: string, body?: unknown): Promise<Response>;
}

export async function adminRig(more: Partial<AdminOptions> = {}): Promise<AdminRig> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-admin-'));
  const { open, file } = await bench(liveText);
  const live = await open();
  const log: string[] = [];
  const auditFile = join(folder, 'var', 'audit.ndjson');
  const keeper = new BoardKeeper({ records: join(folder, 'records.ndjson'), log: quiet(log) });
  await keeper.start(() => new Set());
  onTestFinished(() => keeper.stop());
  const switches = [{ name: 'pbx1', connected: true }];
  const admin = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    readiness: () => ({
      ready: true,
      revision: live.state.revision,
      table: live.state,
      switches,
      calls: 0,
      recordings: { state: 'ok', freeBytes: 8e10, files: 12, failed: 0 },
    }),
    reloads: () => live.reloads,
    tokens,
    limits: { perMinute: 100_000, changesPerMinute: 100_000 },
    audit: auditFile,
    table: tableControl(live, file, false),
    liveTable: () => live.table,
    feed: () => healthyFeed,
    missed: missedList(),
    calls: talkingCalls(),
    keeper,
    tableOf: (revision) => live.tableOf(revision),
    log: quiet(log),
    ...more,
  });
  onTestFinished(async () => {
    await admin.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const ask: AdminRig['ask'] = (role, method, path, body) =>
    fetch(`${admin.url}${path}`, {
      method,
      headers: {
        ...(role && { authorization: `Bearer ${TOKENS[role]}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { admin, url: admin.url, log, auditFile, keeper, ask };
}
