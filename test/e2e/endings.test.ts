/** However a call ends, it ends cleanly: the caller is told, the records say why, and nothing stays on the PBX. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { AgentBehaviour } from '../../src/lab/exchange/agents.ts';
import type { CallMoment, CallOptions, PlacedCall } from '../../src/lab/exchange/placed-call.ts';
import { endpointsOf, phoneOf } from '../../src/lab/pbx/asterisk-files.ts';
import { reportOf } from '../../src/lab/report.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { startController, type TestController } from './controller.ts';
import { onEachPbx } from './each-pbx.ts';
import { type AnyTestLab, impatientTable, leftoversOf, setPromptLength } from './test-lab.ts';

const MIXED_CALLS = 300;
const AT_ONCE = 20;

/** The same numbers at each run (Park and Miller). */
const dice = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

onEachPbx('every ending of a call', (openLab) => {
  let testLab: AnyTestLab;
  let controller: TestController;

  beforeAll(async () => {
    testLab = await openLab(await impatientTable(3, 4));
    await setPromptLength(testLab.lab, 'merged', 2);
    await setPromptLength(testLab.lab, 'busy', 2);
    controller = await startController(testLab);
  });

  afterAll(async () => {
    await controller?.stop();
    await testLab?.lab.stop();
  });

  afterEach(async () => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => controller.live.count).toBe(0);
    await expect.poll(() => controller.held()).toBe(0);
  });

  const agents = (behaviour: AgentBehaviour): void => testLab.lab.exchange.setAgents(behaviour);

  const call = async (options: CallOptions) => {
    const placed = await testLab.lab.exchange.placeCall({ from: '05922001234', limitMs: 40_000, ...options });
    const report = await reportOf(testLab.lab, testLab.table, placed);
    await expect.poll(() => controller.records.at(-1)?.type, { timeout: 5_000 }).toBe('ended');
    const callId = controller.records.at(-1)?.callId;
    const told = controller.records.filter((record) => record.callId === callId);
    return { placed, report, told, ended: told.at(-1) as Extract<CallRecord, { type: 'ended' }> };
  };

  const hangup = (after: CallMoment, ms = 300) => ({ hangup: { after, ms } });

  it.each([
    ['in the prompt', '059212301', hangup('prompt'), { do: 'ring' }],
    ['while seats ring', '12366', hangup('ringing'), { do: 'ring' }],
    ['in the queue', '059212301', hangup('prompt', 3_000), { do: 'ring' }],
  ] as const)('the caller gives up %s', async (_, dialled, options, behaviour) => {
    agents(behaviour);
    const { placed, told, ended } = await call({ dialled, ...options });
    expect(placed.endedBy).toBe('caller');
    expect(ended).toMatchObject({ by: 'caller', answeredBy: null, waitedMs: null });
    expect(told.find(({ type }) => type === 'missed')).toMatchObject({ reason: 'gave-up' });
  });

  it('the caller hangs up after the answer', async () => {
    agents({ do: 'answer', afterMs: 300 });
    const { placed, ended } = await call({ dialled: '12366', ...hangup('heard', 500) });
    expect(placed.endedBy).toBe('caller');
    expect(ended).toMatchObject({ by: 'caller', answeredBy: 'seats:12366-xiamen' });
    expect(ended.talkedMs).toBeGreaterThan(400);
  });

  it.each(['12366', '059212301'])('the agent hangs up on a call to %s', async (dialled) => {
    agents({ do: 'answer', afterMs: 300, hangupAfterMs: 4_000 });
    const { placed, ended } = await call({ dialled });
    expect(placed.endedBy).toBe('agent');
    expect(ended.by).toBe('agent');
    expect(ended.answeredBy).not.toBeNull();
  });

  it.each([
    ['nobody answers', { do: 'ring' }],
    ['everybody is busy', { do: 'busy' }],
    ['every phone is out of reach', { do: 'unreachable' }],
    ['everybody rejects', { do: 'reject' }],
  ] as const)('%s: the caller hears the prompt, then the apology, and is let go', async (_, behaviour) => {
    agents(behaviour);
    const { placed, report, told, ended } = await call({ dialled: '059212333' });
    expect(report.heard.map(({ prompt }) => prompt)).toEqual(['merged', 'busy']);
    expect(report.reached).toBeNull();
    expect(placed.endedBy).toBe('hotline');
    expect(ended).toMatchObject({ by: 'hotline', cause: 'no-answer' });
    expect(ended.tried).toEqual(['seats:12333-xiamen', 'queue:12345-xiamen']);
    expect(told.find(({ type }) => type === 'missed')).toMatchObject({ reason: 'no-answer' });
  });

  it('seats that nobody answers overflow to the queue', async () => {
    agents({ do: 'answer', afterMs: 300 });
    for (const seat of ['12333-xiamen-1', '12333-xiamen-2']) testLab.lab.exchange.setAgent(seat, { do: 'ring' });
    const { report } = await call({ dialled: '059212333', ...hangup('heard', 500) });
    expect(report.reached).toBe('queue:12345-xiamen');
  });

  it(`leaves nothing behind after ${MIXED_CALLS} mixed calls`, { timeout: 300_000 }, async () => {
    const throwDice = dice(12_345);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(throwDice() * from.length)] as T;
    const { exchange } = testLab.lab;
    const behaviours: readonly AgentBehaviour[] = [
      { do: 'answer', afterMs: 200 },
      { do: 'answer', afterMs: 1_500, hangupAfterMs: 1_000 },
      { do: 'ring' },
      { do: 'busy' },
      { do: 'reject', afterMs: 100 },
      { do: 'unreachable' },
    ];
    for (const phone of endpointsOf(testLab.table).map(phoneOf)) exchange.setAgent(phone, pick(behaviours));
    const numbers = [...testLab.table.numbers.keys()];
    const moments: readonly CallMoment[] = ['dial', 'ringing', 'prompt', 'queue', 'talk'];
    const before = controller.records.length;
    const one = (index: number) =>
      exchange.placeCall({
        dialled: pick(['', '0592', '86591', '+86595']) + pick(numbers),
        from: `139${String(index).padStart(8, '0')}`,
        record: false,
        limitMs: 30_000,
        ...(throwDice() < 0.8 && { hangup: { after: pick(moments), ms: Math.floor(throwDice() * 3_000) } }),
      });
    const placed: PlacedCall[] = [];
    const places = Array.from({ length: AT_ONCE }, async (_, place) => {
      for (let index = place; index < MIXED_CALLS; index += AT_ONCE) placed.push(await one(index));
    });
    await Promise.all(places);
    await controller.live.idle;
    const told = controller.records.slice(before);
    const arrived = told.flatMap((record) => (record.type === 'arrived' ? [record] : []));
    const ended = told.filter(({ type }) => type === 'ended');
    expect(ended.map(({ callId }) => callId).toSorted()).toEqual(arrived.map(({ callId }) => callId).toSorted());
    // Whoever gives up while the PBX is handing the call over was never with us: unanswered, and nobody was rung.
    const callers = new Set(arrived.map(({ caller }) => caller));
    const never = placed.filter(({ from }) => !callers.has(from));
    expect(never.filter(({ answeredMs, agents }) => answeredMs !== null || agents.length > 0)).toEqual([]);
    expect(never.length).toBeLessThanOrEqual(MIXED_CALLS / 100);
    expect(ended.filter((record) => record.type === 'ended' && record.cause === 'failure')).toEqual([]);
  });
});
