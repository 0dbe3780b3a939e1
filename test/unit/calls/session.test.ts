import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Call, Leg } from '../../../src/switch/port.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from './trial.ts';

let trial: Trial;
let controller: Controller;

beforeEach(async () => {
  useCallClock();
  trial = new Trial();
  controller = await trial.start();
});

afterEach(async () => {
  // However a call went, nothing of it stays: not on the PBX, not in the controller, no gap in its records.
  expect([...trial.pbx.callers.keys()]).toEqual([]);
  expect(controller.live.count).toBe(0);
  await controller.live.idle;
  expect(trial.records.map(({ seq }) => seq)).toEqual(trial.records.map((_, index) => index));
  expect(trial.records.at(-1)?.type).toBe('ended');
  vi.useRealTimers();
});

const answers = (endpoint: string, afterMs: number, hangupAfterMs?: number) =>
  trial.pbx.agents.set(endpoint, {
    does: 'answer',
    afterMs,
    ...(hangupAfterMs === undefined ? {} : { hangupAfterMs }),
  });

const hangUp = async (caller: { hangup(): void }) => {
  caller.hangup();
  await pass(0);
};

describe('a caller to a number that has been merged', () => {
  test('hears the prompt while an agent is rung, and talks the moment it ends', async () => {
    answers('12345-xiamen-1', 3_000);
    const caller = await trial.call('059212301');
    await pass(PROMPT_MS - 1);
    expect(trial.story).toEqual(['arrived', 'routed', 'queued queue:12345-xiamen']);
    await pass(1);
    expect(trial.last('answered')).toMatchObject({ agent: '12345-xiamen-1', agentMs: 3_000, waitedMs: PROMPT_MS });
    await pass(10_000);
    await hangUp(caller);
    expect(caller.heard).toEqual(['merged']);
    expect(trial.last('ended')).toMatchObject({
      by: 'caller',
      waitedMs: PROMPT_MS,
      talkedMs: 10_000,
      answeredBy: 'queue:12345-xiamen',
      tried: ['queue:12345-xiamen'],
      takeovers: 0,
    });
  });

  test('talks as soon as an agent answers, when that is after the prompt', async () => {
    answers('12345-xiamen-1', 9_000);
    const caller = await trial.call('059212301');
    await pass(9_000);
    expect(trial.last('answered')).toMatchObject({ agentMs: 9_000, waitedMs: 9_000 });
    await hangUp(caller);
  });

  test('is released when the agent hangs up', async () => {
    answers('12345-xiamen-1', 1_000, 30_000);
    const caller = await trial.call('059212301');
    await pass(31_000);
    expect(await caller.ended.promise).toBe(16);
    expect(trial.last('ended')).toMatchObject({ by: 'agent', cause: 'hung-up', q850: 16, talkedMs: 25_000 });
  });

  test('is announced to the agent: hotline and city on the phone, and a whisper until the prompt ends', async () => {
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301', { caller: '05922001234' });
    const [leg] = caller.legs.values();
    expect(leg?.shown).toEqual({ name: '12301 厦门', number: '05922001234', hotline: '12301', region: 'xiamen' });
    await pass(1_000);
    expect(leg?.heard).toEqual(['whisper-number-12301', 'whisper-region-xiamen']);
    await pass(PROMPT_MS);
    await hangUp(caller);
  });

  test('who withholds the number is connected all the same, and shown without one', async () => {
    const caller = await trial.call('12301', { caller: 'anonymous' });
    expect([...caller.legs.values()][0]?.shown?.number).toBeNull();
    expect(trial.last('routed').region).toBe('province');
    await hangUp(caller);
  });

  test('goes on to the queue when the seats are busy, before the prompt is over', async () => {
    for (const seat of ['12320-1', '12320-2']) trial.pbx.agents.set(seat, { does: 'busy' });
    answers('12345-putian-1', 2_000);
    const caller = await trial.call('059412320');
    await pass(PROMPT_MS);
    expect(trial.story.slice(2)).toEqual([
      'ringing seats:12320',
      'queued queue:12345-putian',
      'prompted',
      'answered queue:12345-putian',
    ]);
    await hangUp(caller);
    expect(trial.last('ended').tried).toEqual(['seats:12320', 'queue:12345-putian']);
  });

  test('goes on to the queue when nobody picks up at the seats', async () => {
    answers('12345-putian-1', 1_000);
    const caller = await trial.call('059412320');
    await pass(19_999);
    expect(trial.story).not.toContain('queued queue:12345-putian');
    await pass(1_001);
    expect(trial.last('answered')).toMatchObject({ to: 'queue:12345-putian', waitedMs: 21_000 });
    expect([...caller.legs.values()]).toHaveLength(1); // the phones that rang are silent
    await hangUp(caller);
  });

  test('goes on to the queue when the agent hangs up before the prompt is over', async () => {
    answers('12320-1', 1_000, 2_000);
    answers('12345-putian-1', 2_000);
    const caller = await trial.call('059412320');
    await pass(3_000);
    expect(trial.story).toContain('queued queue:12345-putian');
    await pass(3_000);
    expect(trial.last('answered')).toMatchObject({ to: 'queue:12345-putian', agentMs: 5_000, waitedMs: PROMPT_MS });
    await hangUp(caller);
  });

  test('asks the queue again when its agent hangs up before the prompt is over', async () => {
    answers('12345-putian-1', 1_000, 1_500);
    const caller = await trial.call('059412301');
    await pass(2_000);
    answers('12345-putian-1', 1_000); // the agent who is free next
    await pass(PROMPT_MS);
    expect(trial.last('answered')).toMatchObject({ to: 'queue:12345-putian' });
    await hangUp(caller);
  });

  test('reaches the first of the seats to pick up, and the others stop ringing', async () => {
    answers('12320-2', 7_000);
    const caller = await trial.call('059412320');
    expect(trial.last('ringing').endpoints).toEqual(['12320-1', '12320-2']);
    expect(caller.legs.size).toBe(2);
    await pass(7_000);
    expect(trial.last('answered').agent).toBe('12320-2');
    expect(caller.legs.size).toBe(1);
    await hangUp(caller);
  });

  test('rings seats in order one after another, each for its own time', async () => {
    answers('12329-province-2', 5_000);
    const caller = await trial.call('12329');
    await pass(11_999);
    expect([...caller.legs.keys()]).toEqual(['2.0.0.0']);
    await pass(1);
    expect([...caller.legs.keys()]).toEqual(['2.1.0.0']);
    await pass(5_000);
    expect(trial.last('answered')).toMatchObject({ agent: '12329-province-2', waitedMs: 17_000 });
    expect(trial.story.filter((told) => told.startsWith('ringing'))).toHaveLength(1);
    await hangUp(caller);
  });

  test('waits for an agent of the skill first, then for any agent of the queue', async () => {
    answers('12345-xiamen-1', 1_000);
    trial.pbx.agents.set('12329-xiamen-1', { does: 'reject' });
    const caller = await trial.call('059212329');
    await pass(PROMPT_MS);
    const queued = trial.records.filter((record) => record.type === 'queued').map(({ skill }) => skill);
    expect(queued).toEqual(['12329', null]);
    expect(trial.last('answered').agent).toBe('12345-xiamen-1');
    await hangUp(caller);
  });

  test('is not taken from an agent whose answer could not be told while the PBX was away', async () => {
    const away = Promise.withResolvers<void>();
    trial.tamper = (call) => Object.defineProperty(call, 'upToDate', { get: () => away.promise });
    const caller = await trial.call('12320');
    await pass(20_000 + PROMPT_MS); // the seats' time is up, and nobody knows whether they answered
    answers('12345-province-1', 100);
    expect(trial.story.at(-1)).toBe('prompted');
    for (const leg of trial.pbx.callers.get('m1')?.legs.values() ?? []) {
      leg.isAnswered = true;
      leg.answers.resolve({ answeredBy: '12320-1' });
    }
    away.resolve();
    await pass(0);
    expect(trial.last('answered')).toMatchObject({ to: 'seats:12320' });
    await hangUp(caller);
  });

  test('whom nobody answers hears an apology, is hung up, and counts as missed', async () => {
    const caller = await trial.call('059212301');
    await pass(120_000 + PROMPT_MS);
    expect(await caller.ended.promise).toBe(19);
    expect(caller.heard).toEqual(['merged', 'busy']);
    expect(trial.story.slice(2)).toEqual(['queued queue:12345-xiamen', 'prompted', 'prompted', 'missed', 'ended']);
    expect(trial.last('missed')).toMatchObject({ reason: 'no-answer', tried: ['queue:12345-xiamen'] });
    expect(trial.last('ended')).toMatchObject({ by: 'hotline', cause: 'no-answer', waitedMs: null, answeredBy: null });
  });
});

describe('a caller to a number that keeps its seats', () => {
  test('hears no prompt and talks as soon as somebody picks up', async () => {
    answers('12360-xiamen-customs-1', 2_000);
    const caller = await trial.call('059512360');
    await pass(2_000);
    expect(trial.last('answered')).toMatchObject({ to: 'seats:12360-xiamen-customs', waitedMs: 2_000 });
    expect(caller.heard).toEqual([]);
    expect([...caller.legs.values()][0]?.heard).toEqual([]);
    await hangUp(caller);
  });

  test('reaches 12345 when all of them are busy', async () => {
    for (const n of [1, 2]) trial.pbx.agents.set(`12360-xiamen-customs-${n}`, { does: 'busy' });
    answers('12345-quanzhou-1', 500);
    const caller = await trial.call('059512360');
    await pass(500);
    expect(trial.last('answered').to).toBe('queue:12345-quanzhou');
    await hangUp(caller);
  });
});

describe('a caller who gives up', () => {
  const missed = { reason: 'gave-up' };

  test('in the prompt is missed', async () => {
    const caller = await trial.call('059212301');
    await pass(2_000);
    await hangUp(caller);
    expect(trial.last('missed')).toMatchObject({ ...missed, ms: 2_000 });
    expect(trial.last('ended')).toMatchObject({ by: 'caller', cause: 'hung-up', q850: 16, talkedMs: null });
    expect(trial.story).not.toContain('prompted');
  });

  test('while phones ring is missed, and the phones stop ringing', async () => {
    const caller = await trial.call('059412320');
    const legs = [...caller.legs.values()];
    await pass(10_000);
    await hangUp(caller);
    expect(trial.last('missed')).toMatchObject({ ...missed, tried: ['seats:12320'] });
    for (const leg of legs) expect((await leg.ends.promise).cause).toBe('cancelled');
  });

  test('in the queue is missed', async () => {
    const caller = await trial.call('059212301');
    await pass(60_000);
    await hangUp(caller);
    expect(trial.last('missed')).toMatchObject({ ...missed, tried: ['queue:12345-xiamen'] });
  });

  test('in the apology is missed once', async () => {
    const caller = await trial.call('059212301');
    await pass(121_000);
    await hangUp(caller);
    expect(trial.records.filter(({ type }) => type === 'missed')).toHaveLength(1);
    expect(trial.last('missed')).toMatchObject(missed);
  });

  test('after the agent picked up, but before they were joined, is missed, and the agent is let go', async () => {
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    const [leg] = caller.legs.values();
    await pass(2_000);
    await hangUp(caller);
    expect(trial.last('missed')).toMatchObject(missed);
    expect((await leg?.ends.promise)?.cause).toBe('cancelled');
  });

  test('in the talk is not missed', async () => {
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    await pass(20_000);
    await hangUp(caller);
    expect(trial.story).not.toContain('missed');
    expect(trial.last('ended')).toMatchObject({ by: 'caller', talkedMs: 14_000, agent: '12345-xiamen-1' });
  });

  test('the moment the call arrives leaves nothing behind', async () => {
    const placed = trial.call('059212301');
    for (const caller of trial.pbx.callers.values()) caller.hangup();
    await placed;
    expect(trial.last('ended').by).toBe('caller');
  });
});

describe('when something is missing or fails', () => {
  test('a prompt that is not there is logged, told, and costs the caller nothing', async () => {
    trial.pbx.prompts.delete('merged');
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    await pass(1_000);
    expect(trial.last('prompted')).toMatchObject({ prompt: 'merged', result: 'failed' });
    expect(trial.last('answered').waitedMs).toBe(1_000);
    expect(trial.errors.join()).toContain('the prompt could not be played');
    await hangUp(caller);
  });

  test('a caller is hung up even when the apology is not there', async () => {
    trial.pbx.prompts.clear();
    const caller = await trial.call('059212301');
    await pass(120_000);
    expect(await caller.ended.promise).toBe(19);
  });

  test.each(['110', '12345678', '059112399', '021012301', '+112301', '; DROP', ''])(
    'a call to "%s", which is not in the table, is refused as unallocated, and nothing is dialled',
    async (dialled) => {
      const dial = vi.spyOn(trial.pbx, 'dial');
      const caller = await trial.call(dialled);
      expect(await caller.ended.promise).toBe(1);
      await pass(0);
      expect(dial).not.toHaveBeenCalled();
      expect(caller.heard).toEqual([]);
      expect(trial.story).toEqual(['arrived', 'routed', 'ended']);
      expect(trial.last('ended')).toMatchObject({ number: null, by: 'hotline', cause: 'unallocated', tried: [] });
    },
  );

  const broken = () => {
    throw new Error('the PBX said no');
  };
  const withBrokenJoin = (call: Call) => {
    const dial = call.dial.bind(call);
    return (id: string, target: Parameters<Call['dial']>[1]): Leg =>
      Object.assign(dial(id, target), { join: async () => broken() });
  };

  test.each([
    ['answered', (call: Call) => Object.assign(call, { answer: async () => broken() })],
    ['played to', (call: Call) => Object.assign(call, { play: broken })],
    ['dialled for', (call: Call) => Object.assign(call, { dial: broken })],
    ['joined', (call: Call) => Object.assign(call, { dial: withBrokenJoin(call) })],
    ['presented', (call: Call) => Object.assign(call, { present: broken })],
  ])('a caller who cannot be %s is given back to the fallback of the PBX', async (_, tamper) => {
    trial.tamper = tamper;
    answers('12345-xiamen-1', 1_000);
    const caller = await trial.call('059212301');
    await pass(PROMPT_MS);
    expect(await caller.ended.promise).toBe('fallback');
    expect(trial.last('missed').reason).toBe('failure');
    expect(trial.last('ended')).toMatchObject({ by: 'hotline', cause: 'failure' });
    expect(trial.errors.join()).toContain('the PBX said no');
  });

  test('a call that cannot be hung up is told once and given back', async () => {
    trial.tamper = (call) => Object.assign(call, { hangup: async () => broken() });
    answers('12345-xiamen-1', 1_000, 10_000);
    const caller = await trial.call('059212301');
    await pass(11_000);
    expect(await caller.ended.promise).toBe('fallback');
    expect(trial.records.filter(({ type }) => type === 'ended')).toHaveLength(1);
    expect(trial.last('ended').by).toBe('agent');
  });
});
