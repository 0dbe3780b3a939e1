/** A controller of another version adopts a call, at every stage: nobody is cut off, and nobody is dialled or told twice. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MemoryCaller } from '../../../src/switch/memory/pbx.ts';
import { AGENT, OTHER_TARGET, TARGET, Talk } from './transfer/talk.ts';
import { PROMPT_MS, pass, useCallClock } from './trial.ts';

type Json = Readonly<Record<string, unknown>>;
/** What a memory of this version would read in another. */
type Version = (memory: Json) => unknown;

let talk: Talk;

const changed = (value: unknown, change: (object: Json) => Json): unknown => {
  if (Array.isArray(value)) return value.map((each) => changed(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, each]) => [key, changed(each, change)])));
};

const without =
  (...keys: readonly string[]) =>
  (object: Json): Json =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

const later = { since: 'then', of: [1] };

const readable: Readonly<Record<string, Version>> = {
  'newer: every object has one key more': (memory) => changed(memory, (object) => ({ ...object, later })),
  'newer: the plan ends in a step that is not known': ({ plan, ...memory }) => ({
    ...memory,
    plan: [...(plan as readonly unknown[]), { do: 'survey', questions: 3 }],
  }),
  'newer: waits, recordings and answers are written otherwise': (memory) =>
    changed({ ...memory, waits: later, rec: later, away: later }, (object) =>
      'answers' in object ? { ...object, answers: later } : object,
    ),
  'older: without what could be left out': (memory) =>
    changed(memory, without('waits', 'away', 'rec', 'answers', 'muted', 'bounced', 'done')),
};

const unreadable: Readonly<Record<string, Version>> = {
  'of a version that says it is another': (memory) => ({ ...memory, v: 2 }),
  'with a stage that is not known': (memory) => ({ ...memory, hand: { stage: 'parked' } }),
  'with a plan of another form': (memory) => ({ ...memory, plan: { first: 'merged' } }),
};

/** The controller dies, and one of another version starts. */
const adoptedBy = async (caller: MemoryCaller, version: (text: string) => string) => {
  await talk.controller.die();
  await pass(300);
  caller.memory = version(caller.memory);
  talk.controller = await talk.trial.start();
  await pass(100);
};

const written = (version: Version) => (text: string) => JSON.stringify(version(JSON.parse(text) as Json));

/** Everything that people on the call and its PBX notice. */
const noticed = (caller: MemoryCaller) => ({
  legs: [...caller.legs.values()].map(({ id, isAnswered, heard }) => ({ id, isAnswered, heard: [...heard] })),
  heard: [...caller.heard],
  hears: Object.fromEntries(['caller', ...caller.legs.keys()].map((who) => [who, caller.hears(who)])),
});

/** Before an agent is there. */
const alone = {
  'in the prompt, while the queue rings': async () => {
    talk.answers(AGENT, 60_000);
    const caller = await talk.trial.call('059212301');
    await pass(2_000);
    return caller;
  },
  'in the queue': async () => {
    talk.does(AGENT, 'ring');
    const caller = await talk.trial.call('059212301');
    await pass(PROMPT_MS + 2_000);
    return caller;
  },
  'while seats ring': async () => {
    for (const endpoint of ['12333-xiamen-1', '12333-xiamen-2']) talk.does(endpoint, 'ring');
    const caller = await talk.trial.call('059212333');
    await pass(PROMPT_MS + 1_000);
    return caller;
  },
};

const handedOn = (kind: 'blind' | 'attended' | 'three-way', afterMs: number, waitMs: number) => async () => {
  talk.answers(TARGET, afterMs);
  talk.does(OTHER_TARGET, 'ring');
  await talk.transfer(kind);
  await pass(waitMs);
  return talk.caller;
};

/** An agent is on the call. */
const withAgent = {
  'in a talk': async () => talk.caller,
  'on hold': async () => {
    await talk.ask({ do: 'hold' });
    return talk.caller;
  },
  'while T rings, to be consulted': handedOn('attended', 60_000, 1_000),
  consulting: handedOn('attended', 1_000, 2_000),
  'while T rings, to be brought in': handedOn('three-way', 60_000, 1_000),
  'three of them': handedOn('three-way', 1_000, 2_000),
  'handed on': handedOn('blind', 1_000, 2_000),
  'taken back': async () => {
    await handedOn('blind', 1_000, 2_000)();
    talk.answers(AGENT, 60_000);
    await talk.ask({ do: 'pull-back' });
    await pass(500);
    return talk.caller;
  },
};

/** Agents have left the caller, whose phones ring. */
const between = {
  'while T rings, to be handed the caller': handedOn('blind', 60_000, 1_000),
  'returning to the agent': async () => {
    for (const endpoint of [TARGET, OTHER_TARGET]) talk.does(endpoint, 'busy');
    talk.answers(AGENT, 60_000);
    await talk.transfer('blind');
    await pass(1_000);
    return talk.caller;
  },
};

beforeEach(async () => {
  useCallClock();
  talk = new Talk();
  await talk.begin();
});

afterEach(async () => {
  for (const caller of [...talk.trial.pbx.callers.values()]) caller.hangup();
  await pass(0);
  expect(talk.controller.live.count).toBe(0);
  expect(talk.trial.errors).toEqual([]);
  vi.useRealTimers();
});

describe.each(Object.entries(readable))('%s', (_, version) => {
  test.each(Object.entries({ ...alone, ...withAgent, ...between }))('%s: the call goes on', async (_stage, reach) => {
    const caller = await reach();
    const before = noticed(caller);
    const told = talk.trial.records.length;
    await adoptedBy(caller, written(version));
    expect(noticed(caller)).toEqual(before);
    expect(talk.trial.records.slice(told)).toEqual([]);
    caller.hangup();
    await pass(0);
    expect(talk.trial.last('ended')).toMatchObject({
      callId: expect.stringContaining(caller.id),
      by: 'caller',
      takeovers: 1,
    });
  });
});

describe.each(Object.entries(unreadable))('a memory %s', (_, version) => {
  describe.each(Object.entries(withAgent))('%s', (_stage, reach) => {
    test('leaves caller and agents alone until the caller hangs up', async () => {
      const caller = await reach();
      const before = noticed(caller);
      await adoptedBy(caller, written(version));
      const { memory } = caller;
      await pass(20_000);
      expect(noticed(caller)).toEqual(before);
      expect(caller.memory).toBe(memory);
      const told = talk.trial.records.length;
      caller.hangup();
      await pass(0);
      expect(talk.trial.records.slice(told).map(({ type }) => type)).toEqual(['ended']);
      const { seq, number, agent } = talk.trial.last('ended');
      expect({ number, agent }).toEqual({ number: '12301', agent: AGENT });
      expect(talk.trial.records.filter((record) => record.seq === seq)).toHaveLength(1);
    });

    test('ends with the last agent, as every talk does', async () => {
      const caller = await reach();
      await adoptedBy(caller, written(version));
      for (const leg of [...caller.legs.values()]) leg.hangup();
      await pass(100);
      expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', cause: 'hung-up', agent: AGENT });
      expect(await caller.ended.promise).toBe(16);
    });
  });

  test.each(Object.entries({ ...alone, ...between }))(
    '%s, where no agent is there: begins anew',
    async (_stage, reach) => {
      const caller = await reach();
      await adoptedBy(caller, written(version));
      expect(caller.gone.signal.aborted).toBe(false);
      expect(caller.heard.filter((prompt) => prompt === 'merged').length).toBeGreaterThan(0);
      expect(talk.trial.last('routed').callId).toContain(caller.id);
    },
  );
});

test.each(['', 'no JSON', '{"v":1'])('nothing to read at all (%j) leaves a talk alone too', async (text) => {
  await adoptedBy(talk.caller, () => text);
  void talk.controller.live.giveBack(1);
  await pass(2_000);
  talk.expectTalk(AGENT);
  talk.caller.hangup();
  await pass(0);
  expect(talk.trial.last('ended')).toMatchObject({ number: '12301', answeredBy: 'queue:12345-xiamen', by: 'caller' });
});

test('a request on a call that is only watched is refused', async () => {
  await adoptedBy(talk.caller, () => '');
  const [id = ''] = talk.controller.live.ids;
  const asker = { by: AGENT, via: 'api', as: { endpoint: AGENT } } as const;
  expect(await talk.controller.live.ask(id, { do: 'hold' }, asker)).toEqual({
    refused: 'NOT_NOW',
    to: null,
  });
});

test('the one who began it reads what another version left alone, and goes on', async () => {
  let memory = '';
  await adoptedBy(talk.caller, (text) => {
    memory = text;
    return written(unreadable['of a version that says it is another'] ?? String)(text);
  });
  await adoptedBy(talk.caller, () => memory);
  await talk.ask({ do: 'hold' });
  expect(talk.hears('caller')).toEqual(['music']);
});
