/** What the board makes of records. */
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Board } from '../../../src/admin/board/board.ts';
import { BoardKeeper, CallLogs } from '../../../src/admin/board/keeper.ts';
import { Bins } from '../../../src/admin/board/levels.ts';
import { Totals } from '../../../src/admin/board/totals.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import { quiet } from '../tables/rig.ts';
import { madeCall, wholeCall } from './calls.ts';

const NOW = Date.UTC(2026, 10, 24, 2, 30);
const MINUTE = 60_000;

const boardOf = (...stories: (readonly CallRecord[])[]): Board => {
  const board = new Board();
  for (const record of stories.flat()) board.take(record);
  return board;
};

const risen = (series: Totals['ended']) => series.filter(([, count]) => count > 0);

describe('a live call', () => {
  test('is followed from the prompt to its end', () => {
    const board = new Board();
    const call = madeCall({ id: 'a', at: NOW });
    const step = () => {
      for (const record of call.records) board.take(record);
      return board.call('a');
    };
    expect(step()).toMatchObject({ state: 'arrived', prompt: true, caller: '05922001234', arrivedAt: NOW });
    call.queued(5);
    expect(step()).toMatchObject({ state: 'queued', prompt: true, to: 'queue:12345-xiamen' });
    call.tell('prompted', 6_000, { prompt: 'merged', result: 'done' });
    expect(step()).toMatchObject({ state: 'queued', prompt: false, since: NOW + 5 });
    call.answered(9_000);
    expect(step()).toMatchObject({ state: 'talking', agent: '12345-xiamen-1', waitedMs: 9_000 });
    expect(board.figures(NOW).agents).toMatchObject([{ name: '12345-xiamen-1', talkingSince: NOW + 9_000 }]);
    const handingOn = {
      kind: 'blind',
      from: 'queue:12345-xiamen',
      to: 'seats:12350-duty',
      by: '12345-xiamen-1',
    } as const;
    const how = { ...handingOn, via: 'phone', reason: null, workOrder: null, note: null } as const;
    call.tell('transferred', 20_000, { ...how, stage: 'asked' });
    expect(step()).toMatchObject({ state: 'ringing', to: 'seats:12350-duty', agent: null, transfers: 0 });
    call.tell('transferred', 21_000, { ...how, stage: 'completed' });
    expect(step()).toMatchObject({ to: 'seats:12350-duty', agent: null, transfers: 1, waitedMs: 9_000 });
    expect(board.figures(NOW).agents).toMatchObject([{ name: '12345-xiamen-1', talkingSince: null }]);
    call.ended(30_000);
    expect(step()).toBeUndefined();
  });

  test('does not come back with a record that comes twice', () => {
    const story = wholeCall({ id: 'a', at: NOW }, 9_000, 20_000);
    const board = boardOf(story, story, story.slice(2, 4));
    expect(board.size).toBe(0);
    expect(board.figures(NOW + MINUTE).hour).toMatchObject({ arrived: 1, answered: 1, missed: 0 });
  });

  test('whose end nobody saw goes when no controller carries it', () => {
    const board = boardOf(madeCall({ id: 'a', at: NOW }).records, madeCall({ id: 'b', at: NOW }).records);
    board.dropAllBut(new Set(['b']));
    expect(Array.from(board.calls, ({ id }) => id)).toEqual(['b']);
  });

  test('tells whoever looks what has moved and what is gone, once', () => {
    const board = new Board();
    board.changes();
    const [a, b] = [madeCall({ id: 'a', at: NOW }), wholeCall({ id: 'b', at: NOW }, 1, 2)];
    for (const record of [...a.records, ...b]) board.take(record);
    expect(board.changes()).toMatchObject({ calls: [{ id: 'a' }], gone: ['b'] });
    expect(board.changes()).toEqual({ calls: [], gone: [] });
  });
});

describe('the service level', () => {
  test('counts from the INVITE, the prompt included, of calls whose wait is over', () => {
    const at = NOW - 10 * MINUTE;
    const board = boardOf(
      wholeCall({ id: 'quick', at }, 15_000, 60_000),
      wholeCall({ id: 'slow', at, number: '12345' }, 15_001, 60_000),
      wholeCall({ id: 'later', at }, 31_000, 60_000),
      wholeCall({ id: 'given up', at }, null, 20_000),
      madeCall({ id: 'waits', at }).records,
    );
    const { hour, numbers, regions, waits } = board.figures(NOW);
    expect(hour).toMatchObject({ arrived: 5, answered: 3, missed: 1, within15: 1, within30: 2, waitedMs: 61_001 });
    expect(numbers.find(({ id }) => id === '12345')).toMatchObject({ hour: { answered: 1, within15: 0, within30: 1 } });
    expect(regions).toMatchObject([{ id: 'xiamen', live: 1, day: { arrived: 5 } }]);
    expect(waits.answered).toEqual([0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0]);
    expect(waits.missed).toEqual([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });

  test('knows neither calls that the fallback serves on nor numbers that are not in the table', () => {
    const back = madeCall({ id: 'a', at: NOW });
    const end = wholeCall({ id: 'a', at: NOW }, null, 9_000).at(-1) as Extract<CallRecord, { type: 'ended' }>;
    const { hour } = boardOf(
      [...back.records, { ...end, seq: 2, cause: 'given-back', by: 'hotline' }],
      wholeCall({ id: 'b', at: NOW, number: null }, null, 10),
    ).figures(NOW + MINUTE);
    expect(hour).toMatchObject({ arrived: 1, answered: 0, missed: 0 });
  });

  test('forgets what is older than its window', () => {
    const board = boardOf(
      wholeCall({ id: 'a', at: NOW - 61 * MINUTE }, 1_000, 2_000),
      wholeCall({ id: 'b', at: NOW - 25 * 60 * MINUTE }, 1_000, 2_000),
    );
    const { hour, day, minutes } = board.figures(NOW, 360);
    expect([hour.answered, day.answered]).toEqual([0, 1]);
    expect(minutes).toHaveLength(360);
    expect(minutes.filter(({ answered }) => answered > 0)).toMatchObject([{ at: NOW - 61 * MINUTE }]);
  });
});

describe('a caller who is handed on blind', () => {
  const made = madeCall({ id: 'a', at: NOW });
  made.queued(10);
  made.answered(4_000);
  const answered = made.records.at(-1) as Extract<CallRecord, { type: 'answered' }>;
  const { to: from, agent: _, agentMs: __, waitedMs: ___, waits, type: ____, ...common } = answered;
  const transferred = (seq: number, stage: 'asked' | 'failed') => ({
    ...common,
    ...{ type: 'transferred' as const, seq, kind: 'blind' as const, stage, from, to: 'seats:12348' as const },
    ...{ by: 'x', via: 'api' as const, reason: null, workOrder: null, note: null },
  });
  const asked = transferred(answered.seq + 1, 'asked');
  const failed = transferred(answered.seq + 2, 'failed');
  const queued: CallRecord = { ...common, type: 'queued', seq: answered.seq + 3, to: from, skill: null };

  test('waits at the destination, then in the queue that rescues', () => {
    const board = boardOf([...made.records, asked]);
    expect(board.call('a')).toMatchObject({ state: 'ringing', to: 'seats:12348', agent: null, waitedMs: 4_000 });
    expect(board.figures(NOW).agents.every(({ talkingSince }) => talkingSince === null)).toBe(true);
    for (const record of [failed, queued]) board.take(record);
    expect(board.call('a')).toMatchObject({ state: 'queued', to: from });
  });

  test('and is told as missed counts as missed, not as answered', () => {
    const end = wholeCall({ id: 'a', at: NOW }, 4_000, 9_000).at(-1) as Extract<CallRecord, { type: 'ended' }>;
    const missed = { reason: 'gave-up' as const, tried: [], caller: null, callBack: false, waits };
    const records: CallRecord[] = [
      ...made.records,
      asked,
      { ...common, type: 'missed', seq: answered.seq + 2, ...missed },
      { ...end, seq: answered.seq + 3 },
    ];
    const totals = new Totals();
    for (const record of records) totals.take(record);
    expect(risen(totals.ended)).toEqual([[['12333', 'xiamen', 'gave-up'], 1]]);
    expect(boardOf(records).figures(NOW + MINUTE).hour).toMatchObject({ arrived: 1, missed: 1 });
  });
});

test('a queue is as deep as there are callers who wait in it', () => {
  const [first, second, third] = ['a', 'b', 'c'].map((id, n) => madeCall({ id, at: NOW + n * 1000 }));
  for (const call of [first, second, third]) call?.queued(10);
  third?.answered(4_000);
  const board = boardOf(...[first, second, third].map((call) => call?.records ?? []));
  expect(board.figures(NOW).destinations).toEqual([
    { id: 'queue:12345-xiamen', waiting: 2, waitingSince: NOW + 10, talking: 1 },
  ]);
});

test('bins add up to what was put in, whatever the order, as long as it lies within the ring', () => {
  const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 2 })), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(events, (list) => {
      const bins = new Bins(1_000, 60, 3);
      const base = 1_000_000_000;
      bins.add(base + 59_500, 0, 0); // the present, so that nothing before it is late
      for (const [second, field] of list) bins.add(base + second * 1000, field);
      const expected = [0, 1, 2].map((field) => list.filter(([, each]) => each === field).length);
      expect(bins.sums(base + 59_999, 60_000)).toEqual(expected);
    }),
  );
});

test('a story is kept while its call is up, and for the last thousands that ended', () => {
  const stories = new CallLogs();
  for (const record of madeCall({ id: 'up', at: NOW }).records) stories.take(record);
  for (let n = 0; n < 2_100; n++) for (const record of wholeCall({ id: `${n}`, at: NOW }, 1, 2)) stories.take(record);
  expect([stories.of('up')?.length, stories.of('99'), stories.of('2099')?.length]).toEqual([2, undefined, 5]);
});

test('a series of outcomes is there, at nothing, when its first call arrives, and lost calls from the start: else Prometheus sees no rise', () => {
  const totals = new Totals();
  expect([totals.ended, totals.lost]).toEqual([[], 0]);
  const [arrived, ...rest] = madeCall({ id: 'a', at: NOW }).records;
  totals.take(arrived as CallRecord);
  expect(totals.ended).toContainEqual([['12333', 'xiamen', 'failure'], 0]);
  expect(totals.ended).toContainEqual([['12333', 'xiamen', 'answered'], 0]);
  expect(totals.within.map(([, count]) => count)).toEqual([0, 0]);
  const end = wholeCall({ id: 'a', at: NOW }, null, 2_000).at(-1) as Extract<CallRecord, { type: 'ended' }>;
  for (const record of [...rest, { ...end, by: 'switch' as const, cause: 'failure' as const }]) totals.take(record);
  expect(risen(totals.ended)).toEqual([[['12333', 'xiamen', 'lost'], 1]]);
  expect(totals.lost).toBe(1);
});

test('who is answered and talks on counts among those whose wait is over: a level is never above 100 %', () => {
  const totals = new Totals();
  for (const record of wholeCall({ id: 'a', at: NOW }, 4_000, 90_000).slice(0, -1)) totals.take(record);
  expect([risen(totals.within).length, risen(totals.over), risen(totals.ended)]).toEqual([
    2,
    [[['12333', 'xiamen', 'answered'], 1]],
    [],
  ]);
});

test('counters for Prometheus tell outcomes apart, and count a call once', () => {
  const totals = new Totals();
  const stories = [
    wholeCall({ id: 'a', at: NOW }, 14_000, 20_000),
    wholeCall({ id: 'b', at: NOW }, null, 9_000),
    wholeCall({ id: 'c', at: NOW, number: null }, null, 10),
  ];
  for (const record of stories.flat()) totals.take(record);
  expect(totals.arrived).toEqual([
    [['12333', 'xiamen'], 2],
    [['none', 'none'], 1],
  ]);
  expect(risen(totals.ended)).toEqual([
    [['12333', 'xiamen', 'answered'], 1],
    [['12333', 'xiamen', 'gave-up'], 1],
    [['none', 'none', 'refused'], 1],
  ]);
  expect(totals.within).toEqual([
    [['12333', 'xiamen', '15'], 1],
    [['12333', 'xiamen', '30'], 1],
  ]);
  expect(totals.over).toEqual([
    [['12333', 'xiamen', 'answered'], 1],
    [['12333', 'xiamen', 'missed'], 1],
  ]);
  expect(totals.waits.map(({ result, sumSeconds }) => [result, sumSeconds])).toEqual([
    ['answered', 14],
    ['missed', 9],
  ]);
});

describe('after a restart', () => {
  const keeperOn = async (text: string) => {
    const folder = await mkdtemp(join(tmpdir(), 'hotline-board-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const records = join(folder, 'records.ndjson');
    await writeFile(records, text);
    const keeper = new BoardKeeper({ records, log: quiet() });
    onTestFinished(() => keeper.stop());
    return { keeper, records };
  };
  const lines = (records: readonly CallRecord[]) => records.map((each) => `${JSON.stringify(each)}\n`).join('');

  test('the board is what the records say, and a record that comes meanwhile is counted once', async () => {
    const at = Date.now() - MINUTE;
    const before = [...wholeCall({ id: 'a', at }, 9_000, 20_000), ...madeCall({ id: 'b', at }).records];
    const { keeper } = await keeperOn(`cut off"}\n${lines(before)}{"v":1,"cut`);
    const starting = keeper.start(() => new Set(['b', 'c']));
    const live = madeCall({ id: 'c', at });
    for (const record of [...before.slice(-1), ...live.records]) keeper.take(record);
    await starting;
    expect(Array.from(keeper.board.calls, ({ id }) => id)).toEqual(['b', 'c']);
    expect(keeper.board.figures(Date.now()).hour).toMatchObject({ arrived: 3, answered: 1 });
    expect(keeper.totals.arrived).toEqual([[['12333', 'xiamen'], 1]]);
  });

  test('a story of long ago comes out of the file', async () => {
    const { keeper, records } = await keeperOn('');
    await keeper.start(() => new Set());
    const story = wholeCall({ id: 'old', at: NOW }, 9_000, 20_000);
    await appendFile(records, lines([...story, ...story.slice(1, 2)]));
    expect(await keeper.callLog('old')).toEqual(story);
    expect(await keeper.callLog('never')).toBeUndefined();
  });

  test('a record that cannot be shown costs the call nothing', async () => {
    const { keeper } = await keeperOn('');
    await keeper.start(() => new Set());
    const [, routed] = madeCall({ id: 'a', at: NOW }).records;
    expect(() => keeper.take({ ...routed, plan: null } as unknown as CallRecord)).not.toThrow();
  });

  test('a record file that is not there, or is a folder, leaves the board empty', async () => {
    for (const records of ['/nowhere/records.ndjson', '/']) {
      const keeper = new BoardKeeper({ records, log: quiet() });
      await keeper.start(() => new Set());
      expect(keeper.board.size).toBe(0);
      await keeper.stop();
    }
  });
});
