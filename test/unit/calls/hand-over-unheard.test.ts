/** Agents who hang up before the caller has heard them, though nobody else is there: the caller is rescued. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AGENT, Talk } from './talk.ts';
import { useCallClock } from './trial.ts';

const T = '12348-1';
const RESCUER = '12345-xiamen-2';

let talk: Talk;

beforeEach(async () => {
  useCallClock();
  talk = await Talk.begin();
  talk.trial.pbx.queues.set('12345-xiamen', [RESCUER]);
  talk.answers(RESCUER, 2_000);
});

afterEach(async () => {
  await talk.end();
  vi.useRealTimers();
});

const consult = async () => {
  talk.answers(T, 1_000);
  talk.does('12348-2', 'ring');
  await talk.transfer('attended');
  await talk.pass(1_000);
};

const expectRescue = async () => {
  expect(talk.told.at(-1)).toMatch(/ failed hung-up$/);
  expect(talk.hears('caller')).toEqual(['music']);
  await talk.pass(2_100);
  talk.expectTalk(RESCUER);
};

describe('a caller whose agents both hang up at the end of a consultation is rescued', () => {
  test.each([
    ['the one consulted first', [T, AGENT]],
    ['the one who consults first', [AGENT, T]],
  ])('%s', async (_, order) => {
    await consult();
    for (const who of order) await talk.hangUp(who);
    await expectRescue();
  });

  test('both at once', async () => {
    await consult();
    const legs = [talk.leg(T), talk.leg(AGENT)];
    for (const leg of legs) leg.hangup();
    await talk.pass(100);
    await expectRescue();
  });

  test('though another controller takes the call over between the two', async () => {
    await consult();
    await talk.hangUp(T);
    await talk.takeOver();
    await talk.hangUp(AGENT);
    await expectRescue();
  });

  test('and missed, when the caller gives up meanwhile', async () => {
    await consult();
    await talk.hangUp(T);
    await talk.hangUp(AGENT);
    await talk.hangUp('caller');
    expect(talk.trial.last('missed')).toMatchObject({ reason: 'gave-up', callBack: true });
  });
});

test('a caller whose agent comes back, and hangs up while hearing why, is rescued', async () => {
  for (const seat of [T, '12348-2']) talk.does(seat, 'busy');
  talk.trial.pbx.prompts.set('whisper-hand-over-busy', 4_000);
  await talk.transfer('blind');
  await talk.pass(1_100);
  talk.expectTalk(AGENT);
  await talk.pass(3_500);
  await talk.hangUp(AGENT);
  await expectRescue();
});

test.each([0, 500])(
  'a call ends when the agent hangs up whom the caller has heard, %i ms taken over',
  async (awayMs) => {
    await consult();
    await talk.hangUp(T);
    if (awayMs > 0) await talk.takeOver(awayMs);
    await talk.pass(3_100);
    await talk.hangUp(AGENT);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent' });
  },
);
