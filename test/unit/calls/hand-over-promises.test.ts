/** What handing on promises besides its outcome: legs known before they ring, seats before they answer, seats made again. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askingOf } from '../../../src/calls/asking.ts';
import { handOver } from '../../../src/calls/transfer/machine.ts';
import { talkWith } from '../../../src/calls/transfer/state.ts';
import { AGENT, Talk } from './talk.ts';
import { pass, useCallClock } from './trial.ts';

const T = '12348-1';
const OTHER_SEAT = '12348-2';

let talk: Talk;

beforeEach(async () => {
  useCallClock();
  talk = await Talk.begin();
  talk.answers(T, 1_000);
  talk.does(OTHER_SEAT, 'ring');
});

afterEach(async () => {
  await talk.end();
  vi.useRealTimers();
});

test('a leg is in the memory of the call before it is dialled', async () => {
  const { pbx } = talk.trial;
  const dial = pbx.dial.bind(pbx);
  const known: boolean[] = [];
  vi.spyOn(pbx, 'dial').mockImplementation((caller, id, ...rest) => {
    known.push(caller.memory.includes(`"${id}"`));
    return dial(caller, id, ...rest);
  });
  await talk.transfer('attended');
  await talk.pass(1_000);
  await talk.ask({ do: 'supervise', as: 'listen', endpoint: OTHER_SEAT }, '', { as: 'any' });
  await talk.pass(100);
  expect(known).toEqual([true, true, true]);
});

test('the memory is written on the PBX before it is dialled, however long that takes', async () => {
  await talk.controller.die();
  const written = Promise.withResolvers<void>();
  talk.trial.tamper = (call) => {
    const remember = call.remember.bind(call);
    call.remember = async (memory) => {
      await written.promise;
      return remember(memory);
    };
  };
  talk.controller = await talk.trial.start();
  await pass(0);
  const asking = talk.requests.ask(
    { do: 'transfer', kind: 'blind', to: '12348' },
    { by: AGENT, via: 'api', as: { endpoint: AGENT } },
  );
  await pass(1_000);
  expect([talk.who, talk.told]).toEqual([[AGENT], []]);
  written.resolve();
  await pass(0);
  expect(await asking).toMatchObject({ stage: 'blind' });
  expect(talk.who).toEqual([T, OTHER_SEAT]);
});

test('whoever is consulted and answers with nobody in control is out of the caller’s hearing', async () => {
  await talk.transfer('attended');
  await talk.controller.die();
  await pass(1_500);
  expect(talk.hears('caller')).toEqual(['music']);
  expect(talk.hears(T)).toEqual([AGENT]);
  talk.controller = await talk.trial.start();
  await pass(0);
});

test('whoever takes the call over makes everybody sit again as they should', async () => {
  await talk.transfer('attended');
  await talk.pass(1_000);
  await talk.controller.die();
  for (const leg of talk.caller.legs.values()) leg.seat = 'apart';
  talk.caller.meanwhile = 'ringing';
  talk.controller = await talk.trial.start();
  await talk.pass(100);
  expect([talk.hears('caller'), talk.hears(T)]).toEqual([['music'], [AGENT]]);
});

describe('a leg that nobody waits for', () => {
  test('and that answers is hung up', () => {
    const state = talkWith({ leg: 'o', to: 'queue:12345-xiamen', agent: AGENT }, 0);
    const answered = { is: 'answered', leg: 'late', agent: T, at: 1 } as const;
    expect(handOver(state, answered, { rescue: undefined, mostHandOvers: 5, supervisors: undefined })).toEqual({
      state,
      effects: [{ do: 'hang-up', legs: ['late'] }],
    });
  });
});

test('a phone that is somebody else’s number is not rung for a supervisor, though the table has it', () => {
  const { table } = talk.trial;
  const [seats] = table.seats.values();
  if (seats === undefined) throw new Error('no seats');
  const dialled = { ...table, seats: new Map([[seats.id, { ...seats, endpoints: ['12345@trunk', 'phone'] }]]) };
  const state = talkWith({ leg: 'o', to: 'queue:12345-xiamen', agent: AGENT }, 0);
  const of = { state, table: dialled, number: '12301', region: 'xiamen', at: 0, newLeg: 'n' };
  const ask = (endpoint: string) =>
    askingOf({ do: 'supervise', as: 'listen', endpoint }, { by: 'boss', via: 'api', as: 'any' }, of, false);
  expect(ask('12345@trunk')).toEqual({ refused: 'UNKNOWN_TARGET' });
  expect(ask('phone')).toHaveProperty('event');
});

test('a caller who is sent away in vain again and again has been sent to and fro', async () => {
  talk.does(T, 'busy');
  talk.does(OTHER_SEAT, 'busy');
  talk.answers(AGENT, 100);
  for (let n = 0; n < 6; n += 1) {
    await talk.transfer('blind');
    await talk.pass(500);
  }
  expect(talk.told.filter((told) => told === 'blind returned busy')).toHaveLength(5);
  expect(talk.told.at(-2)).toBe('blind failed ping-pong');
});
