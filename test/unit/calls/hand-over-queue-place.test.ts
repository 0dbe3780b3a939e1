/** A caller in the rescue's queue whom the agent before takes back: the place in the queue is kept until the agent is there. */
import { expect, test } from 'vitest';
import { AGENT, type Talk, talkForEach } from './talk.ts';

const RESCUER = '12345-xiamen-2';

let talk: Talk;

talkForEach((begun) => {
  talk = begun;
});

/** @param rescuedAfterMs when an agent of the queue answers, since the caller came into it. */
const takeBackOutOfQueue = async (rescuedAfterMs: number): Promise<string> => {
  for (const phone of ['12348-1', '12348-2', AGENT]) talk.does(phone, 'busy');
  talk.trial.pbx.queues.set('12345-xiamen', [RESCUER]);
  talk.answers(RESCUER, rescuedAfterMs);
  await talk.transfer('blind');
  await talk.pass(1_000);
  expect(talk.requests.state.stage).toBe('rescue');
  const { id } = talk.leg(RESCUER);
  talk.does(AGENT, 'ring');
  expect(await talk.ask({ do: 'pull-back' })).toMatchObject({ stage: 'return' });
  expect(talk.who).toEqual([RESCUER, AGENT]);
  return id;
};

test('the agent answers: the queue lets the caller go', async () => {
  await takeBackOutOfQueue(60_000);
  talk.leg(AGENT).answer();
  await talk.pass(100);
  talk.expectTalk(AGENT);
  expect(talk.told.at(-1)).toBe('pull-back completed');
});

test('the agent does not answer: the caller waits on at the same place, and is not queued anew', async () => {
  const id = await takeBackOutOfQueue(40_000);
  await talk.pass(21_000);
  expect(talk.told.at(-1)).toBe('pull-back failed no-answer');
  expect(talk.leg(RESCUER).id).toBe(id);
  await talk.pass(20_000);
  talk.expectTalk(RESCUER);
  expect(talk.told.at(-1)).toBe('blind completed');
});

test('the queue is quicker than the agent, whose phone stops ringing', async () => {
  await takeBackOutOfQueue(5_000);
  await talk.pass(5_000);
  talk.expectTalk(RESCUER);
  expect(talk.told.slice(-2)).toEqual(['pull-back failed no-answer', 'blind completed']);
});

test('whoever takes the call over meanwhile keeps both', async () => {
  const id = await takeBackOutOfQueue(8_000);
  await talk.takeOver();
  expect(talk.leg(RESCUER).id).toBe(id);
  await talk.pass(8_000);
  talk.expectTalk(RESCUER);
});

test('the agent’s own call takes the caller out of both', async () => {
  await takeBackOutOfQueue(60_000);
  talk.trial.pbx.placePhoneCall(AGENT, '*0');
  await talk.pass(100);
  talk.expectTalk(AGENT);
});
