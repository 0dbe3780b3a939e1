/** The controller dies at each stage of a transfer, and another takes the call over: nobody is cut off, nothing is lost. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { pass } from '../trial.ts';
import { AGENT, OTHER_TARGET, TARGET, talkForEach } from './talk.ts';

const SUPERVISOR = OTHER_TARGET;

const talk = talkForEach();

const kinds = ['blind', 'attended', 'three-way'] as const;

type Kind = (typeof kinds)[number];

const ring = async (kind: Kind, afterMs = 5_000) => {
  talk.answers(TARGET, afterMs);
  talk.does('12348-2', 'ring');
  await talk.transfer(kind);
  await talk.pass(1_000);
};

/** As {@link Talk.takeOver}, but the caller is listened to while nobody is in control. */
const takeOver = async (awayMs = 500) => {
  await talk.controller.die();
  await talk.pass(awayMs);
  talk.controller = await talk.trial.start();
  await talk.pass(100);
};

test('a call that only talks goes on talking, and can be handed on by the next controller', async () => {
  await takeOver();
  talk.expectTalk(AGENT);
  talk.answers(TARGET, 1_000);
  await talk.transfer('blind');
  await talk.pass(1_000);
  talk.expectTalk(TARGET);
  expect(talk.told).toEqual(['blind asked', 'blind completed']);
});

describe.each(kinds)('%s', (kind) => {
  const ends = async () => {
    if (kind !== 'blind') {
      expect(talk.hears(TARGET)).toEqual(kind === 'attended' ? [AGENT] : [AGENT, 'caller'].toSorted());
      await talk.ask({ do: 'complete' });
    }
    await talk.pass(100);
    talk.expectTalk(TARGET);
    expect(talk.told.at(-1)).toBe(`${kind} completed`);
    expect(talk.told.filter((told) => told === `${kind} asked`)).toHaveLength(1);
  };

  test('while the next phone rings: it rings on, and is answered later', async () => {
    await ring(kind);
    const before = talk.who;
    await takeOver();
    expect(talk.who).toEqual(before);
    await talk.pass(3_500);
    await ends();
  });

  test('while the next phone rings, which is answered with nobody in control', async () => {
    await ring(kind, 1_500);
    await takeOver(2_000);
    await ends();
  });

  test('while the next phone rings, which gives up with nobody in control', async () => {
    await ring(kind);
    await talk.controller.die();
    await talk.pass(200);
    for (const leg of [...talk.caller.legs.values()]) {
      if (leg.endpoint !== AGENT) leg.end({ cause: 'rejected', q850: 21 });
    }
    await talk.pass(200);
    talk.controller = await talk.trial.start();
    await talk.pass(1_100);
    talk.expectTalk(AGENT);
    expect(talk.told.length).toBe(2);
  });

  test('at the moment it is asked for, before anything rings', async () => {
    talk.answers(TARGET, 1_000);
    const dial = vi.spyOn(talk.trial.pbx, 'dial').mockImplementationOnce(() => {
      void talk.controller.die();
      throw new Error('killed');
    });
    await talk.transfer(kind);
    expect(dial).toHaveBeenCalled();
    talk.trial.errors.splice(0);
    talk.controller = await talk.trial.start();
    await talk.pass(3_000);
    expect(talk.hears('caller')).toEqual([AGENT]); // that phone never rang: the caller is with the agent, or comes back
  });

  test('when both talk, or all three: they go on, whoever is in control', async () => {
    await ring(kind, 1_000);
    await talk.pass(500);
    await takeOver();
    await ends();
  });

  test('when the agent who hands on hangs up with nobody in control', async () => {
    if (kind === 'blind') return;
    await ring(kind, 1_000);
    await talk.pass(500);
    await talk.controller.die();
    await talk.hangUp(AGENT);
    await talk.pass(300);
    talk.controller = await talk.trial.start();
    await talk.pass(100);
    talk.expectTalk(TARGET);
    expect(talk.told.at(-1)).toBe(`${kind} completed`);
  });

  test('when the next agent hangs up with nobody in control', async () => {
    if (kind === 'blind') return;
    await ring(kind, 1_000);
    await talk.pass(500);
    await talk.controller.die();
    await talk.hangUp(TARGET);
    await talk.pass(300);
    talk.controller = await talk.trial.start();
    await talk.pass(100);
    talk.expectTalk(AGENT);
    expect(talk.told.at(-1)).toBe(`${kind} returned hung-up`);
  });

  test('again and again: each controller knows what the one before knew', async () => {
    await ring(kind, 4_000);
    await takeOver();
    await takeOver();
    await talk.pass(4_000);
    await takeOver();
    await ends();
    await takeOver();
    talk.expectTalk(TARGET);
    await talk.hangUp('caller');
    expect(talk.trial.last('ended')).toMatchObject({ takeovers: 4, transfers: 1 });
  });
});

describe('the stages after a failure', () => {
  beforeEach(() => {
    for (const seat of [TARGET, SUPERVISOR]) talk.does(seat, 'busy');
  });

  test('return: the agent’s phone rings on, and the agent hears why the caller is back', async () => {
    talk.answers(AGENT, 3_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await takeOver();
    await talk.pass(2_000);
    talk.expectTalk(AGENT);
    expect(talk.leg(AGENT).heard.at(-1)).toBe('whisper-hand-over-busy');
    expect(talk.told).toEqual(['blind asked', 'blind returned busy']);
  });

  test('rescue: the caller keeps the place in the queue', async () => {
    talk.does(AGENT, 'busy');
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 3_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    const [leg] = talk.caller.legs.values();
    await takeOver();
    expect([...talk.caller.legs.values()]).toEqual([leg]);
    await talk.pass(2_000);
    talk.expectTalk('12345-xiamen-2');
    expect(talk.trial.last('queued')).toMatchObject({ to: 'queue:12345-xiamen' });
    await talk.hangUp('caller');
    expect(talk.trial.last('ended').tried).toEqual(['queue:12345-xiamen', 'seats:12348', 'queue:12345-xiamen']);
  });

  test('rescue, remembered and never dialled: it is dialled', async () => {
    talk.does(AGENT, 'busy');
    talk.trial.pbx.queues.set('12345-xiamen', ['12345-xiamen-2']);
    talk.answers('12345-xiamen-2', 3_000);
    const { pbx } = talk.trial;
    const dial = pbx.dial.bind(pbx);
    pbx.dial = (caller, id, target, seat) => {
      if (target.kind === 'seat') return dial(caller, id, target, seat);
      const leg = dial(caller, id, { kind: 'seat', endpoint: 'nobody', ringSeconds: 1 }, seat);
      caller.legs.delete(id); // the controller was killed first
      return leg;
    };
    await talk.transfer('blind');
    await talk.pass(500);
    pbx.dial = dial;
    await takeOver();
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.pass(3_100);
    talk.expectTalk('12345-xiamen-2');
  });

  test('apology: it is not said twice, and the call ends', async () => {
    talk.does(AGENT, 'busy');
    talk.trial.pbx.queues.set('12345-xiamen', []);
    await talk.transfer('blind');
    await talk.pass(122_000);
    expect(talk.hears('caller')).toEqual(['prompt']);
    await takeOver();
    await talk.pass(5_000);
    expect(await talk.caller.ended.promise).toBe(19);
    expect(talk.caller.heard.filter((prompt) => prompt === 'busy')).toHaveLength(1);
    expect(talk.trial.last('missed')).toMatchObject({ callBack: true });
  });

  test('pull-back: the agent’s phone rings on while the caller talks', async () => {
    talk.answers(TARGET, 1_000);
    talk.answers(AGENT, 3_000);
    await talk.transfer('blind');
    await talk.pass(1_000);
    await talk.ask({ do: 'pull-back' });
    await talk.pass(1_000);
    await takeOver();
    expect(talk.hears('caller')).toEqual([TARGET]);
    await talk.pass(2_000);
    talk.expectTalk(AGENT);
    expect(talk.told.slice(2)).toEqual(['pull-back asked', 'pull-back completed']);
  });
});

describe('what an agent has set', () => {
  test('hold: the caller still hears music, and is resumed by the next controller', async () => {
    await talk.ask({ do: 'hold' });
    expect(talk.hears('caller')).toEqual(['music']);
    await takeOver();
    expect(talk.hears('caller')).toEqual(['music']);
    await talk.ask({ do: 'resume' });
    talk.expectTalk(AGENT);
  });

  test('hold: when the agent hangs up with nobody in control, the caller is rescued', async () => {
    await talk.ask({ do: 'hold' });
    await talk.controller.die();
    await talk.hangUp(AGENT);
    await talk.pass(300);
    talk.controller = await talk.trial.start();
    await talk.pass(1_100);
    talk.expectTalk(AGENT);
    expect(talk.told).toEqual(['blind failed hung-up', 'blind completed']);
  });

  test('mute: the agent still cannot be heard', async () => {
    await talk.ask({ do: 'mute' });
    await talk.takeOver();
    expect(talk.caller.hears('caller')).toEqual([]);
    await talk.ask({ do: 'unmute' });
    talk.expectTalk(AGENT);
  });

  test('supervision: the supervisor still listens', async () => {
    talk.answers(SUPERVISOR, 1_000);
    await talk.ask({ do: 'supervise', as: 'listen', endpoint: SUPERVISOR }, 'boss', { as: 'any' });
    await talk.pass(500);
    await takeOver();
    await talk.pass(500);
    expect(talk.hears(SUPERVISOR)).toEqual([AGENT, 'caller'].toSorted());
    await takeOver();
    expect(talk.hears(SUPERVISOR)).toEqual([AGENT, 'caller'].toSorted());
    await talk.hangUp(SUPERVISOR);
    talk.expectTalk(AGENT);
  });

  test('a key: the same request gets the same answer from the next controller, and nothing is done twice', async () => {
    const request = { do: 'transfer', kind: 'blind', to: '12348' } as const;
    talk.answers(TARGET, 1_000);
    const answer = await talk.ask(request, AGENT, { key: 'k1' });
    expect(answer).toEqual({ stage: 'blind', to: 'seats:12348' });
    await takeOver();
    expect(await talk.ask(request, AGENT, { key: 'k1' })).toEqual(answer);
    await talk.pass(1_000);
    expect(await talk.ask(request, AGENT, { key: 'k1' })).toEqual(answer);
    expect(await talk.ask(request, AGENT, { key: 'k2' })).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
    await takeOver();
    expect(await talk.ask(request, AGENT, { key: 'k2' })).toEqual({ refused: 'NOT_YOUR_CALL', to: null });
    expect(talk.told.filter((told) => told === 'blind asked')).toHaveLength(1);
  });

  test('a note and a work order: a phone that rings later still shows them', async () => {
    talk.does('12348-2', 'ring');
    talk.does(TARGET, 'ring');
    talk.answers(AGENT, 1_000);
    await talk.transfer('blind', '12348', { workOrder: 'WO-7', note: '已登记' });
    await takeOver();
    await talk.pass(20_100);
    expect(talk.leg(AGENT).shown?.handedOn).toMatchObject({ workOrder: 'WO-7', note: '已登记' });
  });
});

test('a call whose phone consults by a call of its own is taken over with both of them', async () => {
  talk.answers(TARGET, 1_000);
  talk.trial.pbx.placePhoneCall(AGENT, '12348');
  await talk.pass(1_500);
  await takeOver();
  expect(talk.who).toEqual([AGENT, AGENT, TARGET]);
  expect(talk.hears('caller')).toEqual(['music']);
  expect(talk.hears(TARGET)).toEqual([AGENT]);
  await talk.ask({ do: 'complete' });
  talk.expectTalk(TARGET);
  await pass(0);
});

describe('whoever takes the call over', () => {
  beforeEach(() => {
    talk.answers(TARGET, 1_000);
    talk.does(OTHER_TARGET, 'ring');
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
    await talk.ask({ do: 'supervise', as: 'listen', endpoint: OTHER_TARGET }, '', { as: 'any' });
    await talk.pass(100);
    expect(known).toEqual([true, true, true]);
  });

  test('the memory is written on the PBX before it is dialled, however long that takes', async () => {
    await talk.controller.die();
    const written = Promise.withResolvers<void>();
    talk.trial.tamper = (call) => {
      const remember = call.writeCheckpoint.bind(call);
      call.writeCheckpoint = async (memory) => {
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
    expect(talk.who).toEqual([TARGET, OTHER_TARGET]);
  });

  test('whoever is consulted and answers with nobody in control is out of the caller’s hearing', async () => {
    await talk.transfer('attended');
    await talk.controller.die();
    await pass(1_500);
    expect(talk.hears('caller')).toEqual(['music']);
    expect(talk.hears(TARGET)).toEqual([AGENT]);
    talk.controller = await talk.trial.start();
    await pass(0);
  });

  test('whoever takes the call over makes everybody sit again as they should', async () => {
    await talk.transfer('attended');
    await talk.pass(1_000);
    await talk.controller.die();
    for (const leg of talk.caller.legs.values()) leg.seat = 'apart';
    talk.caller.waitTone = 'ringing';
    talk.controller = await talk.trial.start();
    await talk.pass(100);
    expect([talk.hears('caller'), talk.hears(TARGET)]).toEqual([['music'], [AGENT]]);
  });
});
