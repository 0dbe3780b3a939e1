/** How the wait of a caller is split, on a whole call and across a takeover. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Checkpoint } from '../../../src/calls/checkpoint.ts';
import { waitedUntil, waitsOf } from '../../../src/calls/waits.ts';
import type { Waits } from '../../../src/records/record.ts';
import { PROMPT_MS, pass, Trial, useCallClock } from './trial.ts';

beforeEach(useCallClock);
afterEach(() => void vi.useRealTimers());

const sum = (waits: Waits): number => waits.networkMs + waits.promptMs + waits.ringMs + waits.queueMs;

describe('a wait', () => {
  test('under the prompt is a wait for the prompt; after it, for the seats that ring and then for the queue', async () => {
    const trial = new Trial();
    trial.pbx.agents.set('12345-xiamen-1', { does: 'answer', afterMs: 9_000 });
    await trial.start();
    const caller = await trial.call('059212333');
    await pass(60_000);
    const { waits, waitedMs } = trial.last('answered');
    expect(waits).toEqual({ networkMs: 0, promptMs: PROMPT_MS, ringMs: waitedMs - PROMPT_MS - 9_000, queueMs: 9_000 });
    caller.hangup();
    await pass(1);
    expect(trial.last('ended').waits).toEqual(waits);
  });

  test('of a caller who reached nobody is the whole call', async () => {
    const trial = new Trial();
    await trial.start();
    const caller = await trial.call('12301');
    await pass(10_000);
    caller.hangup();
    await pass(1);
    const { waits, ms, callBack, caller: number } = trial.last('missed');
    expect({ waits, ms }).toEqual({
      waits: { networkMs: 0, promptMs: PROMPT_MS, ringMs: 0, queueMs: 10_000 - PROMPT_MS },
      ms: 10_000,
    });
    expect({ callBack, number }).toEqual({ callBack: true, number: '13900001111' });
  });

  test('goes on in the same part when the controller dies and another takes over', async () => {
    const trial = new Trial();
    trial.pbx.agents.set('12345-fuzhou-1', { does: 'answer', afterMs: 20_000 });
    const first = await trial.start();
    await trial.call('059112301');
    await pass(8_000);
    await first.die();
    await pass(4_000);
    await trial.start();
    await pass(30_000);
    const { waits, waitedMs } = trial.last('answered');
    expect(sum(waits)).toBe(waitedMs);
    expect(waits).toMatchObject({ promptMs: PROMPT_MS, queueMs: waitedMs - PROMPT_MS });
  });
});

test('whatever happens in whatever order, the parts add up to the time since the call arrived', () => {
  const plan: Checkpoint['plan'] = [
    { do: 'connect', to: 'seats:12320', ringSeconds: 20 },
    { do: 'connect', to: 'queue:12345-fuzhou', waitSeconds: 120 },
    { do: 'hangup', cause: 'no-answer' },
  ];
  const step = fc.record({
    after: fc.nat(10_000),
    cursor: fc.nat(3),
    dialled: fc.boolean(),
    playing: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let memory = { plan, cursor: 0 } as unknown as Checkpoint;
      let now = 0;
      for (const { after, cursor, dialled, playing } of steps) {
        now += after;
        const waits = waitedUntil(memory, now);
        const heard = playing && { playing: { id: '0.0', prompt: 'merged' } };
        memory = { ...({ plan, cursor } as unknown as Checkpoint), waits, ...(dialled && { legs: ['a'] }), ...heard };
      }
      expect(sum(waitsOf(waitedUntil(memory, now)))).toBe(now);
    }),
  );
});
