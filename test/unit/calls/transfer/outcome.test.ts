/** {blind, attended, three-way, pull-back} × {phone, API} × whatever becomes of the one who is called: docs/transfers.md. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { pass } from '../trial.ts';
import { AGENT, TARGET, talkForEach } from './talk.ts';

const talk = talkForEach();

const RINGS_MS = 20_000;

const ways = ['phone', 'API'] as const;

type Way = (typeof ways)[number];

const KEYS = { blind: '*2', attended: '*3', 'three-way': '*4' } as const;

const begin = async (kind: keyof typeof KEYS, way: Way): Promise<void> => {
  if (way === 'API') await talk.transfer(kind);
  else if (kind === 'blind') talk.caller.refer(talk.leg(AGENT).id, '12348');
  else talk.caller.press(talk.leg(AGENT).id, `${KEYS[kind]}12348#`);
  await talk.pass(100);
};

const finish = async (way: Way): Promise<void> => {
  if (way === 'API') await talk.ask({ do: 'complete' });
  else talk.caller.press(talk.leg(AGENT).id, '*1');
  await talk.pass(100);
};

const failures = [
  ['busy', 'busy', 0],
  ['rings and nobody answers', 'no-answer', RINGS_MS],
  ['rejects', 'rejected', 0],
] as const;

const make = (how: string) => talk.seatsDo(how === 'busy' ? 'busy' : how === 'rejects' ? 'reject' : 'ring');

const heardByAgent = (): string[] => talk.leg(AGENT).heard.filter((prompt) => prompt.startsWith('whisper-hand-over'));

describe.each(ways)('a blind transfer by %s', (way) => {
  test('that is answered ends in talk with the next agent', async () => {
    talk.answers(TARGET, 3_000);
    await begin('blind', way);
    expect(talk.who).not.toContain(AGENT);
    await talk.pass(3_000);
    talk.expectTalk(TARGET);
    expect(talk.told).toEqual(['blind asked', 'blind completed']);
  });

  test.each(failures)('that is %s brings the caller back to the agent, who hears why', async (how, reason, ms) => {
    make(how);
    await begin('blind', way);
    await talk.pass(ms + 1_000);
    talk.expectTalk(AGENT);
    expect(heardByAgent()).toEqual([`whisper-hand-over-${reason}`]);
    expect(talk.told).toEqual(['blind asked', `blind returned ${reason}`]);
  });

  test('whose next agent hangs up after the answer is over', async () => {
    talk.answers(TARGET, 3_000);
    await begin('blind', way);
    await talk.pass(3_500);
    await talk.hangUp(TARGET);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', transfers: 1 });
  });

  test.each(failures)(
    'that is %s when the agent is busy too ends in the 12345 queue, first in it',
    async (how, reason, ms) => {
      make(how);
      talk.does(AGENT, 'busy');
      talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
      talk.answers('12345-xiamen-2', 2_000);
      const dialled = vi.spyOn(talk.trial.pbx, 'dial');
      await begin('blind', way);
      await talk.pass(ms + 2_000);
      talk.expectTalk('12345-xiamen-2');
      expect(dialled.mock.lastCall?.[2]).toMatchObject({ kind: 'queue', queue: '12345-xiamen', priority: 10 });
      expect(talk.told).toEqual(['blind asked', `blind failed ${reason}`, 'blind completed']);
    },
  );

  test('that nobody anywhere answers ends in an apology and a caller to be called back', async () => {
    talk.seatsDo('busy');
    talk.does(AGENT, 'busy');
    talk.trial.pbx.queues.set('12345-xiamen', []);
    await begin('blind', way);
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.pass(120_000);
    expect(talk.caller.heard.at(-1)).toBe('busy');
    await talk.pass(6_000);
    expect(await talk.caller.ended.promise).toBe(19);
    expect(talk.trial.last('missed')).toMatchObject({ reason: 'no-answer', callBack: true });
    expect(talk.trial.last('ended')).toMatchObject({ by: 'hotline', transfers: 0 });
  });

  test('in which the caller hangs up lets everybody go, and the caller is to be called back', async () => {
    talk.seatsDo('ring');
    await begin('blind', way);
    await talk.pass(2_000);
    await talk.hangUp('caller');
    expect(talk.who).toEqual([]);
    expect(talk.trial.last('missed')).toMatchObject({ reason: 'gave-up', callBack: true });
  });
});

describe.each(ways)('an attended transfer by %s', (way) => {
  const consult = async () => {
    talk.answers(TARGET, 3_000);
    await begin('attended', way);
    expect(talk.hears('caller')).toEqual(['music']);
    expect(talk.hears(AGENT)).toEqual([]);
    await talk.pass(3_000);
    expect([talk.hears(AGENT), talk.hears(TARGET), talk.hears('caller')]).toEqual([[TARGET], [AGENT], ['music']]);
  };

  test('that is answered and completed ends in talk with the next agent', async () => {
    await consult();
    await finish(way);
    talk.expectTalk(TARGET);
    expect(talk.told).toEqual(['attended asked', 'attended consulting', 'attended completed']);
  });

  test.each(failures)('that is %s leaves the caller with the agent, who hears why', async (how, reason, ms) => {
    make(how);
    await begin('attended', way);
    await talk.pass(ms);
    talk.expectTalk(AGENT);
    expect(heardByAgent()).toEqual([`whisper-hand-over-${reason}`]);
    expect(talk.told).toEqual(['attended asked', `attended returned ${reason}`]);
  });

  test('is taken back while it rings, and in the middle of the consultation', async () => {
    const back = async () => {
      if (way === 'API') await talk.ask({ do: 'return' });
      else talk.caller.press(talk.leg(AGENT).id, '*0');
      await talk.pass(100);
      talk.expectTalk(AGENT);
    };
    talk.seatsDo('ring');
    await begin('attended', way);
    await talk.pass(1_000);
    await back();
    await consult();
    await back();
    expect(talk.told.filter((told) => told === 'attended returned taken-back')).toHaveLength(2);
  });

  test('that is completed while it rings is blind from then on', async () => {
    talk.answers(TARGET, 5_000);
    await begin('attended', way);
    await talk.pass(1_000);
    await finish(way);
    expect(talk.hears('caller')).toEqual(['ringing']);
    await talk.pass(4_000);
    talk.expectTalk(TARGET);
  });

  test('whose next agent hangs up in the middle brings the caller back', async () => {
    await consult();
    await talk.hangUp(TARGET);
    talk.expectTalk(AGENT);
    expect(heardByAgent()).toEqual(['whisper-hand-over-hung-up']);
    expect(talk.told.at(-1)).toBe('attended returned hung-up');
  });

  test('whose agent hangs up in the middle hands the caller over', async () => {
    await consult();
    await talk.hangUp(AGENT);
    talk.expectTalk(TARGET);
    expect(talk.told.at(-1)).toBe('attended completed');
  });

  test('whose agent hangs up while it rings waits for the next, and is rescued when nobody comes', async () => {
    talk.seatsDo('ring');
    await begin('attended', way);
    await talk.hangUp(AGENT);
    expect(talk.hears('caller')).toEqual(['ringing']);
    await talk.pass(RINGS_MS);
    await talk.pass(1_000);
    talk.expectTalk(AGENT); // as one of the queue
    expect(talk.told).toEqual(['attended asked', 'blind asked', 'blind failed no-answer', 'blind completed']);
  });

  test('in which the caller hangs up lets both agents go', async () => {
    await consult();
    await talk.hangUp('caller');
    expect(talk.who).toEqual([]);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'caller', transfers: 0 });
    expect(talk.trial.records.some(({ type }) => type === 'missed')).toBe(false);
  });
});

describe.each(ways)('a three-way call by %s', (way) => {
  const together = async () => {
    talk.answers(TARGET, 3_000);
    await begin('three-way', way);
    expect(talk.hears('caller')).toEqual([AGENT]); // talk goes on while it rings
    await talk.pass(3_000);
    expect(talk.hears('caller')).toEqual([AGENT, TARGET].toSorted());
    expect(talk.hears(TARGET)).toEqual([AGENT, 'caller'].toSorted());
  };

  test('that is answered has all three together, until the agent leaves', async () => {
    await together();
    await finish(way);
    talk.expectTalk(TARGET);
    expect(talk.told).toEqual(['three-way asked', 'three-way consulting', 'three-way completed']);
  });

  test.each(failures)('that is %s goes on as a call of two', async (how, reason, ms) => {
    make(how);
    await begin('three-way', way);
    await talk.pass(ms);
    talk.expectTalk(AGENT);
    expect(heardByAgent()).toEqual([`whisper-hand-over-${reason}`]);
    expect(talk.told).toEqual(['three-way asked', `three-way failed ${reason}`]);
  });

  test('whose next agent hangs up goes on with the agent', async () => {
    await together();
    await talk.hangUp(TARGET);
    talk.expectTalk(AGENT);
  });

  test('whose agent hangs up goes on with the next', async () => {
    await together();
    await talk.hangUp(AGENT);
    talk.expectTalk(TARGET);
    expect(talk.told.at(-1)).toBe('three-way completed');
  });

  test('whose agent hangs up while it rings waits for the next', async () => {
    talk.answers(TARGET, 3_000);
    await begin('three-way', way);
    await talk.hangUp(AGENT);
    await talk.pass(3_000);
    talk.expectTalk(TARGET);
  });

  test('in which the caller hangs up lets both agents go', async () => {
    await together();
    await talk.hangUp('caller');
    expect(talk.who).toEqual([]);
  });
});

describe('a caller who was handed on', () => {
  beforeEach(async () => {
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    talk.expectTalk(TARGET);
  });

  const pullBack = () => talk.ask({ do: 'pull-back' });

  test('is pulled back by the desktop of who handed on, talking until the agent is there', async () => {
    await pullBack();
    await talk.pass(900);
    expect(talk.hears('caller')).toEqual([TARGET]);
    await talk.pass(100);
    talk.expectTalk(AGENT);
    expect(heardByAgent()).toEqual(['whisper-hand-over-taken-back']);
    expect(talk.told.slice(2)).toEqual(['pull-back asked', 'pull-back completed']);
  });

  test('is pulled back by the phone’s own call, at once', async () => {
    const phone = talk.trial.pbx.placePhoneCall(AGENT, '*0');
    await talk.pass(100);
    talk.expectTalk(AGENT);
    expect(phone.refusedWith).toBeUndefined();
    phone.hangup();
    await pass(0);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', transfers: 2 });
  });

  test.each([
    ['busy', 'busy', 0],
    ['reject', 'rejected', 0],
    ['ring', 'no-answer', RINGS_MS],
  ] as const)('stays where the caller is when the agent’s phone is: %s', async (does, reason, ms) => {
    talk.does(AGENT, does);
    await pullBack();
    await talk.pass(ms + 100);
    talk.expectTalk(TARGET);
    expect(talk.told.at(-1)).toBe(`pull-back failed ${reason}`);
  });

  test('waits for the agent when the present one hangs up meanwhile', async () => {
    await pullBack();
    await talk.hangUp(TARGET);
    expect(talk.hears('caller')).toEqual(['ringing']);
    await talk.pass(1_000);
    talk.expectTalk(AGENT);
    expect(talk.told.at(-1)).toBe('pull-back completed');
  });

  test('is rescued when the present agent hangs up and the other does not answer', async () => {
    talk.does(AGENT, 'ring');
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 1_000);
    await pullBack();
    await talk.hangUp(TARGET);
    await talk.pass(RINGS_MS + 1_000);
    talk.expectTalk('12345-xiamen-2');
  });

  test('who hangs up while being pulled back lets everybody go', async () => {
    await pullBack();
    await talk.hangUp('caller');
    expect(talk.who).toEqual([]);
  });

  test('is not given to anybody else', async () => {
    expect(await talk.ask({ do: 'pull-back' }, '12345-xiamen-2')).toMatchObject({ refused: 'NOT_YOUR_CALL' });
    const phone = talk.trial.pbx.placePhoneCall('12345-xiamen-2', '*0');
    await talk.pass(100);
    expect(phone.refusedWith).toEqual(['whisper-hand-over-nothing-to-take-back']);
    talk.expectTalk(TARGET);
  });
});

describe('a caller whom a blind transfer has not brought anywhere yet', () => {
  test('is taken back while the next phone rings, which stops', async () => {
    talk.seatsDo('ring');
    await talk.transfer('blind');
    await talk.pass(2_000);
    await talk.ask({ do: 'pull-back' });
    expect(talk.who).toEqual([AGENT]);
    await talk.pass(1_000);
    talk.expectTalk(AGENT);
    expect(talk.told).toEqual(['blind asked', 'blind returned taken-back', 'pull-back asked', 'pull-back completed']);
  });

  test('is taken back by the phone’s own call out of the return and out of the rescue', async () => {
    for (const wait of [1_000, RINGS_MS + 1_000]) {
      talk.seatsDo('busy');
      talk.does(AGENT, 'ring');
      talk.trial.pbx.queues.set('12345-xiamen', []);
      await talk.transfer('blind');
      await talk.pass(wait);
      talk.trial.pbx.placePhoneCall(AGENT, '*0');
      await talk.pass(100);
      talk.expectTalk(AGENT);
    }
  });
});
