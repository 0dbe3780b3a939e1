import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { CanaryWatch } from '../../../src/tables/fleet/canary.ts';
import type { LiveTable } from '../../../src/tables/live-table.ts';
import { type Bench, bench, byHand, commented, given, Hub, movedText, settled } from './rig.ts';

const soon = { timeout: 10_000, interval: 50 };

let hub: Hub;
/** Machines of their own: each its file and disk. */
let machines: Record<'a' | 'b' | 'c', Bench>;

beforeEach(async () => {
  hub = new Hub();
  machines = { a: await bench(), b: await bench(), c: await bench() };
});

const open = (name: 'a' | 'b' | 'c'): Promise<LiveTable> => machines[name].open({ name, fleet: hub.fleet() });
const revisionsOf = (tables: readonly LiveTable[]) => new Set(tables.map(({ table }) => table.revision)).size;

describe('controllers of one fleet', () => {
  test('move to a new revision together, and each acknowledges it', async () => {
    const [a, b, c] = [await open('a'), await open('b'), await open('c')];
    const { revision } = await a.reload(given(movedText()));
    await Promise.all([b, c].map(settled));
    expect([b.table.revision, c.table.revision]).toEqual([revision, revision]);
    expect(b.state.source).toBe('redis');
    for (const name of ['a', 'b', 'c']) {
      expect(hub.acks.get(name)).toMatchObject({ revision, outcome: 'acknowledged' });
    }
  });

  test('let one of two changes at once win; the other is told and follows', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const both = await Promise.allSettled([a.reload(given(commented('of a'))), b.reload(given(commented('of b')))]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } });
    await Promise.all([a, b].map(settled));
    expect(revisionsOf([a, b])).toBe(1);
  });

  test('roll back together, and forth again', async () => {
    const [a, b] = [await open('a'), await open('b')];
    const first = a.table.revision;
    await a.reload(given(commented('one')));
    await settled(b);
    await b.rollback(byHand);
    await settled(a);
    expect([a, b].map(({ table }) => table.revision)).toEqual([first, first]);
  });

  test('start as one when all start at once with files of their own', async () => {
    await machines.b.write(commented('another'));
    const tables = await Promise.all((['a', 'b', 'c'] as const).map(open));
    await Promise.all(tables.map(settled));
    expect(revisionsOf(tables)).toBe(1);
  });

  test('take up a controller that has never run, whatever its file holds', async () => {
    const a = await open('a');
    await machines.b.write(movedText());
    const b = await open('b');
    expect(b.table.revision).toBe(a.table.revision);
    expect(b.state).toMatchObject({ source: 'redis' });
  });
});

describe('a controller that restarts', () => {
  test('follows the fleet, not its own old file', async () => {
    const a = await open('a');
    await (await open('b')).stop();
    await a.reload(given(commented('newer')));
    const b = await open('b');
    expect(b.table.revision).toBe(a.table.revision);
  });

  test('does not move the fleet back with a file that was written before the fleet moved on', async () => {
    const a = await open('a');
    await (await open('b')).stop();
    await machines.b.write(commented('stale'));
    await a.reload(given(commented('newer')));
    const newer = a.table.revision;
    const b = await open('b');
    await settled(a);
    expect([a, b].map(({ table }) => table.revision)).toEqual([newer, newer]);
  });

  test('asks for its file when that was changed and the fleet stands where it stood', async () => {
    const a = await open('a');
    await (await open('b')).stop();
    await machines.b.write(commented('edited'));
    const b = await open('b');
    await settled(a);
    expect((await b.textOf(b.table.revision)).text).toBe(commented('edited'));
    expect(a.table.revision).toBe(b.table.revision);
  });

  test('with the fleet out of reach starts from its disk', async () => {
    const b = await open('b');
    await b.reload(given(commented('one')));
    const { revision } = b.table;
    await b.stop();
    hub.isThere = false;
    expect((await open('b')).state).toMatchObject({ revision, source: 'last-known-good' });
  });
});

describe('while Redis is away', () => {
  test('a change is made on one controller, and reaches the others when it is back', async () => {
    const [a, b] = [await open('a'), await open('b')];
    hub.isThere = false;
    await a.reload(given(commented('away')));
    expect(revisionsOf([a, b])).toBe(2);
    hub.isThere = true;
    hub.tell();
    await Promise.all([a, b].map(settled));
    await settled(b);
    expect((await b.textOf(b.table.revision)).text).toBe(commented('away'));
    expect(revisionsOf([a, b])).toBe(1);
  });

  test.each([
    ['one', 'two'],
    ['two', 'one'],
  ])('of two changes the later one is what all agree on: %s, then %s', async (first, second) => {
    let now = Date.UTC(2026, 9, 1);
    const clock = () => now;
    const [a, b] = [
      await machines.a.open({ name: 'a', fleet: hub.fleet(), now: clock }),
      await machines.b.open({ name: 'b', fleet: hub.fleet(), now: clock }),
    ];
    hub.isThere = false;
    await a.reload(given(commented(first)));
    now += 1_000;
    await b.reload(given(commented(second)));
    hub.isThere = true;
    for (const each of [a, b, a]) await settled(each);
    const texts = await Promise.all([a, b].map(async (each) => (await each.textOf(each.table.revision)).text));
    expect(texts).toEqual([commented(second), commented(second)]);
    expect(machines.a.log.some((line) => line.includes('superseded'))).toBe(true);
  });

  test('and comes back empty, the fleet is told again where it stood', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await a.reload(given(commented('one')));
    await settled(b);
    const { revision } = a.table;
    const { deployment } = hub;
    hub.forget();
    await Promise.all([a, b].map(settled));
    expect(hub.deployment).toEqual(deployment);
    expect(hub.revisions.has(revision)).toBe(true);
    expect([a, b].map(({ table }) => table.revision)).toEqual([revision, revision]);
  });

  test('and comes back empty, the history is still told from the disk, and nothing in it twice', async () => {
    const [a, b] = [await open('a'), await open('b')];
    await a.reload(given(commented('one')));
    await settled(b);
    const changes = async (table: LiveTable) =>
      (await table.history(10)).filter(({ outcome }) => outcome === 'accepted').map(({ what }) => what);
    expect(await changes(a)).toEqual(['reload', 'start']);
    hub.forget();
    expect(await changes(a)).toEqual(['reload', 'start']);
    expect(await changes(b)).toContain('follow');
    await a.reload(given(commented('two')));
    expect(await changes(a)).toEqual(['reload', 'reload', 'start']);
  });

  test('it is told that the fleet is out of reach, and that is no problem of the table', async () => {
    const a = await open('a');
    expect(a.fleet).toBe('connected');
    hub.isThere = false;
    expect(a.fleet).toBe('unreachable');
    expect(a.state.problem).toBeUndefined();
  });
});

test('a revision that is not good here is refused, told of, and does not keep this controller from the next change', async () => {
  const [a, b] = [await open('a'), await open('b')];
  const before = b.table.revision;
  const deployment = { ...(hub.deployment ?? a.deployment), counter: 9, revision: 'abad', who: 'a newer version' };
  hub.revisions.set('abad', { revision: 'abad', checkedAt: 0, text: 'neu: 1', prefixList: null });
  hub.deployment = deployment;
  hub.tell();
  await settled(b).catch(() => undefined);
  expect(b.table.revision).toBe(before);
  expect(b.state.problem).toContain('abad');
  expect(hub.acks.get('b')).toMatchObject({ outcome: 'refused', revision: before });
  expect(await b.reload(given(commented('good')))).toMatchObject({ outcome: 'accepted' });
  expect(b.state.problem).toBeUndefined();
});

test('a canary that is tried a second time is not judged by its first time, on any controller', async () => {
  const watched = () => ({ watch: new CanaryWatch({ leastCalls: 10, margin: 0.05 }) });
  const a = await machines.a.open({ name: 'a', fleet: hub.fleet(), ...watched() });
  const b = await machines.b.open({ name: 'b', fleet: hub.fleet(), ...watched() });
  const canary = { share: 0.5 };
  const { canary: tried } = await a.reload({ ...given(commented('one')), canary });
  await settled(b);
  for (let n = 0; n < 9; n += 1) b.callEnded(tried?.revision ?? '', false);
  await a.rollback(byHand);
  await settled(b);
  await a.reload({ ...given(commented('one')), canary });
  await settled(b);
  for (let n = 0; n < 10; n += 1) b.callEnded(b.table.revision, true);
  b.callEnded(tried?.revision ?? '', false);
  await Promise.all([a, b].map(settled));
  expect(a.deployment.canary?.revision).toBe(tried?.revision);
});

test('a canary goes by the calls of all controllers together, though none of them has seen enough', async () => {
  const watched = () => ({ watch: new CanaryWatch({ leastCalls: 20, margin: 0.05 }) });
  const a = await machines.a.open({ name: 'a', fleet: hub.fleet(), ...watched() });
  const b = await machines.b.open({ name: 'b', fleet: hub.fleet(), ...watched() });
  const { canary: tried } = await a.reload({ ...given(commented('worse')), canary: { share: 0.5 } });
  await settled(b);
  for (const each of [a, b]) {
    for (let n = 0; n < 12; n += 1) {
      each.callEnded(each.table.revision, true);
      each.callEnded(tried?.revision ?? '', n % 2 === 0);
    }
    expect(each.deployment.canary).not.toBeNull();
  }
  await vi.waitFor(() => expect([a, b].map(({ deployment }) => deployment.canary)).toEqual([null, null]), soon);
  const told = hub.entries.filter(({ from }) => from === 'canary');
  expect(told).toMatchObject([
    {
      what: 'rollback',
      outcome: 'accepted',
      who: 'canary watch: answered 50% of 24 calls, the live revision 100% of 24 calls',
    },
  ]);
});

test('a canary whose fleet cannot be reached goes by the calls of each controller', async () => {
  const a = await machines.a.open({
    name: 'a',
    fleet: hub.fleet(),
    watch: new CanaryWatch({ leastCalls: 10, margin: 0.05 }),
  });
  hub.isThere = false;
  const { canary: tried } = await a.reload({ ...given(commented('worse')), canary: { share: 0.5 } });
  for (let n = 0; n < 10; n += 1) {
    a.callEnded(a.table.revision, true);
    a.callEnded(tried?.revision ?? '', false);
  }
  await settled(a);
  expect(a.deployment.canary).toBeNull();
});

test('a full disk on one controller keeps it from nothing but its disk', async () => {
  const { realDisk } = await import('../../../src/tables/store/disk.ts');
  const a = await open('a');
  const full = async () => Promise.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' }));
  const b = await machines.b.open({ name: 'b', fleet: hub.fleet(), disk: { ...realDisk, prepare: full } });
  await a.reload(given(commented('one')));
  await settled(b);
  expect(b.table.revision).toBe(a.table.revision);
  expect(hub.acks.get('b')?.problem).toContain('ENOSPC');
});

test('what a file holds is asked for once: writing the same again after a rollback changes nothing at a restart', async () => {
  const a = await open('a');
  await machines.a.write(commented('one'));
  await a.reload({ who: 'file watch', from: 'file' });
  await a.rollback(byHand);
  const { revision } = a.table;
  await a.stop();
  await writeFile(join(machines.a.folder, 'routes.yaml'), commented('one'));
  expect((await open('a')).table.revision).toBe(revision);
});
