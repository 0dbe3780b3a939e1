/** The Asterisk adapter against a far end that stalls, resets, lies and forgets. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { connectAri } from '../../../src/switch/asterisk/ari/library.ts';
import { bridgeIdOf, legChannelId, MEMORY_VARIABLE, playbackIdOf } from '../../../src/switch/asterisk/ids.ts';
import { AsteriskSwitch } from '../../../src/switch/asterisk/switch.ts';
import { type Call, CallerGone, CallLetGo } from '../../../src/switch/port.ts';
import { Taken } from '../../contract/rig.ts';
import { AriFarEnd, type Fault } from '../../far-end/ari.ts';

const SEAT = { kind: 'seat', endpoint: '12333-1', ringSeconds: 20 } as const;
const LEG = '2.0.0.0';
const legId = legChannelId('hotline', 'caller', LEG);
const bridgeId = bridgeIdOf('hotline', 'caller');

describe('a PBX that does not do what it is asked', { timeout: 30_000 }, () => {
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
  });

  afterEach(async () => {
    await held.stop();
    pbx.close();
  });

  const arrive = async (): Promise<Call> => {
    await held.start(taken);
    pbx.enter('caller');
    return taken.arrival();
  };

  const reconnected = async (times: number): Promise<void> => {
    await expect.poll(() => [pbx.connections, held.connected], { timeout: 10_000 }).toEqual([1 + times, true]);
  };

  const ended = (call: Call): Promise<unknown> =>
    new Promise((resolve) => {
      if (call.signal.aborted) resolve(call.signal.reason);
      call.signal.addEventListener('abort', () => resolve(call.signal.reason), { once: true });
    });

  it('says of a call whether it is still up, and does not guess', async () => {
    const call = await arrive();
    expect(await held.isUp(call.id)).toBe(true);
    expect(await held.isUp('far-another')).toBe(false);
    pbx.close();
    await expect(held.isUp(call.id)).rejects.toThrow();
  });

  it.each<[string, Fault[]]>([
    ['does not answer', ['stall']],
    ['cuts the connection', ['reset', 'reset']],
    ['does it, but cuts the answer off', ['reset-after']],
    ['is busy', ['busy', 'busy', 'busy']],
  ])('and %s when the caller is hung up: is asked again, and the caller is let go', async (_, faults) => {
    const call = await arrive();
    await call.answer();
    pbx.fault('channels.hangup', ...faults);
    await call.hangup('normal');
    expect(await ended(call)).toBeInstanceOf(CallerGone);
    expect(pbx.channels.size).toBe(0);
    await expect.poll(() => pbx.bridges.size).toBe(0);
    expect(held.held).toBe(0);
  });

  it('and is away when a caller is given back to the fallback: is asked again', async () => {
    const call = await arrive();
    pbx.fault('channels.continueInDialplan', 'reset', 'busy', 'reset');
    await call.release();
    expect(await ended(call)).toBeInstanceOf(CallerGone);
    expect(pbx.asked.filter((operation) => operation === 'channels.continueInDialplan')).toHaveLength(4);
  });

  it('notices a reset connection at once, not after a time-out', async () => {
    const call = await arrive();
    pbx.fault('channels.answer', 'reset');
    const since = performance.now();
    await call.answer();
    expect(performance.now() - since).toBeLessThan(1_000);
    expect(pbx.channels.get('caller')?.state).toBe('Up');
  });

  it.each<[string, Fault[]]>([
    ['resets', ['reset']],
    ['does it and resets', ['reset-after']],
    ['is busy', ['busy']],
  ])('and %s at each step of dialling: the phone rings once', async (_, faults) => {
    const call = await arrive();
    for (const step of ['channels.create', 'bridges.createWithId', 'bridges.addChannel', 'channels.dial']) {
      pbx.fault(step, ...faults);
    }
    const leg = call.dial(LEG, SEAT);
    await expect.poll(() => pbx.faultsLeft).toBe(0);
    await leg.ringing;
    await expect.poll(() => pbx.channels.get(legId)?.state).toBe('Ringing');
    expect([...pbx.channels.keys()]).toEqual(['caller', legId]);
    expect(pbx.bridges.get(bridgeId)).toEqual(new Set(['caller', legId]));
    pbx.setState(legId, 'Up');
    expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
  });

  it('begins a prompt and loses the answer: the prompt is not said twice', async () => {
    const call = await arrive();
    pbx.fault('channels.playWithId', 'reset-after');
    const playback = call.play('p', ['merged']);
    await expect.poll(() => pbx.playbacks.size).toBe(1);
    await expect.poll(() => pbx.asked.includes('playbacks.get')).toBe(true);
    pbx.endPlayback(playbackIdOf('hotline', 'caller', 'p'));
    expect(await playback.ended).toBe('done');
    expect(pbx.asked.filter((operation) => operation === 'channels.playWithId')).toHaveLength(1);
  });

  it('refuses to begin a prompt for want of a session: it is asked again', async () => {
    const call = await arrive();
    pbx.fault('channels.playWithId', 'busy');
    call.play('p', ['merged']);
    await expect.poll(() => pbx.playbacks.size).toBe(1);
  });

  it('is away when a memory is written: the latest gets there', async () => {
    const call = await arrive();
    pbx.fault('channels.setChannelVar', 'reset', 'busy');
    void call.writeCheckpoint('first');
    await call.writeCheckpoint('second');
    expect(pbx.channels.get('caller')?.variables.get(MEMORY_VARIABLE)).toBe('second');
  });

  it.each<[string, Fault[]]>([
    ['is busy', ['busy']],
    ['tells half of it', ['garbage']],
    ['cuts it off', ['reset']],
    ['is busy further on', ['reset-after', 'busy', 'garbage']],
  ])('%s when it is asked for its API: the switch tries again', async (_, faults) => {
    pbx.fault('api-docs', ...faults);
    const call = await arrive();
    await call.answer();
    expect(pbx.channels.get('caller')?.state).toBe('Up');
  });

  it('hands out its API and is cut off: the API is not asked for again', async () => {
    await held.start(taken);
    const before = pbx.asked.filter((operation) => operation === 'api-docs').length;
    pbx.cut();
    await reconnected(1);
    expect(pbx.asked.filter((operation) => operation === 'api-docs')).toHaveLength(before);
  });

  it('makes a leg during a gap in the events: the leg is not taken for gone', async () => {
    const call = await arrive();
    pbx.fault('channels.create', 'stall'); // asked for, and never done
    const leg = call.dial(LEG, SEAT);
    const playback = call.play('p', ['merged']);
    await expect.poll(() => pbx.asked.includes('channels.create')).toBe(true);
    pbx.cut();
    await reconnected(1);
    await leg.ringing; // once it was asked for again
    pbx.endPlayback(playbackIdOf('hotline', 'caller', 'p'));
    expect(await playback.ended).toBe('done');
    expect(leg.isAnswered).toBe(false);
  });

  it('loses an answer, an end of a prompt and a hang-up in a gap: each is found out', async () => {
    const call = await arrive();
    const leg = call.dial(LEG, SEAT);
    const playback = call.play('p', ['merged']);
    await leg.ringing;
    await expect.poll(() => pbx.playbacks.size).toBe(1);
    pbx.cut();
    pbx.setState(legId, 'Up');
    pbx.endPlayback(playbackIdOf('hotline', 'caller', 'p'));
    await reconnected(1);
    expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
    expect(await playback.ended).toBe('done');
    pbx.cut();
    pbx.hangup('caller');
    expect(await ended(call)).toMatchObject({ name: 'CallerGone', by: 'caller', q850: 0 });
  });

  it('tells when everything missed in a gap is known', async () => {
    const call = await arrive();
    await call.upToDate;
    pbx.fault('applications.filter', 'stall');
    pbx.cut();
    await expect.poll(() => held.connected).toBe(false);
    let isKnown = false;
    void call.upToDate.then(() => {
      isKnown = true;
    });
    await delay(500);
    expect(isKnown).toBe(false);
    await call.upToDate;
    expect(held.connected || pbx.asked.includes('channels.list')).toBe(true);
  });

  it('dies and comes back: its calls are told as lost by the PBX, not as hung up', async () => {
    const call = await arrive();
    pbx.restart();
    expect(await ended(call)).toMatchObject({ name: 'CallerGone', by: 'switch' });
  });

  it('dies, and is too busy to be looked at when it comes back: that it died is not forgotten meanwhile', async () => {
    const call = await arrive();
    pbx.fault('bridges.list', 'busy', 'busy');
    pbx.restart();
    expect(await ended(call)).toMatchObject({ name: 'CallerGone', by: 'switch' });
    expect(pbx.faultsLeft).toBe(0);
  });

  describe('when a call is taken over', () => {
    const leave = (state: 'Down' | 'Ringing', inBridge: boolean) => {
      pbx.enter('caller').variables.set(MEMORY_VARIABLE, 'memory');
      pbx.enter(legId, ['leg']).state = state;
      pbx.bridges.set(bridgeId, new Set(inBridge ? ['caller', legId] : ['caller']));
    };

    it('a leg answered between the look and the listening has answered', async () => {
      leave('Ringing', true);
      pbx.after('channels.getChannelVar', () => pbx.setState(legId, 'Up'));
      await held.start(taken);
      const { call, memory } = await taken.adoption();
      expect(memory).toBe('memory');
      expect(await call.adoptedLegs[0]?.outcome).toHaveProperty('answeredBy');
    });

    it('a caller who hangs up between the look and the listening is gone', async () => {
      leave('Ringing', true);
      pbx.after('channels.getChannelVar', () => pbx.hangup('caller'));
      await held.start(taken);
      expect(await ended((await taken.adoption()).call)).toBeInstanceOf(CallerGone);
      await expect.poll(() => [pbx.channels.size, pbx.bridges.size]).toEqual([0, 0]);
    });

    it('a seat that was dialled but does not ring yet is waited for, not dialled again', async () => {
      leave('Down', true);
      await held.start(taken);
      const [leg] = (await taken.adoption()).call.adoptedLegs;
      expect(leg?.id).toBe(LEG);
      expect(pbx.asked).not.toContain('channels.dial');
    });

    it('a leg that was made but not dialled is dialled', async () => {
      leave('Down', false);
      await held.start(taken);
      const [leg] = (await taken.adoption()).call.adoptedLegs;
      await leg?.ringing;
      expect(pbx.bridges.get(bridgeId)).toEqual(new Set(['caller', legId]));
    });

    it('a memory that cannot be read for now is not taken for an empty one', async () => {
      leave('Ringing', true);
      pbx.fault('channels.getChannelVar', 'busy');
      await held.start(taken);
      expect((await taken.adoption()).memory).toBe('memory');
    });
  });

  describe('that gives our application to another controller', () => {
    it('has it all: we let go of the calls, ask for nothing more, and are not ready', async () => {
      const call = await arrive();
      const leg = call.dial(LEG, SEAT);
      await leg.ringing;
      pbx.tell({ type: 'ApplicationReplaced', application: 'hotline' });
      expect(await ended(call)).toBeInstanceOf(CallLetGo);
      const before = pbx.asked.length;
      await leg.hangup();
      await call.hangup('normal');
      expect(pbx.asked.slice(before).filter((operation) => operation !== 'applications.get')).toEqual([]);
      expect([...pbx.channels.keys()]).toEqual(['caller', legId]);
      await delay(1_000);
      expect(held.connected).toBe(false);
    });

    it('is served again once that controller is gone', async () => {
      await held.start(taken);
      pbx.tell({ type: 'ApplicationReplaced', application: 'hotline' });
      await expect.poll(() => held.connected).toBe(false);
      pbx.isForgotten = true;
      pbx.after('applications.get', () => {
        pbx.isForgotten = false;
      });
      await expect.poll(() => held.connected, { timeout: 5_000 }).toBe(true);
      pbx.enter('caller');
      await (await taken.arrival()).answer();
    });
  });
});
