/** What Prometheus gets. */
import { beforeEach, expect, test } from 'vitest';
import type { Readiness } from '../../../src/admin/health.ts';
import type { Admin } from '../../../src/admin/http.ts';
import type { TableControl, TableShown } from '../../../src/admin/table-api.ts';
import { adminRig } from './rig.ts';

const revision = '9a665d160f688a38';
const asked = async () => {
  throw new Error('a scrape only looks');
};
let shown: TableShown;
let readiness: Readiness;
let reloads: { accepted: number; unchanged: number; refused: number };
let admin: Admin;

beforeEach(async () => {
  const said = { previous: null, who: 'liu', when: '2026-11-24T02:00:00Z', summary: 'nothing moves', numbers: 32 };
  const file = { path: 'routes.yaml', revision };
  shown = { revision, source: 'file', ...said, canary: null, refused: null, file, fleet: null };
  const switches = [
    { name: 'pbx1', connected: true },
    { name: 'pbx2', connected: false },
  ];
  readiness = { ready: false, revision, table: shown, switches, calls: 7 };
  reloads = { accepted: 3, unchanged: 1, refused: 2 };
  const change = { reload: asked, canary: asked, rollback: asked, promote: asked };
  const table: TableControl = { show: async () => shown, candidate: asked, history: asked, textOf: asked, ...change };
  ({ admin } = await adminRig({ readiness: () => readiness, reloads: () => reloads, tokens: [], table }));
});

const scraped = async (): Promise<readonly string[]> => {
  const answer = await fetch(`${admin.url}/metrics`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
};

test('a scrape without a token has the table, its reloads, the fleet, the calls and every PBX', async () => {
  const lines = await scraped();
  expect(lines.slice(0, 9)).toEqual([
    `hotline_table_info{revision="${revision}",source="file"} 1`,
    'hotline_table_problem 0',
    'hotline_table_reloads_total{outcome="accepted"} 3',
    'hotline_table_reloads_total{outcome="unchanged"} 1',
    'hotline_table_reloads_total{outcome="refused"} 2',
    'hotline_fleet_drift 0',
    'hotline_calls_live 7',
    'hotline_switch_connected{switch="pbx1"} 1',
    'hotline_switch_connected{switch="pbx2"} 0',
  ]);
});

test('each scrape says how things are then: nothing of the one before is left', async () => {
  await scraped();
  shown = { ...shown, revision: 'b', source: 'redis' };
  readiness = { ...readiness, calls: 0, switches: [] };
  const lines = await scraped();
  expect(lines.filter((line) => line.startsWith('hotline_table_info'))).toEqual([
    'hotline_table_info{revision="b",source="redis"} 1',
  ]);
  expect(lines).toContain('hotline_calls_live 0');
  expect(lines.join()).not.toContain('hotline_switch_connected');
});

test('a refused candidate is a problem; a table that came by a rollback, without Redis, is none', async () => {
  shown = { ...shown, problem: "the table's file is not live" };
  expect(await scraped()).toContain('hotline_table_problem 1');
  const { problem, ...healthy } = shown;
  expect(problem).toBeDefined();
  shown = { ...healthy, source: 'operator' };
  expect(await scraped()).toContain('hotline_table_problem 0');
});

test('Redis that is away for the fleet is told as Redis away, and not as a problem of the table', async () => {
  shown = { ...shown, source: 'redis' };
  expect(await scraped()).toContain('hotline_redis_connected 1');
  readiness = { ...readiness, fleet: 'unreachable' };
  const lines = await scraped();
  expect(lines).toContain('hotline_redis_connected 0');
  expect(lines).toContain('hotline_table_problem 0');
});

test('controllers on another revision are counted, and nothing is claimed of them while Redis is away', async () => {
  const member = (name: string, runs: string) =>
    ({ name, revision: runs, outcome: 'acknowledged', secondsAgo: 1 }) as const;
  const controllers = [member('a', revision), member('b', 'older'), member('c', 'older')];
  shown = { ...shown, fleet: { connected: true, controllers } };
  expect(await scraped()).toContain('hotline_fleet_drift 2');
  shown = { ...shown, fleet: { connected: false, controllers: [] } };
  expect((await scraped()).join()).not.toContain('hotline_fleet_drift');
});

test('how recording fares is told where it is set up, and room that nobody knows is not claimed', async () => {
  expect((await scraped()).join()).not.toContain('hotline_recordings');
  readiness = { ...readiness, recordings: { state: 'low-space', freeBytes: 900_000_000, files: 12, failed: 3 } };
  expect((await scraped()).filter((line) => line.startsWith('hotline_recordings'))).toEqual([
    'hotline_recordings_state{state="ok"} 0',
    'hotline_recordings_state{state="low-space"} 1',
    'hotline_recordings_state{state="failing"} 0',
    'hotline_recordings_free_bytes 900000000',
    'hotline_recordings_failed_total 3',
  ]);
  readiness = { ...readiness, recordings: { state: 'failing', freeBytes: null, files: 12, failed: 4 } };
  expect((await scraped()).join()).not.toContain('hotline_recordings_free_bytes');
});
