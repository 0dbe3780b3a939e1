/** What the records say of callers who are handed on: how long they talked, whom they were handed to, and each thing once. */
import { describe, expect, test } from 'vitest';
import { unseenEnd } from '../../../src/records/unseen-end.ts';
import { AGENT, ORIGIN, type Talk, talkForEach } from './talk.ts';
import { PROMPT_MS } from './trial.ts';

const T = '12348-1';
const OTHER_SEAT = '12348-2';
const SEATS = 'seats:12348';

let talk: Talk;

talkForEach((begun) => {
  talk = begun;
});

/** As the next controller would tell it, had nobody seen the end. */
const unseen = () => {
  const before = talk.trial.records.filter(({ type }) => type !== 'ended' && type !== 'missed');
  return unseenEnd(before, Date.now()).at(-1);
};

const hangUp = async (): Promise<void> => {
  await talk.hangUp('caller');
};

describe('the talk of a caller', () => {
  const expectTalked = (ms: number): void => {
    expect(talk.trial.last('ended')).toMatchObject({ talkedMs: ms });
  };

  test('is not the ringing of a blind transfer, nor of the way back', async () => {
    talk.does(T, 'busy');
    talk.does(OTHER_SEAT, 'busy');
    await talk.pass(10_000);
    talk.answers(AGENT, 4_000);
    await talk.transfer('blind');
    await talk.pass(4_000);
    talk.expectTalk(AGENT);
    await talk.pass(5_000);
    await hangUp();
    expectTalked(15_000);
  });

  test('is not a consultation over music, but is a call of three', async () => {
    talk.answers(T, 1_000);
    await talk.pass(10_000);
    await talk.transfer('attended');
    await talk.pass(8_000);
    await talk.ask({ do: 'return' });
    await talk.transfer('three-way');
    await talk.pass(4_000);
    await hangUp();
    expectTalked(14_000);
  });

  test('is the same to whoever takes the call over in the middle', async () => {
    await talk.pass(10_000);
    talk.does(T, 'ring');
    talk.does(OTHER_SEAT, 'ring');
    await talk.transfer('attended');
    await talk.pass(2_000);
    await talk.takeOver();
    await talk.pass(2_500);
    await talk.ask({ do: 'return' });
    await talk.pass(5_000);
    await hangUp();
    expectTalked(15_000);
  });

  test('ends for one who gives up while a phone rings', async () => {
    talk.does(T, 'ring');
    await talk.pass(10_000);
    await talk.transfer('blind');
    await talk.pass(9_000);
    await hangUp();
    expectTalked(10_000);
  });
});

describe('the places tried', () => {
  test('are those handed on to as well, once each time, whoever controls the call at the end', async () => {
    talk.answers(T, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await talk.takeOver();
    await talk.ask({ do: 'transfer', kind: 'attended', to: '12345' }, T);
    await talk.pass(1_000);
    await hangUp();
    expect(talk.trial.last('ended').tried).toEqual([ORIGIN, SEATS, ORIGIN]);
  });

  test('are known of a caller whom nobody was found for', async () => {
    talk.does(T, 'ring');
    talk.does(OTHER_SEAT, 'ring');
    await talk.transfer('blind');
    await hangUp();
    expect(talk.trial.last('missed').tried).toEqual([ORIGIN, SEATS]);
  });

  test('are not what was refused for being one hand-over too many', async () => {
    for (const phone of [T, OTHER_SEAT]) talk.does(phone, 'busy');
    talk.answers(AGENT, 100);
    for (let n = 0; n < 6; n += 1) {
      await talk.transfer('blind', n === 5 ? '12320' : '12348');
      await talk.pass(500);
    }
    await hangUp();
    expect(talk.trial.last('ended').tried).not.toContain('seats:12320');
  });
});

test('an end that nobody saw tells the same talk and places as one that was seen', async () => {
  talk.answers(T, 3_000);
  talk.does(OTHER_SEAT, 'ring');
  await talk.pass(10_000);
  await talk.transfer('attended');
  await talk.pass(1_000);
  await talk.ask({ do: 'complete' });
  await talk.pass(7_000);
  await talk.ask({ do: 'transfer', kind: 'three-way', to: '12345' }, T);
  await talk.pass(3_000);
  await talk.ask({ do: 'pull-back' }, AGENT);
  await hangUp();
  const { talkedMs, tried, transfers } = talk.trial.last('ended');
  expect(unseen()).toMatchObject({ talkedMs, tried, transfers });
});

test('a caller who was being handed on when nobody was there to see the end is called back', async () => {
  talk.does(T, 'ring');
  await talk.transfer('blind');
  const records = unseenEnd(talk.trial.records, Date.now());
  expect(records.map(({ type }) => type)).toEqual(['missed', 'ended']);
});

describe('whoever looks at the last place dialled sees', () => {
  test('the agent whose phone rings again, and then the queue', async () => {
    for (const phone of [T, OTHER_SEAT]) talk.does(phone, 'busy');
    talk.does(AGENT, 'ring');
    await talk.transfer('blind');
    await talk.pass(100);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'ringing', to: ORIGIN, endpoints: [AGENT] });
    await talk.pass(20_000);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'queued', to: ORIGIN });
  });
});

describe('is told', () => {
  test('when the agent leaves the next one’s ringing phone to the caller', async () => {
    talk.does(T, 'ring');
    await talk.transfer('attended');
    await talk.ask({ do: 'complete' });
    expect(talk.told).toEqual(['attended asked', 'blind asked']);
  });

  test('when the present agent hangs up on a caller who is being taken back', async () => {
    talk.answers(T, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    talk.does(AGENT, 'ring');
    await talk.ask({ do: 'pull-back' }, AGENT);
    await talk.hangUp(T);
    expect(talk.told.slice(-2)).toEqual(['pull-back asked', 'pull-back returned hung-up']);
    expect(talk.trial.records.at(-1)).toMatchObject({ type: 'ringing', to: ORIGIN });
  });
});

test(`talk begins with the end of the prompt, ${PROMPT_MS} ms after the call`, async () => {
  await talk.pass(2_000);
  await hangUp();
  expect(talk.trial.last('ended')).toMatchObject({ waitedMs: PROMPT_MS, talkedMs: 2_000 });
});
