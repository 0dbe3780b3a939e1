/** Who may ask for what on a call, by desktop, by phone and as a supervisor, and what comes of it. Kinds and failures: outcome.test.ts. */
import { describe, expect, test, vi } from 'vitest';
import { talkWith } from '../../../../src/calls/transfer/state.ts';
import { verdictOf } from '../../../../src/calls/transfer/verdict.ts';
import { pass } from '../trial.ts';
import { AGENT, ORIGIN, OTHER_TARGET, TARGET, talkForEach } from './talk.ts';

const BOSS = '12320-1';
const SUPERVISOR = OTHER_TARGET;
const STRANGER = '12345-xiamen-2';

const talk = talkForEach();

describe('nobody but who is allowed', () => {
  test('hands a caller on: not another agent, not the one who is consulted', async () => {
    expect(await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, '12345-xiamen-2')).toMatchObject({
      refused: 'NOT_YOUR_CALL',
    });
    await talk.consult();
    for (const request of ['complete', 'return', 'hold'] as const) {
      const refused = request === 'hold' ? 'NOT_NOW' : 'NOT_YOUR_CALL';
      expect(await talk.ask({ do: request }, TARGET)).toMatchObject({ refused });
    }
    expect(await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, TARGET)).toHaveProperty('refused');
    expect(talk.hears('caller')).toEqual(['music']);
  });

  test.each([
    ['12345', 'NOT_ALLOWED'],
    ['queue:12345-fuzhou', 'NOT_ALLOWED'],
    ['110', 'UNKNOWN_TARGET'],
    ['13800000000', 'UNKNOWN_TARGET'],
    ['12348@trunk', 'UNKNOWN_TARGET'],
    ['12348\r\nX-Evil: 1', 'UNKNOWN_TARGET'],
  ])('is handed on to %j: refused, told, and the talk goes on', async (to, refused) => {
    expect(await talk.transfer('blind', to)).toMatchObject({ refused });
    talk.expectTalk(AGENT);
    const told = talk.trial.last('transferred');
    expect(told).toMatchObject({ stage: 'refused', reason: refused, to: null });
    expect(JSON.stringify(told)).not.toContain('Evil'); // what was sent is nowhere
  });

  test('asks twice at once: the second is refused, and nothing is dialled for it', async () => {
    talk.does(TARGET, 'ring');
    talk.does(OTHER_TARGET, 'ring');
    await talk.transfer('attended');
    const before = talk.who;
    expect(await talk.transfer('blind', '12366')).toMatchObject({ refused: 'NOT_NOW' });
    expect(talk.who).toEqual(before);
  });

  test('dials 12350: as a number it goes to 12345, by transfer it rings the duty phone', async () => {
    const caller = await talk.trial.call('059212350');
    expect([...caller.legs.values()].map(({ endpoint }) => endpoint)).not.toContain('12350-duty-1');
    caller.hangup();
    await pass(0);
    const ids = new Set([caller.id].map((id) => `pbx1-${id}`));
    talk.trial.records.splice(
      0,
      talk.trial.records.length,
      ...talk.trial.records.filter(({ callId }) => !ids.has(callId)),
    );
    talk.answers('12350-duty-1', 1_000);
    await talk.transfer('blind', '12350');
    await talk.pass(1_000);
    talk.expectTalk('12350-duty-1');
  });
});

describe('a supervisor or operator', () => {
  const boss = { as: 'any', by: 'boss' } as const;

  test('hands on for the agent who talks, and completes for the one who consults', async () => {
    talk.answers(TARGET, 1_000);
    await talk.ask({ do: 'transfer', kind: 'attended', to: '12348' }, '', { ...boss, via: 'cli' });
    await talk.pass(1_000);
    expect(talk.trial.last('transferred')).toMatchObject({ by: 'boss', via: 'cli' });
    await talk.ask({ do: 'complete' }, '', boss);
    talk.expectTalk(TARGET);
    await talk.ask({ do: 'pull-back' }, '', boss);
    await talk.pass(1_000);
    talk.expectTalk(AGENT);
  });

  const supervise = async (as: 'listen' | 'whisper' | 'barge', endpoint = BOSS) =>
    talk.ask({ do: 'supervise', as, endpoint }, '', boss);

  test('listens unheard, whispers to the agent, joins in, without being rung again', async () => {
    talk.answers(BOSS, 1_000);
    await supervise('listen');
    await talk.pass(1_000);
    expect(talk.hears(BOSS)).toEqual([AGENT, 'caller'].toSorted());
    expect([talk.hears('caller'), talk.hears(AGENT)]).toEqual([[AGENT], ['caller']]);
    await supervise('whisper');
    expect([talk.hears('caller'), talk.hears(AGENT)]).toEqual([[AGENT], [BOSS, 'caller'].toSorted()]);
    await supervise('barge');
    expect(talk.hears('caller')).toEqual([AGENT, BOSS].toSorted());
    expect(talk.who).toEqual([AGENT, BOSS]);
    await supervise('listen');
    expect(talk.hears('caller')).toEqual([AGENT]);
    await talk.hangUp(BOSS);
    talk.expectTalk(AGENT);
  });

  test('who has joined in goes on with the caller when the agent hangs up; who only listens does not', async () => {
    talk.answers(BOSS, 1_000);
    await supervise('barge');
    await talk.pass(1_000);
    await talk.hangUp(AGENT);
    talk.expectTalk(BOSS);
    await talk.hangUp(BOSS);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent' });
  });

  test('who listens goes with the caller to the next agent', async () => {
    talk.answers(BOSS, 500);
    await supervise('listen');
    await talk.pass(500);
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    expect(talk.hears(BOSS)).toEqual([]);
    await talk.pass(1_000);
    expect(talk.hears(BOSS)).toEqual([TARGET, 'caller'].toSorted());
    expect(talk.hears('caller')).toEqual([TARGET]);
    await talk.hangUp(TARGET);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent' });
  });

  test('whose phone does not answer changes nothing, and may try again', async () => {
    talk.does(BOSS, 'busy');
    await supervise('listen');
    await talk.pass(100);
    talk.expectTalk(AGENT);
    talk.answers(BOSS, 100);
    expect(await supervise('listen')).not.toHaveProperty('refused');
    await talk.pass(200);
    expect(talk.who).toContain(BOSS);
  });

  test('is rung on a phone of the table or of the token, and on no outside number', async () => {
    for (const endpoint of ['13800000000@trunk', 'nobody', 'PJSIP/1', '12348-1&PJSIP/1']) {
      expect(await supervise('listen', endpoint)).toMatchObject({ refused: 'UNKNOWN_TARGET' });
    }
    const own = { ...boss, phone: 'boss-phone' };
    expect(await talk.ask({ do: 'supervise', as: 'listen', endpoint: 'boss-phone' }, '', own)).toMatchObject({
      stage: 'talk',
    });
    expect(talk.who).toEqual([AGENT, 'boss-phone']);
    expect(await supervise('listen', OTHER_TARGET)).toMatchObject({ refused: 'NOT_NOW' }); // one at a time
  });
});

describe('an agent', () => {
  test('holds and resumes, by the desktop and by *6', async () => {
    await talk.ask({ do: 'hold' });
    expect([talk.hears('caller'), talk.hears(AGENT)]).toEqual([['music'], []]);
    talk.caller.press(talk.leg(AGENT).id, '*6');
    await pass(0);
    talk.expectTalk(AGENT);
    talk.caller.press(talk.leg(AGENT).id, '*6');
    await pass(0);
    expect(talk.hears('caller')).toEqual(['music']);
  });

  test('who hangs up on a caller on hold does not end the call: the 12345 queue has the caller', async () => {
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 2_000);
    await talk.ask({ do: 'hold' });
    await talk.hangUp(AGENT);
    await talk.pass(2_000);
    talk.expectTalk('12345-xiamen-2');
    expect(talk.told).toEqual(['blind failed hung-up', 'blind completed']);
  });

  test('hands on a caller on hold', async () => {
    await talk.ask({ do: 'hold' });
    await talk.consult();
    await talk.ask({ do: 'complete' });
    talk.expectTalk(TARGET);
  });

  test('mutes: the caller hears nothing of the agent, the agent the caller', async () => {
    await talk.ask({ do: 'mute' });
    expect([talk.caller.hears('caller'), talk.hears(AGENT)]).toEqual([[], ['caller']]);
    await talk.ask({ do: 'unmute' });
    talk.expectTalk(AGENT);
  });

  test('who mutes, and hands on, leaves nobody muted', async () => {
    await talk.ask({ do: 'mute' });
    talk.answers(TARGET, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    talk.expectTalk(TARGET);
    expect([...talk.caller.muted]).toEqual([]);
  });
});

describe('an agent’s phone', () => {
  const press = async (keys: string, who = AGENT) => {
    talk.caller.press(talk.leg(who).id, keys);
    await pass(0);
  };

  test('is told of a REFER what becomes of it', async () => {
    talk.answers(TARGET, 1_000);
    const told = talk.caller.refer(talk.leg(AGENT).id, '12348');
    await talk.pass(100);
    expect(told).toEqual(['accepted']);
    await talk.pass(1_000);
    expect(told).toEqual(['accepted', 'completed']);
  });

  test('is told of a REFER that failed, and of one that is refused, which is spoken too', async () => {
    talk.does(TARGET, 'busy');
    talk.does(OTHER_TARGET, 'busy');
    const failed = talk.caller.refer(talk.leg(AGENT).id, '12348');
    await talk.pass(1_100);
    expect(failed).toEqual(['accepted', 'failed']);
    for (const to of ['13800000000', '12348;x=1', 'sip:12348@192.0.2.1', '123481', '12345']) {
      const told = talk.caller.refer(talk.leg(AGENT).id, to);
      await talk.pass(100);
      expect(told).toEqual(['refused']);
    }
    expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-not-allowed');
    talk.expectTalk(AGENT);
  });

  test('that presses a code which is refused is told why, alone', async () => {
    await press('*2110#');
    expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-unknown-target');
    await press('*1');
    expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-not-now');
    expect(talk.caller.heard).toEqual(['merged']);
  });

  test('of the next agent cannot take the caller by keys', async () => {
    await talk.consult();
    await press('*1', TARGET);
    expect(talk.leg(TARGET).heard.at(-1)).toBe('whisper-hand-over-refused');
    expect(talk.hears('caller')).toEqual(['music']);
  });

  describe('that calls by itself', () => {
    const phone = (dialled: string, endpoint = AGENT) => talk.trial.pbx.placePhoneCall(endpoint, dialled);

    test('consults whom it dialled, and joins the caller to them by REFER with Replaces', async () => {
      talk.answers(TARGET, 1_000);
      phone('12348');
      await talk.pass(500);
      expect(talk.hears('caller')).toEqual(['music']);
      await talk.pass(500);
      const [first, second] = [...talk.caller.legs.values()].filter(({ endpoint }) => endpoint === AGENT);
      expect(talk.caller.hears(second?.id ?? '')).toEqual([talk.leg(TARGET).id]);
      expect(talk.caller.hears(first?.id ?? '')).toEqual([]);
      const told = talk.caller.referAttended(first?.id ?? '', second?.id ?? '');
      await talk.pass(100);
      expect(told).toEqual(['accepted', 'completed']);
      talk.expectTalk(TARGET);
    });

    test('may join the caller to somebody who still rings', async () => {
      talk.answers(TARGET, 3_000);
      phone('12348');
      await talk.pass(1_000);
      const [first, second] = [...talk.caller.legs.values()].filter(({ endpoint }) => endpoint === AGENT);
      talk.caller.referAttended(first?.id ?? '', second?.id ?? '');
      await talk.pass(100);
      expect(talk.hears('caller')).toEqual(['ringing']);
      await talk.pass(2_000);
      talk.expectTalk(TARGET);
    });

    test('comes back to the caller by hanging up its second call', async () => {
      talk.answers(TARGET, 1_000);
      const own = phone('12348');
      await talk.pass(1_500);
      own.hangup();
      await talk.pass(100);
      talk.expectTalk(AGENT);
      expect(talk.told.at(-1)).toBe('attended returned taken-back');
    });

    test('hands the caller over by hanging up both', async () => {
      talk.answers(TARGET, 1_000);
      const own = phone('12348');
      await talk.pass(1_500);
      [...talk.caller.legs.values()][0]?.hangup();
      await pass(0);
      expect(talk.hears('caller')).toEqual(['music']);
      own.hangup();
      await talk.pass(100);
      talk.expectTalk(TARGET);
    });

    test('is told when nobody answers, and is let go, back to the caller', async () => {
      talk.does(TARGET, 'busy');
      talk.does(OTHER_TARGET, 'busy');
      phone('12348');
      await talk.pass(1_000);
      talk.expectTalk(AGENT);
      expect(talk.told).toEqual(['attended asked', 'attended returned busy']);
    });

    test.each(['110', '13800000000', '12348-1', '12345', 'sip:x@192.0.2.1'])(
      'to %j is refused with the reason, and nothing is dialled',
      async (dialled) => {
        const dial = vi.spyOn(talk.trial.pbx, 'dial');
        const own = phone(dialled);
        await talk.pass(100);
        expect(own.refusedWith).toHaveLength(1);
        expect(dial).not.toHaveBeenCalled();
        talk.expectTalk(AGENT);
      },
    );

    test('without a call to consult for is refused', async () => {
      const own = phone('12348', '12345-fuzhou-1');
      await talk.pass(100);
      expect(own.refusedWith).toEqual(['whisper-hand-over-not-now']);
    });

    test('to join whom it has not consulted is refused', async () => {
      const told = talk.caller.referAttended(talk.leg(AGENT).id, 'h9.9.9');
      await talk.pass(100);
      expect(told).toEqual(['refused']);
      talk.expectTalk(AGENT);
    });
  });
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
    talk.answers(TARGET, 100);
    talk.does(SUPERVISOR, 'ring');
    await talk.transfer(kind);
    await talk.pass(200);
  };

  test('consulted, it may hand nobody on, wherever to', async () => {
    await consult('attended');
    for (const to of ['12348', '12345', '99999']) {
      expect(await talk.ask({ do: 'transfer', kind: 'blind', to }, TARGET)).toEqual({
        refused: 'NOT_YOUR_CALL',
        to: null,
      });
    }
    expect(talk.trial.last('transferred')).toMatchObject({ stage: 'refused', from: 'seats:12348' });
  });

  test('with a caller who is being taken back, it is held to what its own place may do', async () => {
    await consult('blind');
    talk.does(AGENT, 'ring');
    await talk.ask({ do: 'pull-back' }, AGENT);
    const transfer = (to: string) => talk.ask({ do: 'transfer', kind: 'blind', to }, TARGET);
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

test('a phone that is somebody else’s number is not rung for a supervisor, though the table has it', () => {
  const { table } = talk.trial;
  const [seats] = table.seats.values();
  if (seats === undefined) throw new Error('no seats');
  const dialled = { ...table, seats: new Map([[seats.id, { ...seats, endpoints: ['12345@trunk', 'phone'] }]]) };
  const state = talkWith({ leg: 'o', to: 'queue:12345-xiamen', agent: AGENT }, 0);
  const of = { state, table: dialled, number: '12301', region: 'xiamen', at: 0, newLeg: 'n' };
  const ask = (endpoint: string) =>
    verdictOf({ do: 'supervise', as: 'listen', endpoint }, { by: 'boss', via: 'api', as: 'any' }, of, false);
  expect(ask('12345@trunk')).toEqual({ refused: 'UNKNOWN_TARGET' });
  expect(ask('phone')).toHaveProperty('event');
});
