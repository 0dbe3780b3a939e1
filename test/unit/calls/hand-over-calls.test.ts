/** Handing a caller on, as agents and callers meet it: on a PBX in memory. Kinds and failures are in hand-over-matrix.test.ts. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { liveText, tableOf } from '../routing/tables.ts';
import { AGENT, ORIGIN, Talk, talkForEach } from './talk.ts';
import { PROMPT_MS, pass } from './trial.ts';

const T = '12348-1';
const OTHER_SEAT = '12348-2';
const BOSS = '12320-1';

let talk: Talk;

talkForEach((begun) => {
  talk = begun;
});

const consult = async () => {
  talk.answers(T, 1_000);
  await talk.transfer('attended');
  await talk.pass(1_000);
};

describe('what goes with the caller', () => {
  test('hotline, city, agent, work order and note are on the next phone, and in the records', async () => {
    talk.answers(T, 1_000);
    await talk.transfer('blind', '12348', { workOrder: 'GD-2026-001', note: '咨询法律援助' });
    const leg = talk.leg(T);
    expect(leg.shown).toEqual({
      name: '12301 厦门',
      number: '13900001111',
      hotline: '12301',
      region: 'xiamen',
      handedOn: { from: ORIGIN, agent: AGENT, workOrder: 'GD-2026-001', note: '咨询法律援助' },
    });
    expect(talk.trial.last('transferred')).toMatchObject({
      from: ORIGIN,
      to: 'seats:12348',
      by: AGENT,
      via: 'api',
      workOrder: 'GD-2026-001',
      note: '咨询法律援助',
    });
    await talk.pass(1_000);
    expect(talk.trial.last('answered')).toMatchObject({ to: 'seats:12348', agent: T });
  });

  test('the work order stays with the call, the note is for the next agent alone', async () => {
    talk.answers(T, 1_000);
    await talk.transfer('blind', '12348', { workOrder: 'GD-1', note: '一' });
    await talk.pass(1_000);
    talk.answers(AGENT, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, T);
    expect(talk.leg(AGENT).shown?.handedOn).toEqual({ from: 'seats:12348', agent: T, workOrder: 'GD-1', note: null });
  });

  test('the summary at the end says how often the caller was handed on, and who answered first', async () => {
    talk.answers(T, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, T);
    await talk.pass(1_000);
    talk.expectTalk(AGENT);
    await talk.hangUp(AGENT);
    expect(talk.trial.last('ended')).toMatchObject({ by: 'agent', transfers: 2, answeredBy: ORIGIN, agent: AGENT });
  });
});

describe('nobody but who is allowed', () => {
  test('hands a caller on: not another agent, not the one who is consulted', async () => {
    expect(await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, '12345-xiamen-2')).toMatchObject({
      refused: 'NOT_YOUR_CALL',
    });
    await consult();
    for (const request of ['complete', 'return', 'hold'] as const) {
      const refused = request === 'hold' ? 'NOT_NOW' : 'NOT_YOUR_CALL';
      expect(await talk.ask({ do: request }, T)).toMatchObject({ refused });
    }
    expect(await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, T)).toHaveProperty('refused');
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
    talk.does(T, 'ring');
    talk.does(OTHER_SEAT, 'ring');
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
    talk.answers(T, 1_000);
    await talk.ask({ do: 'transfer', kind: 'attended', to: '12348' }, '', { ...boss, via: 'cli' });
    await talk.pass(1_000);
    expect(talk.trial.last('transferred')).toMatchObject({ by: 'boss', via: 'cli' });
    await talk.ask({ do: 'complete' }, '', boss);
    talk.expectTalk(T);
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
    talk.answers(T, 1_000);
    await talk.transfer('blind');
    expect(talk.hears(BOSS)).toEqual([]);
    await talk.pass(1_000);
    expect(talk.hears(BOSS)).toEqual([T, 'caller'].toSorted());
    expect(talk.hears('caller')).toEqual([T]);
    await talk.hangUp(T);
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
    expect(await supervise('listen', OTHER_SEAT)).toMatchObject({ refused: 'NOT_NOW' }); // one at a time
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
    await consult();
    await talk.ask({ do: 'complete' });
    talk.expectTalk(T);
  });

  test('mutes: the caller hears nothing of the agent, the agent the caller', async () => {
    await talk.ask({ do: 'mute' });
    expect([talk.caller.hears('caller'), talk.hears(AGENT)]).toEqual([[], ['caller']]);
    await talk.ask({ do: 'unmute' });
    talk.expectTalk(AGENT);
  });

  test('who mutes, and hands on, leaves nobody muted', async () => {
    await talk.ask({ do: 'mute' });
    talk.answers(T, 1_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    talk.expectTalk(T);
    expect([...talk.caller.muted]).toEqual([]);
  });
});

describe('an agent’s phone', () => {
  const press = async (keys: string, who = AGENT) => {
    talk.caller.press(talk.leg(who).id, keys);
    await pass(0);
  };

  test('is told of a REFER what becomes of it', async () => {
    talk.answers(T, 1_000);
    const told = talk.caller.refer(talk.leg(AGENT).id, '12348');
    await talk.pass(100);
    expect(told).toEqual(['accepted']);
    await talk.pass(1_000);
    expect(told).toEqual(['accepted', 'completed']);
  });

  test('is told of a REFER that failed, and of one that is refused, which is spoken too', async () => {
    talk.does(T, 'busy');
    talk.does(OTHER_SEAT, 'busy');
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
    await consult();
    await press('*1', T);
    expect(talk.leg(T).heard.at(-1)).toBe('whisper-hand-over-refused');
    expect(talk.hears('caller')).toEqual(['music']);
  });

  describe('that calls by itself', () => {
    const phone = (dialled: string, endpoint = AGENT) => talk.trial.pbx.placePhoneCall(endpoint, dialled);

    test('consults whom it dialled, and joins the caller to them by REFER with Replaces', async () => {
      talk.answers(T, 1_000);
      phone('12348');
      await talk.pass(500);
      expect(talk.hears('caller')).toEqual(['music']);
      await talk.pass(500);
      const [first, second] = [...talk.caller.legs.values()].filter(({ endpoint }) => endpoint === AGENT);
      expect(talk.caller.hears(second?.id ?? '')).toEqual([talk.leg(T).id]);
      expect(talk.caller.hears(first?.id ?? '')).toEqual([]);
      const told = talk.caller.referAttended(first?.id ?? '', second?.id ?? '');
      await talk.pass(100);
      expect(told).toEqual(['accepted', 'completed']);
      talk.expectTalk(T);
    });

    test('may join the caller to somebody who still rings', async () => {
      talk.answers(T, 3_000);
      phone('12348');
      await talk.pass(1_000);
      const [first, second] = [...talk.caller.legs.values()].filter(({ endpoint }) => endpoint === AGENT);
      talk.caller.referAttended(first?.id ?? '', second?.id ?? '');
      await talk.pass(100);
      expect(talk.hears('caller')).toEqual(['ringing']);
      await talk.pass(2_000);
      talk.expectTalk(T);
    });

    test('comes back to the caller by hanging up its second call', async () => {
      talk.answers(T, 1_000);
      const own = phone('12348');
      await talk.pass(1_500);
      own.hangup();
      await talk.pass(100);
      talk.expectTalk(AGENT);
      expect(talk.told.at(-1)).toBe('attended returned taken-back');
    });

    test('hands the caller over by hanging up both', async () => {
      talk.answers(T, 1_000);
      const own = phone('12348');
      await talk.pass(1_500);
      [...talk.caller.legs.values()][0]?.hangup();
      await pass(0);
      expect(talk.hears('caller')).toEqual(['music']);
      own.hangup();
      await talk.pass(100);
      talk.expectTalk(T);
    });

    test('is told when nobody answers, and is let go, back to the caller', async () => {
      talk.does(T, 'busy');
      talk.does(OTHER_SEAT, 'busy');
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

describe('a caller who is sent to and fro', () => {
  /** The shipped table with a queue of supervisors, and a guard. */
  const supervised = (guard: string): string =>
    liveText
      .replace('\nqueues:\n', `\nqueues:\n  12345-supervisors:\n    label: 班长\n    members: [${BOSS}]\n`)
      .replace('\ntransfers:\n', `\n${guard}\n\ntransfers:\n`);

  const another = async (text: string) => {
    await talk.end();
    talk = await Talk.begin(undefined, undefined, tableOf(text));
  };

  /** T and the agent, in turn; each takes the caller at once and sends the caller on. */
  const toAndFro = async (times: number, talkMs: number) => {
    talk.answers(T, 100);
    talk.answers(AGENT, 100);
    for (let n = 0; n < times; n += 1) {
      const [from, to] = n % 2 === 0 ? ([AGENT, '12348'] as const) : ([T, '12345'] as const);
      expect(await talk.ask({ do: 'transfer', kind: 'blind', to }, from)).not.toHaveProperty('refused');
      await talk.pass(200 + talkMs);
    }
  };

  test('goes to the 12345 queue with priority at the sixth hand-over, instead of on', async () => {
    await toAndFro(5, 1_000);
    talk.expectTalk(T);
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 1_000);
    await talk.ask({ do: 'transfer', kind: 'attended', to: 'queue:12345-fuzhou' }, T);
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.pass(1_000);
    talk.expectTalk('12345-xiamen-2');
    expect(talk.told.slice(-3)).toEqual(['attended asked', 'attended failed ping-pong', 'attended completed']);
  });

  test('is handed on as often as it takes when there is a minute of talk in between', async () => {
    await toAndFro(8, 60_000);
    expect(talk.told.filter((told) => told.includes('ping-pong'))).toEqual([]);
    talk.expectTalk(AGENT);
  });

  test('is handed on as often as the table says', async () => {
    await another(supervised('handOvers: { most: 2 }'));
    await toAndFro(2, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, AGENT);
    expect(talk.told.slice(-2)).toEqual(['blind asked', 'blind failed ping-pong']);
    expect(talk.trial.last('queued')).toMatchObject({ to: 'queue:12345-xiamen' });
  });

  describe('where the table names the supervisors', () => {
    const BOSSES = 'queue:12345-supervisors';
    beforeEach(async () => {
      await another(supervised(`handOvers: { most: 2, supervisors: ${BOSSES} }`));
      await toAndFro(2, 1_000);
      talk.answers(BOSS, 1_000);
      talk.answers('12345-xiamen-2', 1_000);
      talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    });
    const once = () => talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, AGENT);

    test('goes to their queue, and from there anywhere: the count begins anew', async () => {
      await once();
      expect(talk.hears('caller')).toEqual(['music']);
      await talk.pass(1_000);
      talk.expectTalk(BOSS);
      expect(talk.trial.last('answered')).toMatchObject({ to: BOSSES, agent: BOSS });
      await talk.ask({ do: 'transfer', kind: 'blind', to: '12348' }, BOSS);
      await talk.pass(200);
      talk.expectTalk(T);
      expect(talk.told.slice(-4)).toEqual([
        'blind failed ping-pong',
        'blind completed',
        'blind asked',
        'blind completed',
      ]);
    });

    test('and nobody of them answers: goes to the 12345 queue of the region', async () => {
      talk.does(BOSS, 'ring');
      await once();
      await talk.pass(120_000);
      await talk.pass(1_500);
      talk.expectTalk('12345-xiamen-2');
      const places = talk.trial.records.flatMap((each) => (each.type === 'queued' ? [each.to] : []));
      expect(places.slice(-2)).toEqual([BOSSES, 'queue:12345-xiamen']);
      expect(talk.told.slice(-3)).toEqual(['blind failed ping-pong', 'blind failed no-answer', 'blind completed']);
    });

    test('and nobody answers anywhere: hears the apology, and is on the list to be called back', async () => {
      talk.does(BOSS, 'ring');
      talk.does('12345-xiamen-2', 'ring');
      await once();
      await talk.pass(240_000);
      await talk.pass(PROMPT_MS + 500);
      expect(talk.caller.gone.signal.aborted).toBe(true);
      expect(talk.trial.last('missed').tried.slice(-2)).toEqual([BOSSES, 'queue:12345-xiamen']);
    });

    test('and the controller dies while their phones ring: the next one goes on to the 12345 queue all the same', async () => {
      talk.does(BOSS, 'ring');
      await once();
      await talk.pass(10_000);
      await talk.takeOver();
      await talk.pass(120_000);
      await talk.pass(1_500);
      talk.expectTalk('12345-xiamen-2');
    });
  });

  test('goes past supervisors who are not there at this time', async () => {
    const closed = supervised('handOvers: { most: 1, supervisors: queue:12345-supervisors }')
      .replace('label: 班长', 'label: 班长\n    hours: never-now')
      .replace('\nregions:\n', '\nhours:\n  never-now:\n    mon-sun: 03:00-03:01\n\nregions:\n');
    await another(closed);
    await toAndFro(1, 1_000);
    await talk.ask({ do: 'transfer', kind: 'blind', to: '12345' }, T);
    expect(talk.trial.last('queued')).toMatchObject({ to: 'queue:12345-xiamen' });
  });
});
