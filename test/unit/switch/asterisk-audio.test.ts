/** Who hears whom on an Asterisk that stalls, resets and forgets: in the end everybody sits where they were told. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { connectAri } from '../../../src/switch/asterisk/ari/library.ts';
import {
  asideBridgeId,
  bridgeIdOf,
  legChannelId,
  ownBridgeId,
  queueHalfId,
  snoopChannelId,
  TAKEN_IN_VARIABLE,
  takenInValue,
  whisperChannelId,
} from '../../../src/switch/asterisk/ids.ts';
import { AsteriskSwitch } from '../../../src/switch/asterisk/switch.ts';
import type { AudioRole, Call, Leg } from '../../../src/switch/port.ts';
import { Taken } from '../../contract/rig.ts';
import { AriFarEnd, type Fault } from '../../far-end/ari.ts';

const idOf = (leg: string): string => legChannelId('hotline', 'caller', leg);
const MAIN = bridgeIdOf('hotline', 'caller');
const ASIDE = asideBridgeId('hotline', 'caller');
const ownOf = (leg: string): string => ownBridgeId('hotline', 'caller', leg);
const MUSIC = { waitTone: 'music', muted: [] } as const;

describe('seats on an Asterisk', { timeout: 30_000 }, () => {
  let pbx: AriFarEnd;
  let held: AsteriskSwitch;
  let taken: Taken;

  const newSwitch = () =>
    new AsteriskSwitch(
      { name: 'far', url: pbx.url, user: 'u', password: 'p', app: 'hotline', promptsDir: '/prompts' },
      connectAri,
      createLogger('silent'),
    );

  beforeEach(async () => {
    pbx = await AriFarEnd.open();
    taken = new Taken();
    held = newSwitch();
    await held.start(taken);
  });

  afterEach(async () => {
    await held.stop();
    pbx.close();
  });

  const arrive = async (): Promise<Call> => {
    pbx.enter('caller');
    const call = await taken.arrival();
    await call.answer();
    return call;
  };

  const answeredLeg = async (call: Call, id: string, seat?: AudioRole): Promise<Leg> => {
    const leg = call.dial(id, { kind: 'seat', endpoint: `phone-${id}`, ringSeconds: 20 }, seat);
    await leg.ringing;
    pbx.setState(idOf(id), 'Up');
    await leg.outcome;
    return leg;
  };

  const bridgeOf = (channel: string): string | undefined =>
    [...pbx.bridges].find(([, inside]) => inside.has(channel))?.[0];

  it.each<[string, Fault[]]>([
    ['resets', ['reset']],
    ['does it and resets', ['reset-after']],
    ['is busy', ['busy', 'busy']],
  ])('are taken though it %s at every step', async (_, faults) => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    const steps = ['channels.startMoh', 'bridges.createWithId', 'bridges.addChannel', 'channels.mute'] as const;
    for (const step of steps) pbx.fault(step, ...faults);
    await call.setAudio({ legs: { o: 'aside' }, waitTone: 'music', muted: ['caller'] });
    expect(pbx.faultsLeft).toBe(0);
    expect([bridgeOf('caller'), bridgeOf(idOf('o'))]).toEqual([MAIN, ASIDE]);
    expect(pbx.sounds.get('caller')).toBe('music');
    expect([...pbx.muted]).toEqual(['caller']);
    for (const step of ['channels.stopMoh', 'bridges.addChannel', 'channels.unmute']) pbx.fault(step, ...faults);
    await call.setAudio({ legs: { o: 'with-caller' }, ...MUSIC });
    expect(bridgeOf(idOf('o'))).toBe(MAIN);
    expect([...pbx.sounds, ...pbx.muted]).toEqual([]);
  });

  it('are as they were said last, however often and in whatever order they change', async () => {
    const seat = fc.constantFrom<AudioRole>(
      'with-caller',
      'aside',
      'apart',
      { listensTo: 'a' },
      { whispersTo: 'a' },
      { listensTo: 'b' },
    );
    const seating = fc.record({
      legs: fc.record(
        { a: fc.constantFrom<AudioRole>('with-caller', 'aside', 'apart'), b: seat, c: seat },
        { requiredKeys: [] },
      ),
      waitTone: fc.constantFrom('music' as const, 'ringing' as const),
      muted: fc.subarray(['a', 'b', 'c', 'caller']),
    });
    const call = await arrive();
    for (const id of ['a', 'b', 'c']) await answeredLeg(call, id);
    const wanted = new Map<string, AudioRole>(['a', 'b', 'c'].map((id) => [id, 'with-caller']));
    await fc.assert(
      fc.asyncProperty(fc.array(seating, { minLength: 1, maxLength: 4 }), async (seatings) => {
        await Promise.all(seatings.map((each) => call.setAudio(each)));
        for (const { legs } of seatings)
          for (const [id, sits] of Object.entries(legs)) wanted.set(id, sits as AudioRole);
        const last = seatings.at(-1);
        for (const [id, sits] of wanted) {
          const bridge = sits === 'with-caller' ? MAIN : sits === 'aside' ? ASIDE : ownOf(id);
          expect(bridgeOf(idOf(id))).toBe(bridge);
        }
        const isAlone = ![...wanted.values()].includes('with-caller');
        expect(pbx.sounds.get('caller')).toBe(isAlone ? last?.waitTone : undefined);
        expect([...pbx.muted].toSorted()).toEqual(
          (last?.muted ?? []).map((id) => (id === 'caller' ? id : idOf(id))).toSorted(),
        );
        const snoops = [...wanted].flatMap(([leg, sits]) => {
          if (typeof sits !== 'object') return [];
          const at = 'listensTo' in sits ? sits.listensTo : sits.whispersTo;
          if (at === leg) return [];
          return [snoopChannelId('hotline', 'caller', { leg, does: 'listensTo' in sits ? 'listens' : 'whispers', at })];
        });
        expect(
          [...pbx.channels.keys()].filter((id) => id.includes('listens') || id.includes('whispers')).toSorted(),
        ).toEqual(snoops.toSorted());
        for (const snoop of snoops) expect(bridgeOf(snoop)).toBe(bridgeOf(snoop.split('~').slice(0, 3).join('~')));
      }),
      { numRuns: 30 },
    );
  });

  it('end the music when the agent is back, though a phone has just refused waitTone', async () => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    await call.setAudio({ legs: { o: 'aside' }, ...MUSIC });
    const refusing = call.dial('t', { kind: 'seat', endpoint: 't', ringSeconds: 20 }, 'aside');
    await refusing.ringing;
    pbx.hangup(idOf('t'));
    await refusing.ended;
    await call.setAudio({ legs: { o: 'with-caller' }, ...MUSIC });
    expect(bridgeOf(idOf('o'))).toBe(MAIN);
    expect([...pbx.sounds]).toEqual([]);
  });

  it.each([
    ['bridges.addChannel', 'aside'],
    ['bridges.createWithId', 'aside'],
    ['channels.startMoh', 'aside'],
    ['channels.mute', 'aside'],
    ['channels.snoopChannelWithId', 'listens'],
  ] as const)('are taken though Asterisk fails in %s once', async (operation, to) => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    await answeredLeg(call, 's', 'apart');
    pbx.fault(operation, 'failed');
    const legs = to === 'aside' ? ({ o: 'aside' } as const) : { s: { listensTo: 'o' } };
    await call.setAudio({ legs, waitTone: 'music', muted: to === 'aside' ? ['o'] : [] });
    expect(pbx.faultsLeft).toBe(0);
    if (to === 'listens') {
      const snoop = snoopChannelId('hotline', 'caller', { leg: 's', does: 'listens', at: 'o' });
      return expect(bridgeOf(snoop)).toBe(ownOf('s'));
    }
    expect([bridgeOf(idOf('o')), pbx.sounds.get('caller'), pbx.muted.has(idOf('o'))]).toEqual([ASIDE, 'music', true]);
  });

  it('let nothing stay behind of what an agent was being told over the talk, who hangs up', async () => {
    const call = await arrive();
    const leg = await answeredLeg(call, 'o');
    const whisper = leg.whisperOverTalk('why', ['merged']);
    const saying = whisperChannelId('hotline', 'caller', 'o', 'why-1');
    await expect.poll(() => pbx.playbacks.size).toBe(1);
    expect([bridgeOf(idOf('o')), pbx.channels.has(saying)]).toEqual([MAIN, true]);
    pbx.hangup(idOf('o'));
    expect(await whisper.ended).toBe('stopped');
    await expect.poll(() => pbx.channels.has(saying)).toBe(false);
  });

  it('let nothing stay behind when the caller hangs up, whatever was being made', async () => {
    const call = await arrive();
    await answeredLeg(call, 'a');
    await answeredLeg(call, 'b', { listensTo: 'a' });
    pbx.fault('bridges.createWithId', 'busy');
    void call.setAudio({ legs: { a: 'aside' }, ...MUSIC });
    pbx.hangup('caller');
    await expect.poll(() => [[...pbx.channels.keys()], [...pbx.bridges.keys()]]).toEqual([[], []]);
    await expect.poll(() => held.held).toBe(0);
  });

  it('ring in the caller’s ear when several phones ring, until one answers', async () => {
    const call = await arrive();
    const legs = ['a', 'b'].map((id) => call.dial(id, { kind: 'seat', endpoint: id, ringSeconds: 20 }));
    await Promise.all(legs.map(({ ringing }) => ringing));
    await expect.poll(() => pbx.playbacks.size).toBe(1);
    pbx.setState(idOf('b'), 'Up');
    await legs[1]?.outcome;
    await expect.poll(() => pbx.playbacks.size).toBe(0);
  });

  it('tell a phone whose REFER was lost in a gap that nothing comes of it', async () => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    pbx.cut();
    await expect.poll(() => pbx.toldOfRefer, { timeout: 5_000 }).toEqual([[idOf('o'), 'channel_declined']]);
  });

  it('leave a REFER alone that is being seen to, when there is a gap', async () => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    const asked = new Promise<void>((resolve) => call.onAsked(() => resolve()));
    const referred_by = { source_channel: { id: idOf('o') } };
    pbx.tell({ type: 'ChannelTransfer', refer_to: { requested_destination: { destination: '12348' } }, referred_by });
    await asked;
    pbx.cut();
    await expect.poll(() => [pbx.connections, held.connected], { timeout: 5_000 }).toEqual([2, true]);
    expect(pbx.toldOfRefer).toEqual([]);
  });

  it('refuse a phone that would join the caller with a call that is none of theirs', async () => {
    const call = await arrive();
    await answeredLeg(call, 'o');
    call.onAsked(() => {
      throw new Error('told of it');
    });
    const requested_destination = { destination: 'x', protocol_id: 'somebody-else' };
    pbx.tell({
      type: 'ChannelTransfer',
      refer_to: { requested_destination, destination_channel: { id: 'stranger' } },
      referred_by: { source_channel: { id: idOf('o') } },
    });
    await expect.poll(() => pbx.toldOfRefer).toEqual([[idOf('o'), 'channel_declined']]);
  });

  it('are told of an endpoint’s requests as long as one of its legs talks', async () => {
    const call = await arrive();
    const leg = call.dial('q', { kind: 'queue', queue: 'q', skill: undefined, waitSeconds: 60 });
    await leg.ringing;
    pbx.halves.get(queueHalfId(idOf('q')))?.set('MEMBERINTERFACE', 'PJSIP/member-1');
    pbx.setState(idOf('q'), 'Up');
    expect(await leg.outcome).toEqual({ answeredBy: 'member-1' });
    await expect.poll(() => [...pbx.sources]).toEqual(['endpoint:PJSIP/member-1']);
    pbx.hangup(idOf('q'));
    await expect.poll(() => [...pbx.sources]).toEqual([]);
  });

  describe('of a call that is taken over', () => {
    const leave = async (withCaller: boolean): Promise<void> => {
      await held.stop();
      if (withCaller) pbx.enter('caller');
      for (const id of [idOf('o'), idOf('s')]) pbx.enter(id, ['leg']).state = 'Up';
      const own = pbx.enter('phone-7', ['phone', '12348-1']);
      own.state = 'Up';
      own.variables.set(TAKEN_IN_VARIABLE, takenInValue('caller', 'p'));
      const snoop = snoopChannelId('hotline', 'caller', { leg: 's', does: 'listens', at: 'o' });
      pbx.enter(snoop, ['snoop']);
      pbx.enter(whisperChannelId('hotline', 'caller', 'o', 'why-1'), ['says']);
      pbx.bridges.set(MAIN, new Set(withCaller ? ['caller', idOf('o')] : [idOf('o')]));
      pbx.bridges.set(ASIDE, new Set(['phone-7']));
      pbx.bridges.set(ownOf('s'), new Set([idOf('s'), snoop]));
      taken = new Taken();
      held = newSwitch();
      await held.start(taken);
    };

    it('are found: aside, a supervisor’s, and a phone’s own call', async () => {
      await leave(true);
      const { call } = await taken.adoption();
      expect(call.adoptedLegs.map(({ id, isAnswered }) => [id, isAnswered])).toEqual([
        ['o', true],
        ['s', true],
        ['p', true],
      ]);
      const before = pbx.asked.length;
      await call.setAudio({ legs: {}, ...MUSIC });
      expect(pbx.asked.slice(before).filter((operation) => operation.startsWith('bridges.'))).toEqual([]);
      await call.setAudio({ legs: { o: 'aside', p: 'with-caller', s: 'apart' }, ...MUSIC });
      expect([bridgeOf(idOf('o')), bridgeOf('phone-7'), bridgeOf(idOf('s'))]).toEqual([ASIDE, MAIN, ownOf('s')]);
      expect([...pbx.channels.keys()]).toEqual(['caller', idOf('o'), idOf('s'), 'phone-7']);
      pbx.hangup('caller');
      await expect.poll(() => [[...pbx.channels.keys()], [...pbx.bridges.keys()]]).toEqual([[], []]);
    });

    it('are cleared away when the caller is gone', async () => {
      await leave(false);
      await expect.poll(() => [[...pbx.channels.keys()], [...pbx.bridges.keys()]]).toEqual([[], []]);
    });
  });
});
