import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Controller, pass, Trial, useCallClock } from './trial.ts';

let trial: Trial;
let controller: Controller;

beforeEach(async () => {
  useCallClock();
  trial = new Trial();
  controller = await trial.start();
});

afterEach(() => {
  expect(controller.live.count).toBe(0);
  vi.useRealTimers();
});

describe('a controller', () => {
  test('knows how many calls are up, and when the last of them has ended', async () => {
    await controller.live.idle;
    const first = await trial.call('059212301');
    const second = await trial.call('059412320');
    expect(controller.live.count).toBe(2);
    const idle = vi.fn();
    void controller.live.idle.then(idle);
    first.hangup();
    await pass(0);
    expect(idle).not.toHaveBeenCalled();
    second.hangup();
    await pass(0);
    expect(idle).toHaveBeenCalledOnce();
  });

  test('carries 300 calls at once, each to its own end', async () => {
    trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 3_000, hangupAfterMs: 20_000 });
    const callers = await Promise.all(Array.from({ length: 300 }, () => trial.call('059212301')));
    await pass(23_000);
    expect(new Set(await Promise.all(callers.map(({ ended }) => ended.promise)))).toEqual(new Set([16]));
    const ends = trial.records.filter(({ type }) => type === 'ended');
    expect(new Set(ends.map(({ callId }) => callId)).size).toBe(300);
    expect(ends.every((end) => end.type === 'ended' && end.by === 'agent')).toBe(true);
  });

  test('routes new calls by the new table, and lets live calls keep the revision they began with', async () => {
    const before = await trial.call('059212301');
    const { revision } = trial.table;
    trial.table = { ...trial.table, revision: 'next' };
    const after = await trial.call('059212301');
    before.hangup();
    after.hangup();
    await pass(0);
    for (const { callId, revision: told } of trial.records) {
      expect(told).toBe(callId === 'pbx1-m1' ? revision : 'next');
    }
  });

  test.each(['arrived', 'queued', 'answered', 'ended'] as const)(
    'that cannot tell "%s" gives the caller to the fallback of the PBX instead of to silence',
    async (type) => {
      trial.untold = new Set([type]);
      trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 1_000, hangupAfterMs: 9_000 });
      const caller = await trial.call('059212301');
      await pass(10_000);
      expect(await caller.ended.promise).toBe('fallback');
      expect(trial.errors.join()).toContain('the disk is on fire');
    },
  );
});
