/** A controller that is to stop leaves no caller who is being transferred in silence, and begins no transfer. */
import { describe, expect, test } from 'vitest';
import { AGENT, TARGET, talkForEach } from './talk.ts';

const talk = talkForEach();

const stages: readonly (readonly [stage: string, begin: () => Promise<void>])[] = [
  [
    'blind',
    async () => {
      talk.seatsDo('ring');
      await talk.transfer('blind');
      await talk.pass(1_000);
    },
  ],
  [
    'return',
    async () => {
      talk.seatsDo('busy');
      talk.does(AGENT, 'ring');
      await talk.transfer('blind');
      await talk.pass(1_000);
    },
  ],
  [
    'rescue',
    async () => {
      talk.seatsDo('busy');
      talk.does(AGENT, 'busy');
      talk.trial.pbx.queues.set('12345-xiamen', []);
      await talk.transfer('blind');
      await talk.pass(1_000);
    },
  ],
  [
    'sorry',
    async () => {
      talk.seatsDo('busy');
      talk.does(AGENT, 'busy');
      talk.trial.pbx.queues.set('12345-xiamen', []);
      await talk.transfer('blind');
      await talk.pass(121_000);
    },
  ],
  [
    'blind',
    async () => {
      talk.seatsDo('ring');
      await talk.transfer('attended');
      await talk.hangUp(AGENT);
    },
  ],
];

describe('a stop gives back to the fallback', () => {
  test.each(stages)('a caller at stage %s, whom no agent has', async (stage, begin) => {
    await begin();
    expect(talk.requests.state.stage).toBe(stage);
    await talk.controller.live.giveBack(5);
    expect(await talk.caller.ended.promise).toBe('fallback');
    expect(talk.trial.last('ended')).toMatchObject({ by: 'hotline', cause: 'given-back' });
    expect(talk.trial.records.some(({ type }) => type === 'missed')).toBe(false);
  });

  test('nobody whom an agent has, on hold or in a consultation', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('attended');
    await talk.controller.live.giveBack(5);
    await talk.pass(1_500);
    await talk.controller.live.giveBack(5);
    expect(talk.requests.state.stage).toBe('consult');
    expect(talk.hears(TARGET)).toEqual([AGENT]);
  });
});

describe('while the controller waits for its calls to end', () => {
  test('no transfer begins, by desktop or by phone, and the agent hears why', async () => {
    void talk.controller.live.drain(0);
    expect(await talk.transfer('blind')).toEqual({ refused: 'NOT_NOW', to: 'seats:12348' });
    talk.caller.press(talk.leg(AGENT).id, '*312348#');
    await talk.pass(100);
    expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-not-now');
    talk.expectTalk(AGENT);
  });

  test('one that is under way can be completed', async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('attended');
    await talk.pass(1_000);
    void talk.controller.live.drain(0);
    expect(await talk.ask({ do: 'complete' })).toMatchObject({ stage: 'talk' });
    talk.expectTalk(TARGET);
  });
});
