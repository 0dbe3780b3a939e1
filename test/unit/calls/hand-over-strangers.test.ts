/** Who else is about a call: queues that ring for three, supervisors who inherit it, strangers who ask for it. */
import { describe, expect, test } from 'vitest';
import { seatingOf, seatOfRinging } from '../../../src/calls/transfer/audio.ts';
import { AGENT, ORIGIN, type Talk, talkForEach } from './talk.ts';

const T = '12348-1';
const SUPERVISOR = '12348-2';
const STRANGER = '12345-xiamen-2';

let talk: Talk;

talkForEach((begun) => {
  talk = begun;
});

test('a queue that rings for a call of three is heard by nobody until its agent is there', async () => {
  talk.does(T, 'ring');
  talk.does(SUPERVISOR, 'ring');
  await talk.transfer('three-way');
  const { state } = talk.requests;
  if (state.stage !== 'joining') throw new Error(state.stage);
  expect(seatOfRinging(state)).toBe('with-caller');
  const asked = { ...state.asked, to: ORIGIN } as const;
  const queue = { ...state, asked, ring: { round: 0, legs: ['q'] } };
  expect(seatingOf(queue).legs).toMatchObject({ q: 'apart', [state.origin.leg]: 'with-caller' });
  const { ring: _, ...rest } = queue;
  const together = { ...rest, stage: 'together', target: { leg: 'q', to: ORIGIN, agent: T } } as const;
  expect(seatingOf(together).legs).toMatchObject({ q: 'with-caller' });
  expect(seatOfRinging({ ...queue, stage: 'blind', wayBack: true })).toBe('with-caller');
});

test('a supervisor who has joined in and inherits the caller is told as the agent, and may hand on', async () => {
  talk.answers(SUPERVISOR, 100);
  await talk.ask({ do: 'supervise', as: 'barge', endpoint: SUPERVISOR }, '', { as: 'any' });
  await talk.pass(200);
  await talk.hangUp(AGENT);
  talk.expectTalk(SUPERVISOR);
  expect(talk.trial.last('answered')).toMatchObject({ to: ORIGIN, agent: SUPERVISOR });
  expect(await talk.ask({ do: 'hold' }, SUPERVISOR)).toMatchObject({ stage: 'talk' });
});

test('the present agent’s own phone does not supervise the call', async () => {
  const own = { do: 'supervise', as: 'listen', endpoint: AGENT } as const;
  expect(await talk.ask(own, '', { as: 'any' })).toEqual({ refused: 'NOT_NOW', to: null });
  talk.expectTalk(AGENT);
});

test('what strangers are refused is neither told of the call nor pushes out the answers it remembers', async () => {
  const first = await talk.ask({ do: 'hold' }, AGENT, { key: 'a' });
  for (const key of ['x', 'y', 'z']) {
    const request = { do: 'transfer', kind: 'blind', to: '12348' } as const;
    expect(await talk.ask(request, STRANGER, { key })).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
  }
  expect(talk.told).toEqual([]);
  expect(talk.requests.state.answers).toHaveLength(1);
  expect(await talk.ask({ do: 'resume' }, AGENT, { key: 'a' })).toEqual(first);
});

describe('supervision is ended by request', () => {
  const boss = { as: 'any' } as const;
  const supervise = (as: 'listen' | 'barge') => talk.ask({ do: 'supervise', as, endpoint: SUPERVISOR }, '', boss);
  const end = (more: { as?: 'any' } = boss) => talk.ask({ do: 'unsupervise' }, AGENT, more);

  test.each(['listen', 'barge'] as const)('of one who is there to %s: the others talk on', async (as) => {
    talk.answers(SUPERVISOR, 100);
    await supervise(as);
    await talk.pass(200);
    expect(await end()).toEqual({ stage: 'talk', to: null });
    talk.expectTalk(AGENT);
    expect(await supervise('listen')).not.toHaveProperty('refused');
  });

  test('of one whose phone still rings', async () => {
    talk.does(SUPERVISOR, 'ring');
    await supervise('listen');
    await end();
    talk.expectTalk(AGENT);
  });

  test('not by an agent, nor where nobody supervises', async () => {
    expect(await end()).toEqual({ refused: 'NOT_NOW', to: null });
    talk.answers(SUPERVISOR, 100);
    await supervise('listen');
    expect(await end({})).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
  });
});

describe('what the next agent asks for is judged as the next agent’s', () => {
  const consult = async (kind: 'attended' | 'blind') => {
    talk.answers(T, 100);
    talk.does(SUPERVISOR, 'ring');
    await talk.transfer(kind);
    await talk.pass(200);
  };

  test('consulted, it may hand nobody on, wherever to', async () => {
    await consult('attended');
    for (const to of ['12348', '12345', '99999']) {
      expect(await talk.ask({ do: 'transfer', kind: 'blind', to }, T)).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
    }
    expect(talk.trial.last('transferred')).toMatchObject({ stage: 'refused', from: 'seats:12348' });
  });

  test('with a caller who is being taken back, it is held to what its own place may do', async () => {
    await consult('blind');
    talk.does(AGENT, 'ring');
    await talk.ask({ do: 'pull-back' }, AGENT);
    const transfer = (to: string) => talk.ask({ do: 'transfer', kind: 'blind', to }, T);
    expect(await transfer('12320')).toMatchObject({ refused: 'NOT_ALLOWED' }); // a 12345 agent might
    expect(await transfer('12345')).toMatchObject({ refused: 'NOT_NOW' });
    expect(talk.trial.last('transferred')).toMatchObject({ from: 'seats:12348' });
  });
});

test('keys that are no code are refused aloud, and the talk goes on meanwhile', async () => {
  talk.caller.press(talk.leg(AGENT).id, '*5');
  await talk.pass(100);
  expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-unknown-target');
  talk.expectTalk(AGENT);
  expect(talk.told).toEqual([]);
});
