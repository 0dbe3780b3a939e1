/** Who is to be called back: what records say, in whatever order and however often they say it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeClosing } from '../../../src/feed/missed/closings.ts';
import { MissedList, missedNow } from '../../../src/feed/missed/list.ts';
import { entriesOf, join, type MissedCase, MissedFacts, reduceCase } from '../../../src/feed/missed/missed.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import { listener } from './listener.ts';
import { sampleStory } from './sample-story.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 9, 1, 1, n)).toISOString();
const waits = { networkMs: 0, promptMs: 0, ringMs: 0, queueMs: 0 };

interface Told {
  readonly callId: string;
  readonly caller: string | null;
  readonly at: number;
  readonly number?: string;
}

const common = ({ callId, at, number = '12301' }: Told) => {
  const [arrived] = sampleStory as [CallRecord];
  return { ...arrived, callId, number, at: minute(at), unit: '省文旅厅', region: 'fuzhou' };
};

/** A call that nobody answered, as its records. */
const missedCall = (call: Told): CallRecord[] => {
  const { caller } = call;
  const arrival = { dialled: '12301', caller, trunk: null };
  const tried: [] = [];
  const missed = { reason: 'no-answer', tried, caller, callBack: caller !== null, waits };
  return [
    { ...common(call), type: 'arrived', ...arrival },
    { ...common(call), type: 'missed', ...missed },
    { ...common(call), type: 'ended', ...arrival, arrivedAt: minute(call.at), waitedMs: null, answeredBy: null },
  ].map((record, seq) => ({ ...record, seq })) as unknown as CallRecord[];
};

const answeredCall = (call: Told): CallRecord[] => {
  const arrival = { dialled: '12301', caller: call.caller, trunk: null };
  return [
    { ...common(call), type: 'arrived', ...arrival },
    { ...common(call), type: 'answered', to: 'queue:12345-fuzhou', agent: 'a', agentMs: 0, waitedMs: 0, waits },
    {
      ...common(call),
      type: 'ended',
      ...arrival,
      arrivedAt: minute(call.at),
      waitedMs: 0,
      answeredBy: 'queue:12345-fuzhou',
    },
  ].map((record, seq) => ({ ...record, seq })) as unknown as CallRecord[];
};

const reduceAll = (records: readonly CallRecord[]): readonly MissedCase[] => {
  const facts = new MissedFacts();
  const cases = new Map<string, MissedCase>();
  for (const record of records) {
    const fact = facts.of(record);
    if (fact === undefined) continue;
    const key = fact.kind === 'missed' ? `${fact.case.number} ${fact.case.caller}` : fact.key;
    const after = reduceCase(cases.get(key), fact);
    if (after !== undefined) cases.set(key, after);
  }
  return [...cases.values()];
};

const listOf = (...records: readonly (readonly CallRecord[])[]) => entriesOf(reduceAll(records.flat()));

describe('a caller whom nobody answered', () => {
  test('is in the list, with what is needed to call back', () => {
    expect(listOf(missedCall({ callId: 'a', caller: '+8613800001111', at: 1 }))).toEqual([
      {
        id: 'a',
        caller: '13800001111',
        number: '12301',
        unit: '省文旅厅',
        region: 'fuzhou',
        reason: 'no-answer',
        attempts: 1,
        firstAt: minute(1),
        lastAt: minute(1),
      },
    ]);
  });

  test('is there once, however often and from however written a number the calls come', () => {
    const calls = ['13800001111', '013800001111', '+8613800001111'].map((caller, n) =>
      missedCall({ callId: `c${n}`, caller, at: n }),
    );
    expect(listOf(...calls)).toMatchObject([{ id: 'c0', attempts: 3, firstAt: minute(0), lastAt: minute(2) }]);
  });

  test('is there for each number that was called', () => {
    const [caller, at] = ['13800001111', 1];
    const list = listOf(
      missedCall({ callId: 'a', caller, at }),
      missedCall({ callId: 'b', caller, at, number: '12333' }),
    );
    expect(list.map(({ number }) => number)).toEqual(['12301', '12333']);
  });

  test('is not there after reaching somebody, and is there again when that fails later', () => {
    const caller = '059187654321';
    const missed = missedCall({ callId: 'a', caller, at: 1 });
    const reached = answeredCall({ callId: 'b', caller, at: 5 });
    expect(listOf(missed, reached)).toEqual([]);
    expect(listOf(missed, reached, missedCall({ callId: 'c', caller, at: 9 }))).toMatchObject([
      { id: 'c', attempts: 1 },
    ]);
    expect(listOf(missed, answeredCall({ callId: 'b', caller, at: 5, number: '12333' }))).toHaveLength(1);
  });

  test('is off the list as soon as the talk begins, not when it ends', () => {
    const caller = '059187654321';
    expect(
      listOf(missedCall({ callId: 'a', caller, at: 1 }), answeredCall({ callId: 'b', caller, at: 5 }).slice(0, 2)),
    ).toEqual([]);
  });

  test('is left out when the number is withheld: nobody can be called', () => {
    expect(
      listOf(missedCall({ callId: 'a', caller: null, at: 1 }), missedCall({ callId: 'b', caller: 'anonymous', at: 1 })),
    ).toEqual([]);
  });

  test('is known from records of before, which name the caller in the first one only', () => {
    const old = missedCall({ callId: 'a', caller: '13800001111', at: 1 }).map((record) => {
      if (record.type !== 'missed') return record;
      const { caller: _, ...rest } = record;
      return rest as CallRecord;
    });
    expect(listOf(old)).toHaveLength(1);
  });
});

const attempt = fc.record({
  callId: fc.constantFrom('a', 'b', 'c', 'd'),
  at: fc.nat(9).map(minute),
  reason: fc.constant('no-answer' as const),
});
const anyCase: fc.Arbitrary<MissedCase> = fc.record({
  caller: fc.constant('13800001111'),
  number: fc.constant('12301'),
  unit: fc.constant('u'),
  region: fc.constant('fuzhou'),
  // the same call is told the same way by everybody
  attempts: fc
    .uniqueArray(attempt, { selector: ({ callId }) => callId })
    .map((all) => all.map((each) => ({ ...each, at: minute(each.callId.charCodeAt(0) % 9) }))),
  settledAt: fc.option(fc.nat(9).map(minute)),
});

test('two views joined are one, in whatever order, however often', () => {
  fc.assert(
    fc.property(anyCase, anyCase, anyCase, (a, b, c) => {
      expect(join(a, b)).toEqual(join(b, a));
      expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
      expect(join(join(a, b), b)).toEqual(join(a, b));
    }),
  );
});

describe('the list of a service', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path(tmpdir(), 'hotline-missed-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const caller = '13800001111';
  const now = (): number => Date.parse(minute(30));
  const openList = (more: { now?: () => number } = {}) => {
    const { lines, log } = listener();
    const records = path(dir, 'records.ndjson');
    return {
      lines,
      list: new MissedList({ dir, records, redis: undefined, keptMs: 7 * 86_400_000, now, log, ...more }),
    };
  };

  test('survives a restart, and a closing by hand with it; the log shows no number whole', async () => {
    const first = openList();
    for (const record of missedCall({ callId: 'a', caller, at: 1 })) first.list.take(record);
    for (const record of missedCall({ callId: 'b', caller: '059187654321', at: 2 })) first.list.take(record);
    expect((await first.list.list()).map(({ id }) => id)).toEqual(['a', 'b']);
    await first.list.stop();
    const second = openList();
    expect((await second.list.list()).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(await second.list.close('a', 'duty-office')).toBe(true);
    expect(await second.list.close('a', 'duty-office')).toBe(false);
    expect(second.lines.join()).toContain('duty-office');
    expect(second.lines.join()).not.toContain(caller);
    await second.list.stop();
    const third = openList();
    expect((await third.list.list()).map(({ id }) => id)).toEqual(['b']);
    await third.list.stop();
  });

  test('is made again from the records file, when it was killed before it could be kept', async () => {
    const records = [
      ...missedCall({ callId: 'a', caller, at: 1 }),
      ...answeredCall({ callId: 'b', caller: '1', at: 2 }),
    ];
    await writeFile(path(dir, 'records.ndjson'), `${records.map((each) => JSON.stringify(each)).join('\n')}\n`);
    const { list } = openList();
    expect((await list.list()).map(({ id }) => id)).toEqual(['a']);
    await list.stop();
  });

  test('takes a closing that a command has written down', async () => {
    const { list } = openList();
    for (const record of missedCall({ callId: 'a', caller, at: 1 })) list.take(record);
    await writeClosing(dir, { key: `12301 ${caller}`, at: minute(3), who: 'root' });
    await expect.poll(() => list.list(), { timeout: 3_000 }).toEqual([]);
    await list.stop();
  });

  test('forgets after the days set', async () => {
    const { list } = openList({ now: () => now() + 8 * 86_400_000 });
    for (const record of missedCall({ callId: 'a', caller, at: 1 })) list.take(record);
    expect(await list.list()).toEqual([]);
    await list.stop();
  });
});

test('a list that another version kept is read but for what cannot be', async () => {
  const dir = await mkdtemp(path(tmpdir(), 'missed-'));
  const attempt = { callId: 'call-1', at: minute(1), reason: 'fell-asleep', later: 1 };
  const known = { caller: '139', number: '12301', unit: null, region: null, attempts: [attempt], settledAt: null };
  await writeFile(path(dir, 'missed.json'), JSON.stringify([{ ...known, later: {} }, { of: 'another kind' }]));
  const cases = await missedNow(dir);
  expect(entriesOf(cases)).toMatchObject([{ caller: '139', reason: 'failure', attempts: 1 }]);
  await rm(dir, { recursive: true });
});
