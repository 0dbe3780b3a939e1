/** Handing a caller on, as agents and callers meet it: on a PBX in memory. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AGENT, ORIGIN, Talk } from './talk.ts';
import { pass, useCallClock } from './trial.ts';

const SEATS = ['12348-1', '12348-2'];

let talk: Talk;

beforeEach(async () => {
  useCallClock();
  talk = await Talk.begin();
});

afterEach(async () => {
  talk.caller.hangup();
  await pass(0);
  expect([...talk.trial.pbx.callers.keys()]).toEqual([]);
  expect(talk.controller.live.count).toBe(0);
  expect(talk.trial.errors).toEqual([]);
  const seqs = [...new Set(talk.trial.records.map(({ seq }) => seq))];
  expect(seqs).toEqual(seqs.map((_, index) => index));
  expect(talk.trial.records.at(-1)?.type).toBe('ended');
  vi.useRealTimers();
});

describe('a blind transfer', () => {
  test('lets the agent go at once, rings the seats, and the caller talks with whoever picks up', async () => {
    talk.answers('12348-2', 4_000);
    expect(await talk.transfer('blind')).toEqual({ stage: 'blind', to: 'seats:12348' });
    expect(talk.who).toEqual(SEATS);
    expect(talk.hears('caller')).toEqual(['ringing']);
    await pass(4_000);
    expect(talk.who).toEqual(['12348-2']);
    expect(talk.hears('caller')).toEqual(['12348-2']);
    expect(talk.hears('12348-2')).toEqual(['caller']);
    expect(talk.told).toEqual(['blind asked', 'blind completed']);
    await talk.hangUp('12348-2');
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', transfers: 1, answeredBy: ORIGIN, agent: AGENT });
  });
});

describe('an attended transfer', () => {
  test('lets the agents talk while the caller hears music, then joins the caller to the next', async () => {
    talk.answers('12348-1', 3_000);
    expect(await talk.transfer('attended')).toEqual({ stage: 'attended', to: 'seats:12348' });
    expect(talk.hears('caller')).toEqual(['music']);
    await pass(3_000);
    expect(talk.hears(AGENT)).toEqual(['12348-1']);
    expect(talk.hears('12348-1')).toEqual([AGENT]);
    expect(talk.hears('caller')).toEqual(['music']);
    expect(await talk.ask({ do: 'complete' })).toMatchObject({ stage: 'talk' });
    expect(talk.who).toEqual(['12348-1']);
    expect(talk.hears('caller')).toEqual(['12348-1']);
    expect(talk.told).toEqual(['attended asked', 'attended consulting', 'attended completed']);
  });
});
