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

  describe('that is to stop', () => {
    test('sends new calls to the fallback, and waits for those that are up', async () => {
      trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 1_000, hangupAfterMs: 9_000 });
      await trial.call('059212301');
      const drained = vi.fn();
      void controller.live.drain(30).then(drained);
      const late = await trial.call('059212301');
      expect(await late.ended.promise).toBe('fallback');
      expect(new Set(trial.records.map(({ callId }) => callId))).toEqual(new Set(['pbx1-m1']));
      await pass(9_000);
      expect(drained).not.toHaveBeenCalled();
      await pass(2_000);
      expect(drained).toHaveBeenCalledOnce();
    });

    test('waits no longer than it was told', async () => {
      const caller = await trial.call('059212301');
      const drained = vi.fn();
      void controller.live.drain(5).then(drained);
      await pass(4_900);
      expect(drained).not.toHaveBeenCalled();
      await pass(200);
      expect(drained).toHaveBeenCalledOnce();
      caller.hangup();
      await pass(0);
    });

    test('gives who waits back to the fallback, tells so, and leaves who talks alone', async () => {
      trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 1_000 });
      const talking = await trial.call('059212301');
      await pass(8_000);
      const waiting = await trial.call('059412320');
      await pass(1_000);
      await controller.live.giveBack(5);
      expect(await waiting.ended.promise).toBe('fallback');
      expect(trial.last('ended')).toMatchObject({ callId: 'pbx1-m2', by: 'hotline', cause: 'given-back' });
      expect(trial.records.some(({ type }) => type === 'missed')).toBe(false);
      expect(controller.live.count).toBe(1);
      talking.hangup();
      await pass(0);
    });
  });

  test('that lets go of its calls forgets them, and tells nothing of them', async () => {
    const caller = await trial.call('059212301');
    const before = trial.records.length;
    await controller.die();
    await pass(0);
    expect(controller.live.count).toBe(0);
    expect(trial.records).toHaveLength(before);
    caller.hangup();
  });
});
