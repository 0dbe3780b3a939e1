import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MemoryCaller } from '../../../src/switch/memory/pbx.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from './trial.ts';

let trial: Trial;
let controller: Controller;

beforeEach(async () => {
  useCallClock();
  trial = new Trial();
  controller = await trial.start();
});

afterEach(async () => {
  expect([...trial.pbx.callers.keys()]).toEqual([]);
  expect(controller.live.count).toBe(0);
  expectNoGap();
  vi.useRealTimers();
});

/** What a consumer sees that drops repeats by (callId, seq): no gap, and a repeat says the same as before. */
const expectNoGap = (): void => {
  const bySeq = new Map<number, string>();
  for (const record of trial.records) {
    const said = `${record.type} ${'to' in record ? record.to : 'prompt' in record ? record.prompt : ''}`;
    expect(bySeq.get(record.seq) ?? said).toBe(said);
    bySeq.set(record.seq, said);
  }
  expect([...bySeq.keys()].toSorted((a, b) => a - b)).toEqual([...bySeq.keys()].map((_, index) => index));
};

/** The controller dies, and another starts after so long. */
const takeOver = async (awayMs = 1_000): Promise<void> => {
  await controller.die();
  await pass(awayMs);
  controller = await trial.start();
  await pass(0);
};

const answers = (endpoint: string, afterMs: number, hangupAfterMs?: number) =>
  trial.pbx.agents.set(endpoint, {
    does: 'answer',
    afterMs,
    ...(hangupAfterMs === undefined ? {} : { hangupAfterMs }),
  });

const hangUp = async (caller: MemoryCaller) => {
  caller.hangup();
  await pass(0);
};

/** `type` and place of each record as a consumer keeps them. */
const kept = (): string[] => {
  const bySeq = new Map(trial.records.map(({ seq }, index) => [seq, trial.story[index] ?? '']));
  return [...bySeq.values()];
};

describe('a call whose controller died, taken over by the next', () => {
  test('in the prompt, an agent being rung: the prompt is not said again, and both are joined at its end', async () => {
    answers('12345-xiamen-1', 4_000);
    const caller = await trial.call('059212301');
    await pass(2_000);
    await takeOver();
    expect(caller.legs.size).toBe(1);
    await pass(2_999);
    expect(kept()).not.toContain('answered queue:12345-xiamen');
    await pass(1);
    expect(trial.last('answered')).toMatchObject({ agentMs: 4_000, waitedMs: PROMPT_MS });
    expect(caller.heard).toEqual(['merged']);
    await hangUp(caller);
    expect(trial.last('ended')).toMatchObject({ takeovers: 1, tried: ['queue:12345-xiamen'] });
    expect(kept()).toEqual([
      'arrived',
      'routed',
      'queued queue:12345-xiamen',
      'prompted',
      'answered queue:12345-xiamen',
      'ended',
    ]);
  });

  test('in the prompt, the agent there already: the agent waits on, and both are joined at its end', async () => {
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    await pass(2_000);
    await takeOver();
    await pass(3_000);
    expect(trial.last('answered')).toMatchObject({ agent: '12345-xiamen-1', waitedMs: PROMPT_MS });
    await hangUp(caller);
  });

  test('in the prompt, which ends while nobody is in control: it counts as heard', async () => {
    const caller = await trial.call('059212301');
    await pass(5_000);
    await takeOver(2_000);
    expect(trial.last('prompted')).toMatchObject({ prompt: 'merged', result: 'done' });
    await pass(PROMPT_MS);
    expect(caller.heard).toEqual(['merged']);
    await hangUp(caller);
  });

  test('while seats ring: they ring on, and who picks up gets the call', async () => {
    answers('12320-2', 12_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    await takeOver();
    expect([...caller.legs.keys()]).toEqual(['2.0.0.0', '2.0.1.0']);
    await pass(3_000);
    expect(trial.last('answered')).toMatchObject({ agent: '12320-2', waitedMs: 12_000 });
    expect(caller.legs.size).toBe(1);
    await hangUp(caller);
    expect(kept().filter((told) => told.startsWith('ringing'))).toHaveLength(1);
  });

  test('at the second of seats that ring in order: it goes on there', async () => {
    answers('12329-province-2', 6_000);
    const caller = await trial.call('12329');
    await pass(14_000);
    await takeOver();
    await pass(3_000);
    expect(trial.last('answered')).toMatchObject({ agent: '12329-province-2', waitedMs: 18_000 });
    await hangUp(caller);
    expect(kept().filter((told) => told.startsWith('ringing'))).toHaveLength(1);
  });

  test('while seats ring that all give up meanwhile: the caller goes on to the queue', async () => {
    answers('12345-putian-1', 1_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    await controller.die();
    for (const leg of caller.legs.values()) leg.end({ cause: 'no-answer', q850: 19 });
    await pass(1_000);
    await takeOver(0);
    await pass(1_000);
    expect(trial.last('answered').to).toBe('queue:12345-putian');
    await hangUp(caller);
  });

  test('in the queue: the caller keeps the place and is joined with the agent who answers', async () => {
    answers('12345-xiamen-1', 40_000);
    const caller = await trial.call('059212301');
    const [leg] = caller.legs.values();
    await pass(30_000);
    await takeOver();
    expect([...caller.legs.values()]).toEqual([leg]);
    await pass(9_000);
    expect(trial.last('answered').waitedMs).toBe(40_000);
    expect(caller.heard).toEqual(['merged']);
    await hangUp(caller);
  });

  test('in the queue, an agent answering while nobody is in control: it is told once somebody is', async () => {
    answers('12345-xiamen-1', 31_000);
    const caller = await trial.call('059212301');
    await pass(30_000);
    await takeOver(2_000);
    expect(trial.last('answered').agent).toBe('12345-xiamen-1');
    await hangUp(caller);
  });

  test('in the talk: nobody is cut off, and the end is told with the whole talk', async () => {
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    const [leg] = caller.legs.values();
    await pass(20_000);
    await takeOver();
    expect([...caller.legs.values()]).toEqual([leg]);
    await pass(9_000);
    await hangUp(caller);
    expect(trial.last('ended')).toMatchObject({
      by: 'caller',
      waitedMs: PROMPT_MS,
      talkedMs: 24_000,
      answeredBy: 'queue:12345-xiamen',
      agent: '12345-xiamen-1',
      tried: ['queue:12345-xiamen'],
      takeovers: 1,
    });
    expect(kept().filter((told) => told.startsWith('answered'))).toHaveLength(1);
  });

  test('in the talk, the agent hanging up later: the caller is released', async () => {
    answers('12345-xiamen-1', 1_000, 30_000);
    const caller = await trial.call('059212301');
    await pass(20_000);
    await takeOver();
    await pass(10_000);
    expect(await caller.ended.promise).toBe(16);
    expect(trial.last('ended')).toMatchObject({ by: 'agent', talkedMs: 25_000 });
  });

  test('in the talk, the agent hanging up while nobody is in control: the caller is released', async () => {
    answers('12345-xiamen-1', 1_000, 20_000);
    const caller = await trial.call('059212301');
    await pass(20_000);
    await takeOver(5_000);
    expect(await caller.ended.promise).toBe(16);
    expect(trial.last('ended').by).toBe('agent');
  });

  test('in the apology: it is not said again, and the call ends as missed', async () => {
    const caller = await trial.call('059212301');
    await pass(122_000);
    await takeOver();
    await pass(3_000);
    expect(await caller.ended.promise).toBe(19);
    expect(caller.heard).toEqual(['merged', 'busy']);
    expect(trial.last('missed').tried).toEqual(['queue:12345-xiamen']);
  });

  test('twice, in the prompt and in the queue: it still comes to its end', async () => {
    answers('12345-xiamen-1', 20_000);
    const caller = await trial.call('059212301');
    await pass(2_000);
    await takeOver();
    await pass(7_000);
    await takeOver();
    await pass(9_000);
    expect(trial.last('answered').waitedMs).toBe(20_000);
    expect(caller.heard).toEqual(['merged']);
    await hangUp(caller);
    expect(trial.last('ended').takeovers).toBe(2);
  });

  test('and whose caller gave up meanwhile, is nobody else’s', async () => {
    const caller = await trial.call('059212301');
    await controller.die();
    caller.hangup();
    await takeOver();
    expect(controller.live.count).toBe(0);
  });
});

describe('a call whose memory is not what it should be', () => {
  test('behind, held up by the prompt: living legs tell how far it had come', async () => {
    for (const seat of ['12320-1', '12320-2']) trial.pbx.agents.set(seat, { does: 'busy' });
    answers('12345-putian-1', 4_000);
    let heldUp = '';
    trial.tamper = (call) => {
      const remember = call.writeCheckpoint.bind(call);
      Object.assign(call, {
        remember: async (memory: string) => {
          if (heldUp !== '') return;
          if (memory.includes('"playing"')) heldUp = memory;
          await remember(memory);
        },
      });
    };
    const caller = await trial.call('059412320');
    await pass(2_000);
    expect(trial.story).toEqual(['arrived', 'routed', 'ringing seats:12320', 'queued queue:12345-putian']);
    trial.tamper = () => undefined;
    await takeOver();
    expect(caller.legs.size).toBe(1); // the queue's: not dialled again
    await pass(3_000);
    expect(trial.last('answered')).toMatchObject({ to: 'queue:12345-putian', waitedMs: PROMPT_MS });
    expect(caller.heard).toEqual(['merged']);
    await hangUp(caller);
    expect(trial.last('ended').tried).toEqual(['seats:12320', 'queue:12345-putian']);
  });

  test.each([
    ['nothing yet', ''],
    ['not ours', 'hello'],
    ['of another version', '{"v":2}'],
  ])('(%s) begins afresh, and legs that were left are let go', async (_, memory) => {
    answers('12345-xiamen-1', 3_000);
    const caller = await trial.call('059212301');
    const [left] = caller.legs.values();
    await pass(1_000);
    await controller.die();
    caller.memory = memory;
    controller = await trial.start();
    await pass(0);
    expect((await left?.ends.promise)?.cause).toBe('cancelled');
    expect([...caller.legs.keys()]).toEqual(['2.0.0.1']); // never the id of the one that was left
    await pass(PROMPT_MS);
    expect(trial.last('answered').agent).toBe('12345-xiamen-1');
    await hangUp(caller);
    expect(trial.last('ended').takeovers).toBe(1);
  });

  test('of a destination that the table has no more: its ringing phones may still answer', async () => {
    answers('12320-1', 12_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    trial.table = { ...trial.table, seats: new Map() };
    await takeOver();
    await pass(3_000);
    expect(trial.last('answered').agent).toBe('12320-1');
    await hangUp(caller);
  });

  test('of a destination that the table has no more, further on: it is passed over', async () => {
    answers('12345-putian-1', 1_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    trial.table = { ...trial.table, queues: new Map() };
    await takeOver();
    await pass(20_000 + PROMPT_MS);
    expect(await caller.ended.promise).toBe(19);
    expect(caller.heard).toEqual(['merged', 'busy']);
  });

  test('of a destination that another revision does not have: it goes on by the table it began with', async () => {
    answers('12345-putian-1', 1_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    trial.former = [trial.table];
    trial.table = { ...trial.table, revision: 'another', queues: new Map() };
    await takeOver();
    await pass(20_000 + PROMPT_MS);
    expect(trial.last('answered').agent).toBe('12345-putian-1');
    expect(new Set(trial.records.map(({ revision }) => revision))).toEqual(new Set([trial.former[0]?.revision]));
    await hangUp(caller);
  });

  test('of a revision that nobody knows any more: the live table serves for what is left to look up', async () => {
    answers('12345-putian-1', 1_000);
    const caller = await trial.call('059412320');
    await pass(8_000);
    trial.table = { ...trial.table, revision: 'another' };
    await takeOver();
    await pass(20_000 + PROMPT_MS);
    expect(trial.last('answered').agent).toBe('12345-putian-1');
    await hangUp(caller);
  });
});
