/** What a rule may ask of a call, as `explain` tells it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { roundsOf } from '../../../src/calls/dialling.ts';
import { explain } from '../../../src/routing/explain.ts';
import { normalCaller } from '../../../src/routing/numbering.ts';
import { decide, route } from '../../../src/routing/plan.ts';
import type { Routed } from '../../../src/routing/routing.ts';
import { transfersFrom } from '../../../src/routing/transfers.ts';
import { liveTable, tableOf } from './tables.ts';

const table = tableOf(readFileSync(join(import.meta.dirname, '../../fixtures/tables/whole.yaml'), 'utf8'));

const call = (time: string, caller: string | null = '05922001234', trunk: string | null = null): Routed => {
  const facts = { dialled: '12333', caller, trunk };
  const routing = route(table, facts, new Date(time));
  if (routing.number === null) throw new Error('12333 is refused');
  // One decision: with words and without them.
  expect(decide(table, facts, new Date(time))).toEqual(expect.objectContaining({ plan: routing.plan }));
  return routing;
};
const because = ({ considered }: Routed) => considered.map((rule) => rule.because);
const connects = ({ plan }: Routed) => plan.flatMap((step) => (step.do === 'connect' ? [step.to] : []));

describe('a rule', () => {
  test('says why it lost: trunk, callers, dates', () => {
    expect(because(call('2026-11-24T09:00:00+08:00'))).toEqual([
      'no trunk is told, this rule is for zhejiang',
      'holds from 2026-12-01T08:30 on, not yet',
      'region is xiamen',
    ]);
    expect(because(call('2026-11-24T09:00:00+08:00', '05922001234', 'zhejiang'))[0]).toBe(
      'caller 05922001234 is not in schools',
    );
    expect(because(call('2026-11-24T09:00:00+08:00', null, 'zhejiang'))[0]).toBe(
      'caller withholds the number, this rule is for schools',
    );
    expect(because(call('2027-03-01T20:00:00+08:00', '05922150001', 'zhejiang')).slice(0, 2)).toEqual([
      'held until 2027-01-01, no more',
      'held until 2027-03-01, no more',
    ]);
    expect(because(call('2026-12-02T09:00:00+08:00'))[1]).toBe('Wed 2026-12-02 09:00 is outside hours night');
  });

  test('says why it won: all that it asks for', () => {
    expect(because(call('2026-12-31T23:59:59+08:00', '+865922150001', 'zhejiang'))).toEqual([
      'trunk is zhejiang, holds until 2027-01-01, caller is in schools',
    ]);
    expect(because(call('2026-12-01T18:00:00+08:00')).at(-1)).toBe(
      'region is xiamen, has held from 2026-12-01T08:30, holds until 2027-03-01, Tue 2026-12-01 18:00 is within hours night',
    );
  });

  test('holds from its first moment, and no more at `until`', () => {
    const rulesTried = (time: string) => call(time).considered.length;
    expect(rulesTried('2026-12-01T08:29:59.999+08:00')).toBe(3);
    expect(rulesTried('2027-02-28T23:59:59.999+08:00')).toBe(2);
    expect(rulesTried('2027-03-01T00:00:00+08:00')).toBe(3);
  });
});

describe('seats and queues that are closed', () => {
  test('are passed over, and explain says so', () => {
    const open = call('2026-11-24T09:00:00+08:00');
    expect(connects(open)).toEqual(['seats:12333-xiamen', 'queue:12345-xiamen']);
    expect(open).not.toHaveProperty('passedOver');
    const closed = call('2026-10-01T09:00:00+08:00');
    expect(connects(closed)).toEqual(['queue:12345-xiamen']);
    expect(closed.passedOver).toEqual([
      { to: 'seats:12333-xiamen', because: 'Thu 2026-10-01 09:00 is outside hours office' },
    ]);
    const lines = explain(table, closed, new Date('2026-10-01T09:00:00+08:00')).split('\n');
    expect(lines).toContain('at Thu 2026-10-01 09:00 Asia/Shanghai');
    expect(lines).toContain('  seats:12333-xiamen 厦门12333 passed over: Thu 2026-10-01 09:00 is outside hours office');
    expect(lines).toContain('12333 省人社厅, merged 整体并入; keeps seats: 厦门暂时保留座席');
  });
});

test('a caller is known by one form of the number, however it is delivered', () => {
  const same = ['05922150001', '5922150001', '865922150001', '+865922150001', '008605922150001', '0592-2150001'];
  expect(new Set(same.map(normalCaller))).toEqual(new Set(['05922150001']));
  expect(['013800000000', '+8613800000000', '13800000000'].map(normalCaller)).toEqual(Array(3).fill('13800000000'));
  expect(['+861012345678', '01012345678', '1012345678'].map(normalCaller)).toEqual(Array(3).fill('01012345678'));
  expect(normalCaller('+85223456789')).toBe('0085223456789');
  expect(normalCaller('4001234567')).toBe('4001234567');
  expect([null, '', 'anonymous'].map(normalCaller)).toEqual([null, null, null]);
});

test('a queue of another platform is dialled, and rings as long as the caller may wait', () => {
  expect(roundsOf(table, { do: 'connect', to: 'queue:12345-zhejiang', waitSeconds: 50 })).toEqual([
    { targets: [{ kind: 'seat', endpoint: '12345@zhejiang', ringSeconds: 50 }], seconds: 50 },
  ]);
});

describe('transfers of the table that ships', () => {
  const live = liveTable();
  const queues = [...live.queues.keys()];
  const seats = [...live.seats.keys()];

  test('lead from any 12345 queue to all seats, the duty phone among them, and to no queue', () => {
    for (const queue of queues) expect([...transfersFrom(live, queue)].sort()).toEqual([...seats].sort());
    expect(seats).toContain('seats:12350-duty');
  });
  test('lead from any seats to every 12345 queue, and to no seats', () => {
    for (const each of seats) expect([...transfersFrom(live, each)].sort()).toEqual([...queues].sort());
  });
  test('lead nowhere from what the table does not have', () => {
    expect(transfersFrom(live, 'queue:nowhere')).toEqual([]);
  });
});
