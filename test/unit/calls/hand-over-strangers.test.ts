/** Who else is about a call: queues that ring for three, supervisors who inherit it, strangers who ask for it. */
import { expect, test } from 'vitest';
import { seatingOf, seatOfRinging } from '../../../src/calls/seating.ts';
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
  const { state } = talk.conversation;
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
  expect(talk.conversation.state.answers).toHaveLength(1);
  expect(await talk.ask({ do: 'resume' }, AGENT, { key: 'a' })).toEqual(first);
});
