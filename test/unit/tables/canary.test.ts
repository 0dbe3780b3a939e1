import { describe, expect, test } from 'vitest';
import { CanaryWatch, parseScope, takes } from '../../../src/tables/fleet/canary.ts';
import { liveTable } from '../routing/tables.ts';
import { bench, byHand, commented, given, movedText } from './rig.ts';

const call = (id: string, dialled = '12301') => ({ id, dialled, caller: null, trunk: null });
const at = new Date(0);

describe('a canary', () => {
  test('takes about its share of calls, and each call always alike', () => {
    const table = liveTable();
    const ids = Array.from({ length: 10_000 }, (_, n) => `pbx1-${n}`);
    const taken = (share: number) => ids.filter((id) => takes(table, { share }, call(id), at));
    expect(taken(0.1).length).toBeGreaterThan(900);
    expect(taken(0.1).length).toBeLessThan(1_100);
    expect(taken(0.1)).toEqual(taken(0.1));
    expect(taken(1)).toHaveLength(10_000);
    const wider = new Set(taken(0.2));
    expect(taken(0.1).every((id) => wider.has(id))).toBe(true);
  });

  test('takes the calls of a region or to a number, however the carrier writes them', () => {
    const table = liveTable();
    const xiamen = { regions: ['xiamen'] };
    expect(takes(table, xiamen, call('1', '+8659212301'), at)).toBe(true);
    expect(takes(table, xiamen, call('1', '059112301'), at)).toBe(false);
    expect(takes(table, { numbers: ['12333'] }, call('1', '059212333'), at)).toBe(true);
    expect(takes(table, { numbers: ['12333'] }, call('1', '99999'), at)).toBe(false);
  });

  test.each([
    ['10%', { share: 0.1 }],
    ['0.5%', { share: 0.005 }],
    ['region:xiamen,fuzhou', { regions: ['xiamen', 'fuzhou'] }],
    ['number:12333', { numbers: ['12333'] }],
  ])('is written %s', (text, scope) => expect(parseScope(text)).toEqual(scope));

  test.each(['', '0%', '101%', '10', 'region:', 'city:xiamen'])('is not written "%s"', (text) => {
    expect(() => parseScope(text)).toThrow('a canary takes 10%');
  });

  test('leaves all other calls to the live revision; promoted, it takes all', async () => {
    const table = await (await bench()).open();
    const { revision } = table.table;
    const tried = await table.reload({ ...given(movedText()), canary: { regions: ['xiamen'] } });
    const candidate = tried.canary?.revision;
    expect(tried.revision).toBe(revision);
    expect(table.tableFor(call('1', '059212301')).revision).toBe(candidate);
    expect(table.tableFor(call('1', '059112301')).revision).toBe(revision);
    await table.promote(byHand);
    expect(table.tableFor(call('1', '059112301')).revision).toBe(candidate);
    expect((await table.rollback(byHand)).revision).toBe(revision);
  });

  test('is ended by a rollback, and survives a restart until then', async () => {
    const { open } = await bench();
    const first = await open();
    await first.reload({ ...given(movedText()), canary: { share: 1 } });
    await first.stop();
    const table = await open();
    expect(table.tableFor(call('1')).revision).toBe(table.deployment.canary?.revision);
    await table.rollback(byHand);
    expect(table.tableFor(call('1')).revision).toBe(table.table.revision);
    await expect(table.promote(byHand)).rejects.toMatchObject({ code: 'NO_CANARY' });
  });

  test('of a region that its table does not have is refused', async () => {
    const table = await (await bench()).open();
    const asked = table.reload({ ...given(commented('one')), canary: { regions: ['taipei'] } });
    await expect(asked).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('taipei') });
  });

  test('that connects fewer calls than the live revision goes by itself, and the history says why', async () => {
    const watch = new CanaryWatch({ leastCalls: 20, margin: 0.05 });
    const table = await (await bench()).open({ watch });
    const { canary } = await table.reload({ ...given(commented('worse')), canary: { share: 0.5 } });
    for (let n = 0; n < 20; n += 1) {
      table.callEnded(table.table.revision, n > 0);
      if (n < 19) table.callEnded(canary?.revision ?? '', n > 2);
    }
    expect(table.deployment.canary).not.toBeNull();
    table.callEnded(canary?.revision ?? '', true);
    await table.rollback({ ...byHand, revision: table.table.revision });
    expect(table.deployment.canary).toBeNull();
    expect(await table.history(1)).toEqual([
      expect.objectContaining({
        what: 'rollback',
        from: 'canary',
        who: expect.stringContaining('answered 85% of 20 calls'),
      }),
    ]);
  });

  test('that connects as many stays', async () => {
    const table = await (await bench()).open({ watch: new CanaryWatch({ leastCalls: 5, margin: 0.05 }) });
    const { canary } = await table.reload({ ...given(commented('as good')), canary: { share: 0.5 } });
    for (let n = 0; n < 100; n += 1) {
      table.callEnded(table.table.revision, n % 10 > 0);
      table.callEnded(canary?.revision ?? '', n % 10 > 0);
    }
    expect(table.deployment.canary).not.toBeNull();
  });
});
