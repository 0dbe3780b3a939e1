/** What every switch must do. One suite, each implementation: a case that one of them cannot pass is a wrong port. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Call, CallerGone, CallLetGo, type LegEnd, type Switch } from '../../src/switch/port.ts';
import { type PlacedCaller, RIG, type Rig, Taken } from './rig.ts';

const SEAT = { kind: 'seat', endpoint: RIG.seats[0], ringSeconds: 20 } as const;
const QUEUE = { kind: 'queue', queue: RIG.queue, skill: undefined, waitSeconds: 60 } as const;
const SHOWN = { name: '12333 厦门', number: '05922001234', hotline: '12333', region: 'xiamen' } as const;

const gone = (call: Call): Promise<CallerGone> => {
  const { promise, resolve } = Promise.withResolvers<CallerGone>();
  if (call.signal.aborted) resolve(call.signal.reason);
  call.signal.addEventListener('abort', () => resolve(call.signal.reason), { once: true });
  return promise;
};

export const switchContract = (kind: string, openRig: () => Promise<Rig>): void => {
  describe(`${kind} keeps the contract of a switch`, () => {
    let rig: Rig;
    let taken: Taken;
    let held: Switch;

    beforeAll(async () => {
      rig = await openRig();
      taken = new Taken();
      held = rig.newSwitch();
      await held.start(taken);
    }, 120_000);

    afterEach(async () => {
      await expect.poll(() => rig.leftovers(), { timeout: 5_000 }).toEqual([]);
    });

    afterAll(async () => {
      await held.stop();
      await rig.close();
    });

    const arrive = async (from: string | null = '05922001234'): Promise<{ caller: PlacedCaller; call: Call }> => {
      const caller = rig.placeCall(`0592${RIG.number}`, from);
      const call = await taken.arrival();
      return { caller, call };
    };

    const answered = async (from?: string | null) => {
      const arrived = await arrive(from);
      await arrived.call.answer();
      arrived.call.present(SHOWN);
      return arrived;
    };

    it('tells what was dialled, by whom, and over which trunk', async () => {
      const { caller, call } = await arrive();
      expect(call.arrival).toEqual({ dialled: '059212333', caller: '05922001234', trunk: 'exchange' });
      expect(call.signal.aborted).toBe(false);
      expect(call.foundLegs).toEqual([]);
      caller.hangup();
      await gone(call);
    });

    it('tells of a withheld number as nothing that holds a digit', async () => {
      const { caller, call } = await arrive(null);
      expect(call.arrival.caller ?? '').not.toMatch(/\d/);
      caller.hangup();
      await gone(call);
    });

    it('refuses a caller before the answer as an unallocated number', async () => {
      const { caller, call } = await arrive();
      await call.hangup('unallocated');
      expect(await caller.ended).toBe(1);
      expect(await gone(call)).toBeInstanceOf(CallerGone);
    });

    it('plays a prompt to its end', async () => {
      const { caller, call } = await answered();
      expect(await call.play('p', [RIG.shortPrompt]).ended).toBe('done');
      caller.hangup();
      await gone(call);
    });

    it('says so when a prompt is not there, and the call lives on', async () => {
      const { caller, call } = await answered();
      expect(await call.play('p', ['no-such-prompt']).ended).toBe('failed');
      expect(await call.play('q', [RIG.shortPrompt]).ended).toBe('done');
      caller.hangup();
      await gone(call);
    });

    it('stops a prompt when told', async () => {
      const { caller, call } = await answered();
      const playback = call.play('p', [RIG.prompt]);
      await playback.stop();
      expect(await playback.ended).toBe('stopped');
      caller.hangup();
      await gone(call);
    });

    it('ends everything waited on when the caller hangs up in a prompt', async () => {
      const { caller, call } = await answered();
      const playback = call.play('p', [RIG.prompt]);
      caller.hangup();
      expect(await gone(call)).toBeInstanceOf(CallerGone);
      expect(['stopped', 'done', 'failed']).toContain(await playback.ended);
    });

    it('rings a seat, says who answered, and shows the hotline and city with the caller', async () => {
      rig.phone(SEAT.endpoint, { do: 'answer', afterMs: 200 });
      const { caller, call } = await answered();
      const leg = call.dial('0.0.0.0', SEAT);
      await leg.ringing;
      expect(await leg.outcome).toEqual({ answeredBy: SEAT.endpoint });
      await leg.join();
      expect(await caller.shown()).toMatchObject({ name: SHOWN.name, number: SHOWN.number, hotline: SHOWN.hotline });
      caller.hangup();
      expect((await leg.ended).cause).toBe('cancelled');
      await gone(call);
    });

    it('tells that the agent hung up', async () => {
      rig.phone(SEAT.endpoint, { do: 'answer', afterMs: 100, hangupAfterMs: 300 });
      const { caller, call } = await answered();
      const leg = call.dial('0.0.0.0', SEAT);
      expect(await leg.outcome).toHaveProperty('answeredBy');
      expect((await leg.ended).cause).toBe('hung-up');
      expect(call.signal.aborted).toBe(false);
      await call.hangup('normal');
      expect(await caller.ended).toBe(16);
    });

    it.each([
      ['busy', 'busy'],
      ['reject', 'rejected'],
    ] as const)('tells that a phone is %s', async (behaviour, cause) => {
      rig.phone(SEAT.endpoint, { do: behaviour });
      const { caller, call } = await answered();
      const end = (await call.dial('0.0.0.0', SEAT).outcome) as LegEnd;
      expect(end.cause).toBe(cause);
      caller.hangup();
      await gone(call);
    });

    it('lets go of a phone that rings, when told', async () => {
      rig.phone(SEAT.endpoint, { do: 'ring' });
      const { caller, call } = await answered();
      const leg = call.dial('0.0.0.0', SEAT);
      await leg.ringing;
      await leg.hangup();
      expect((await leg.ended).cause).toBe('cancelled');
      caller.hangup();
      await gone(call);
    });

    const TALK_MS = 1_500;

    const talking = async () => {
      rig.phone(SEAT.endpoint, { do: 'answer', afterMs: 100 });
      const { caller, call } = await answered();
      const leg = call.dial('0.0.0.0', SEAT);
      expect(await leg.outcome).toHaveProperty('answeredBy');
      await leg.join();
      return { caller, call };
    };

    it('records what caller and agent say, until told to stop', async () => {
      const { caller, call } = await talking();
      const recording = call.record(call.id);
      await delay(TALK_MS);
      await recording.stop();
      expect(await recording.ended).toBe('done');
      expect(call.signal.aborted).toBe(false);
      expect(await rig.voicesIn(call.id)).toEqual(['agent', 'caller']);
      caller.hangup();
      await gone(call);
    });

    it('ends a recording with the call', async () => {
      const { caller, call } = await talking();
      const recording = call.record(call.id);
      await delay(TALK_MS);
      caller.hangup();
      expect(await recording.ended).toBe('done');
      await gone(call);
      expect(await rig.voicesIn(call.id)).toEqual(['agent', 'caller']);
    });

    it('goes on recording for the next controller, who can end it', async () => {
      const { caller, call } = await talking();
      await call.remember('talking');
      call.record(call.id);
      await delay(TALK_MS / 2);
      await held.stop();
      taken = new Taken();
      held = rig.newSwitch();
      await held.start(taken);
      const { call: again } = await taken.adoption();
      const recording = again.record(call.id, true);
      await delay(TALK_MS / 2);
      await recording.stop();
      expect(await recording.ended).toBe('done');
      expect(await rig.voicesIn(call.id)).toEqual(['agent', 'caller']);
      caller.hangup();
      await gone(again);
    });

    it('says so when a recording to be taken over is not there, and the call lives on', async () => {
      const { caller, call } = await answered();
      expect(await call.record(call.id, true).ended).toBe('broken-off');
      expect(await call.play('p', [RIG.shortPrompt]).ended).toBe('done');
      caller.hangup();
      await gone(call);
    });

    it('queues a caller, and says which member answered', async () => {
      rig.phone(RIG.member, { do: 'answer', afterMs: 200 });
      const { caller, call } = await answered();
      const leg = call.dial('0.0.0.0', QUEUE);
      expect(await leg.outcome).toEqual({ answeredBy: RIG.member });
      caller.hangup();
      await leg.ended;
      await gone(call);
    });

    it('whispers to an agent while the caller still hears the prompt', async () => {
      rig.phone(SEAT.endpoint, { do: 'answer', afterMs: 100 });
      const { caller, call } = await answered();
      const prompt = call.play('p', [RIG.prompt]);
      const leg = call.dial('0.0.0.0', SEAT);
      expect(await leg.outcome).toHaveProperty('answeredBy');
      expect(await leg.whisper('w', [RIG.shortPrompt]).ended).toBe('done');
      await prompt.stop();
      await leg.join();
      caller.hangup();
      await gone(call);
    });

    it('keeps a call, its memory, its prompt and its ringing leg for the next controller', async () => {
      rig.phone(SEAT.endpoint, { do: 'answer', afterMs: 1_500 });
      const { caller, call } = await answered();
      await call.remember('first');
      const latest = '{"v":1,"city":"厦门","note":"a=b&c: %20"}';
      await call.remember(latest);
      call.play('p', [RIG.prompt]);
      await call.dial('3.0.0.0', SEAT).ringing;
      await held.stop();

      taken = new Taken();
      held = rig.newSwitch();
      await held.start(taken);
      const { call: again, memory } = await taken.adoption();
      expect(again.id).toBe(call.id);
      expect(again.arrival).toEqual(call.arrival);
      expect(memory).toBe(latest);
      const [leg] = again.foundLegs;
      expect(leg?.id).toBe('3.0.0.0');
      const resumed = again.play('p', [RIG.prompt], true);
      expect(await leg?.outcome).toEqual({ answeredBy: SEAT.endpoint });
      await resumed.stop();
      await leg?.join();
      caller.hangup();
      await gone(again);
    });

    it('lets go of its calls when it is stopped, and does nothing more to them', async () => {
      const { caller, call } = await answered();
      await call.remember('kept');
      await held.stop();
      expect(call.signal.reason).toBeInstanceOf(CallLetGo);
      await call.hangup('normal');
      await call.remember('too late');

      taken = new Taken();
      held = rig.newSwitch();
      await held.start(taken);
      const { call: again, memory } = await taken.adoption();
      expect(again.id).toBe(call.id);
      expect(memory).toBe('kept');
      caller.hangup();
      await gone(again);
    });

    it('takes a prompt that ended meanwhile for heard', async () => {
      const { caller, call } = await answered();
      expect(await call.play('never-begun', [RIG.prompt], true).ended).toBe('done');
      caller.hangup();
      await gone(call);
    });

    it('gives a caller back to the fallback of the PBX', async () => {
      const { caller, call } = await answered();
      await call.release();
      await gone(call);
      caller.hangup();
      await caller.ended;
    });
  });
};
