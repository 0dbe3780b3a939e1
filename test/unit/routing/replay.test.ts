/** What would have become of past calls by another table, counted. */
import { describe, expect, test } from 'vitest';
import { answerOf } from '../../../src/routing/compare/plan-change.ts';
import { formatReplay, type PastCall, replay } from '../../../src/routing/compare/replay.ts';
import { masked } from '../../../src/routing/numbering.ts';
import { decide } from '../../../src/routing/plan.ts';
import type { Table } from '../../../src/routing/table.ts';
import { liveTable, liveText, tableOf } from './tables.ts';

const live = liveTable();
const at = new Date('2026-10-01T09:00:00+08:00');
const withoutSeats = tableOf(liveText.replace('          - seats:12333-xiamen\n', ''));
const pingtanFromTrunk = tableOf(liveText.replace('exchange: {}', 'exchange: { region: pingtan }'));

const past = (by: Table, callId: string, dialled: string, caller: string | null): PastCall => {
  const facts = { dialled, caller, trunk: 'exchange' };
  return { callId, facts, at, was: answerOf(decide(by, facts, at)) };
};
const calls = (by: Table): readonly PastCall[] => [
  past(by, 'c1', '059212333', '05922001234'),
  past(by, 'c2', '12333', '05922005678'),
  past(by, 'c3', '059212333', null),
  past(by, 'c4', '12333', '059212345678'),
  past(by, 'c5', '12333', '05952001234'),
  past(by, 'c6', '12301', '05922001234'),
  past(by, 'c7', '12399', '05922001234'),
];

test('calls through the table that took them change nothing', () => {
  for (const table of [live, withoutSeats]) {
    expect(replay(calls(table), table)).toMatchObject({ calls: 7, changed: 0, changes: [] });
  }
});

test('a call that would have gone elsewhere is counted under its number and region, with examples', () => {
  const result = replay(calls(live), withoutSeats);
  expect(result).toMatchObject({ calls: 7, changed: 4 });
  expect(result.changes).toHaveLength(1);
  expect(result.counts).toContainEqual({ number: '12333', region: 'xiamen', calls: 4, changed: 4 });
  expect(result.counts).toContainEqual({ number: '12333', region: 'quanzhou', calls: 1, changed: 0 });
  expect(result.counts).toContainEqual({ number: null, region: null, calls: 1, changed: 0 });
  expect(formatReplay(result)).toEqual([
    '12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen: 4 calls, ' +
      'e.g. c1 from 0592****1234, c2 from 0592****5678, c3 from withheld',
    '4 of 7 calls would have gone another way; 1 of 2 numbers called are unchanged',
  ]);
});

test('a number that the candidate gains is told of calls that were refused', () => {
  const gained = tableOf(liveText.replace('"12312":', '"12399":'));
  expect(replay(calls(live), gained).changes).toMatchObject([
    { number: '12399', region: 'xiamen', words: 'refused → queue:12345-xiamen', calls: 1 },
  ]);
});

test('a call that would count as of another region is told', () => {
  expect(replay([past(live, 'c', '059112301', null)], pingtanFromTrunk).changes).toMatchObject([
    { number: '12301', region: 'fuzhou', words: 'queue:12345-fuzhou → queue:12345-pingtan; region fuzhou → pingtan' },
  ]);
});

test('against another table, what was decided then does not matter', () => {
  const unknown = calls(live).map((call) => ({ ...call, was: undefined }));
  expect(replay(unknown, withoutSeats)).toMatchObject({ calls: 0 });
  expect(replay(unknown, withoutSeats, live)).toMatchObject({ calls: 7, changed: 4 });
  expect(replay(calls(live), withoutSeats, withoutSeats)).toMatchObject({ calls: 7, changed: 0 });
});

test('a plan recorded with its keys in another order is the same plan', () => {
  const call = past(live, 'c', '12329', '05952001234');
  const plan = (call.was?.plan ?? []).map((step) => Object.fromEntries(Object.entries(step).reverse()));
  const shuffled = JSON.parse(JSON.stringify({ ...call.was, plan }));
  expect(replay([{ ...call, was: shuffled }], live)).toMatchObject({ calls: 1, changed: 0 });
});

test('a plan with a step that this version does not know is told, not lost', () => {
  const call = past(live, 'c', '12301', '05952001234');
  const was = { ...call.was, plan: [{ do: 'sing' }, ...(call.was?.plan ?? [])] } as unknown as PastCall['was'];
  const [change] = replay([{ ...call, was }], live).changes;
  expect(change?.kinds).toEqual(['other']);
  expect(change?.words).toContain('sing');
});

describe('a caller who is shown', () => {
  test.each([
    ['05912344567', '0591****4567'],
    ['13805921234', '1380****1234'],
    ['+8613805921234', '+861****1234'],
    ['12345678', '12****'],
    ['110', '11****'],
    ['', 'withheld'],
    [null, 'withheld'],
  ])('as %s is masked: %s', (caller, shown) => {
    expect(masked(caller)).toBe(shown);
  });
});
