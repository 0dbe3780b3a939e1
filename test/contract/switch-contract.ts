/** What every switch must do. One suite, each implementation: a case that one of them cannot pass is a wrong port. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AudioRole,
  type Call,
  CallerGone,
  CallLetGo,
  type HandedOn,
  type LegEnd,
  type PhoneRequest,
  type Switch,
} from '../../src/switch/port.ts';
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

/** @param untried cases that this implementation cannot run, each with its reason. */
export const switchContract = (
  kind: string,
  openRig: () => Promise<Rig>,
  untried: ReadonlyMap<string, string> = new Map(),
): void => {
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

    /** Of the case that runs now. */
    const callers: PlacedCaller[] = [];

    beforeEach((context) => {
      const reason = untried.get(context.task.name);
      if (reason !== undefined) context.skip(reason);
    });

    afterEach(async ({ task }) => {
      const placed = callers.splice(0);
      if (task.result?.state === 'fail') for (const caller of placed) caller.hangup(); // the next case is not to blame
      await expect.poll(() => rig.leftovers(), { timeout: 5_000 }).toEqual([]);
    });

    afterAll(async () => {
      await held.stop();
      await rig.close();
    });

    const arrive = async (from: string | null = '05922001234'): Promise<{ caller: PlacedCaller; call: Call }> => {
      const caller = rig.placeCall(`0592${RIG.number}`, from);
      callers.push(caller);
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
      expect(call.adoptedLegs).toEqual([]);
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
      expect(await rig.voicesIn(call.id)).toEqual([SEAT.endpoint, 'caller']);
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
      expect(await rig.voicesIn(call.id)).toEqual([SEAT.endpoint, 'caller']);
    });

    it('goes on recording for the next controller, who can end it', async () => {
      const { caller, call } = await talking();
      await call.writeCheckpoint('talking');
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
      expect(await rig.voicesIn(call.id)).toEqual([SEAT.endpoint, 'caller']);
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
      await call.writeCheckpoint('first');
      const latest = '{"v":1,"city":"厦门","note":"a=b&c: %20"}';
      await call.writeCheckpoint(latest);
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
      const [leg] = again.adoptedLegs;
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
      await call.writeCheckpoint('kept');
      await held.stop();
      expect(call.signal.reason).toBeInstanceOf(CallLetGo);
      await call.hangup('normal');
      await call.writeCheckpoint('too late');

      taken = new Taken();
      held = rig.newSwitch();
      await held.start(taken);
      const { call: again, memory } = await taken.adoption();
      expect(again.id).toBe(call.id);
      expect(memory).toBe('kept');
      expect(await held.isUp(call.id)).toBe(true);
      caller.hangup();
      await gone(again);
      await expect.poll(() => held.isUp(call.id)).toBe(false);
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

    describe('with several legs', () => {
      const [one, two] = RIG.seats;
      const nobodyMuted = { waitTone: 'music', muted: [] } as const;

      const hears = (who: string) => expect.poll(() => rig.hears(who), { timeout: 8_000, interval: 20 });

      const answers = (endpoint: string, afterMs = 100): void => {
        rig.phone(endpoint, { do: 'answer', afterMs });
        rig.phone(RIG.otherMember, { do: 'busy' });
      };

      const asWritten = (texts: Partial<HandedOn>) =>
        Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text?.normalize('NFKC')]));

      /** A caller who talks with the first seat. */
      const talking = async (from?: string) => {
        answers(one);
        answers(two);
        const { caller, call } = await answered(from);
        const leg = call.dial('o', SEAT);
        await leg.outcome;
        await leg.join();
        await call.setAudio({ legs: { o: 'with-caller' }, ...nobodyMuted });
        return { caller, call, leg };
      };

      const dialTwo = async (call: Call, seat: AudioRole) => {
        const leg = call.dial('t', { ...SEAT, endpoint: two }, seat);
        await leg.outcome;
        return leg;
      };

      const over = async ({ caller, call }: { caller: PlacedCaller; call: Call }): Promise<void> => {
        caller.hangup();
        await gone(call);
      };

      const next = async (call: Call): Promise<Call> => {
        taken = new Taken();
        held = rig.newSwitch();
        await held.start(taken);
        const adopted = await taken.adoption();
        expect(adopted.call.id).toBe(call.id);
        return adopted.call;
      };

      it('takes an agent aside and back: the caller hears music meanwhile, and nobody else', async () => {
        const { caller, call } = await talking();
        await hears('caller').toEqual([one]);
        await call.setAudio({ legs: { o: 'aside' }, ...nobodyMuted });
        expect(await rig.hears('caller')).toEqual(['music']);
        expect(await rig.hears(one)).toEqual([]);
        await call.setAudio({ legs: { o: 'with-caller' }, ...nobodyMuted });
        expect(await rig.hears('caller')).toEqual([one]);
        expect(await rig.hears(one)).toEqual(['caller']);
        await over({ caller, call });
      });

      it('tells an agent something over the talk: caller and agent go on hearing each other', async () => {
        const { caller, call, leg } = await talking();
        await hears('caller').toEqual([one]);
        const whisper = leg.whisperOverTalk('why', [RIG.prompt]);
        for (let looks = 0; looks < 4; looks += 1) {
          await delay(300);
          expect(await rig.hears('caller')).toEqual([one]);
        }
        expect(await Promise.race([whisper.ended, 'still said'])).toBe('still said');
        await whisper.stop();
        expect(await whisper.ended).toBe('stopped');
        expect(await leg.whisperOverTalk('why', [RIG.shortPrompt]).ended).toBe('done');
        const cut = leg.whisperOverTalk('why', [RIG.prompt]);
        await delay(200);
        await leg.hangup();
        expect(await cut.ended).toBe('stopped');
        await over({ caller, call });
      });

      it('lets two agents consult aside, then all three talk, then the first leave', async () => {
        const { caller, call, leg } = await talking();
        await call.setAudio({ legs: { o: 'aside' }, ...nobodyMuted });
        await dialTwo(call, 'aside');
        await hears(one).toEqual([two]);
        await hears(two).toEqual([one]);
        expect(await rig.hears('caller')).toEqual(['music']);
        await call.setAudio({ legs: { o: 'with-caller', t: 'with-caller' }, ...nobodyMuted });
        await hears('caller').toEqual([one, two]);
        await hears(one).toEqual([two, 'caller'].toSorted());
        await leg.hangup();
        await hears('caller').toEqual([two]);
        expect(await rig.hears(two)).toEqual(['caller']);
        await over({ caller, call });
      });

      it('has in a recording who is with the caller, and nothing of what two agents say aside', async () => {
        const { caller, call } = await talking();
        await call.setAudio({ legs: { o: 'aside' }, ...nobodyMuted });
        await dialTwo(call, 'aside');
        await hears(one).toEqual([two]);
        const aside = call.record(call.id);
        await delay(TALK_MS);
        await aside.stop();
        expect(await rig.voicesIn(call.id)).toEqual(['caller']);
        const begunAside = call.record(`${call.id}-2`);
        await call.setAudio({ legs: { o: 'with-caller', t: 'with-caller' }, ...nobodyMuted });
        await delay(TALK_MS);
        await begunAside.stop();
        expect(await rig.voicesIn(`${call.id}-2`)).toEqual([one, two, 'caller']);
        await over({ caller, call });
      });

      it('keeps a leg apart: it hears nobody, and nobody hears it', async () => {
        const { caller, call } = await talking();
        await dialTwo(call, 'apart');
        expect(await rig.hears(two)).toEqual([]);
        expect(await rig.hears('caller')).toEqual([one]);
        await call.setAudio({ legs: { o: 'apart', t: 'with-caller' }, ...nobodyMuted });
        await hears('caller').toEqual([two]);
        expect(await rig.hears(one)).toEqual([]);
        await over({ caller, call });
      });

      it('lets the caller hear music when the last agent is gone', async () => {
        const { caller, call } = await talking();
        await rig.inHand(one).hangUp();
        await hears('caller').toEqual(['music']);
        await over({ caller, call });
      });

      it.each(['music', 'ringing'] as const)(
        'lets the caller hear %s or ringing while phones ring, until one answers, with nobody in control',
        async (meanwhile) => {
          const { caller, call, leg } = await talking();
          answers(two, 2_500);
          await call.setAudio({ legs: { o: 'aside' }, waitTone: meanwhile, muted: [] });
          const ringing = call.dial('t', { ...SEAT, endpoint: two }, 'with-caller');
          await leg.hangup();
          await ringing.ringing;
          expect(['music', 'ringing']).toContain((await rig.hears('caller'))[0]);
          await held.stop();
          await hears('caller').toEqual([two]);
          await hears(two).toEqual(['caller']);
          await over({ caller, call: await next(call) });
        },
      );

      it('lets the caller hear that several phones ring', async () => {
        const { caller, call, leg } = await talking();
        rig.phone(one, { do: 'ring' });
        answers(two, 6_000);
        await leg.hangup();
        await call.setAudio({ legs: {}, waitTone: 'ringing', muted: [] });
        const legs = [call.dial('a', SEAT), call.dial('b', { ...SEAT, endpoint: two })];
        await Promise.all(legs.map(({ ringing }) => ringing));
        await hears('caller').toEqual(['ringing']);
        await legs[1]?.outcome;
        await hears('caller').toEqual([two]);
        expect(await rig.hears(two)).toEqual(['caller']);
        await over({ caller, call });
      });

      it('puts an agent who answers where it was told, with nobody in control', async () => {
        const { caller, call } = await talking();
        answers(two, 1_500);
        await call.setAudio({ legs: { o: 'aside' }, ...nobodyMuted });
        await call.dial('t', { ...SEAT, endpoint: two }, 'aside').ringing;
        await held.stop();
        await hears(one).toEqual([two]);
        expect(await rig.hears('caller')).toEqual(['music']);
        const again = await next(call);
        expect(again.adoptedLegs.map(({ id }) => id).toSorted()).toEqual(['o', 't']);
        await again.setAudio({ legs: { o: 'aside', t: 'aside' }, ...nobodyMuted });
        expect(await rig.hears(one)).toEqual([two]);
        await again.setAudio({ legs: { o: 'apart', t: 'with-caller' }, ...nobodyMuted });
        await hears('caller').toEqual([two]);
        expect(await rig.hears(one)).toEqual([]);
        await over({ caller, call: again });
      });

      it('moves a phone that still rings', async () => {
        const { caller, call, leg } = await talking();
        answers(two, 1_500);
        await call.setAudio({ legs: { o: 'aside' }, ...nobodyMuted });
        const other = call.dial('t', { ...SEAT, endpoint: two }, 'aside');
        await other.ringing;
        await call.setAudio({ legs: { t: 'with-caller' }, ...nobodyMuted });
        await leg.hangup();
        await other.outcome;
        await hears('caller').toEqual([two]);
        await over({ caller, call });
      });

      it('turns microphones off and on: an agent’s and the caller’s', async () => {
        const { caller, call } = await talking();
        const seat = (muted: readonly string[]) => call.setAudio({ legs: {}, waitTone: 'music', muted });
        await seat(['o']);
        expect(await rig.hears('caller')).toEqual([]);
        expect(await rig.hears(one)).toEqual(['caller']);
        await seat(['o', 'caller']);
        expect(await rig.hears(one)).toEqual([]);
        await held.stop();
        const again = await next(call);
        await again.setAudio({ legs: {}, waitTone: 'music', muted: ['caller'] });
        expect(await rig.hears('caller')).toEqual([one]);
        expect(await rig.hears(one)).toEqual([]);
        await again.setAudio({ legs: {}, waitTone: 'music', muted: [] });
        expect(await rig.hears(one)).toEqual(['caller']);
        await over({ caller, call: again });
      });

      it('lets a supervisor listen unheard, whisper to the agent alone, and join', async () => {
        const { caller, call } = await talking();
        const supervisor = await dialTwo(call, { listensTo: 'o' });
        await hears(two).toEqual([one, 'caller'].toSorted());
        expect(await rig.hears('caller')).toEqual([one]);
        expect(await rig.hears(one)).toEqual(['caller']);
        await call.setAudio({ legs: { t: { whispersTo: 'o' } }, ...nobodyMuted });
        await hears(one).toEqual([two, 'caller'].toSorted());
        await hears(two).toEqual([one, 'caller'].toSorted());
        expect(await rig.hears('caller')).toEqual([one]);
        await held.stop();
        const again = await next(call);
        await again.setAudio({ legs: { t: 'with-caller' }, ...nobodyMuted });
        await hears('caller').toEqual([one, two]);
        await hears(one).toEqual([two, 'caller'].toSorted());
        await supervisor.hangup(); // of a controller that has let go: does nothing
        expect(await rig.hears('caller')).toEqual([one, two]);
        await over({ caller, call: again });
      });

      it('brings what the agent before wrote to the next phone, whatever it holds', async () => {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the dialplan must not read it as its own variable either
        const note = '来电人：张三, "急" (1;2) {x} \\n $[1+1] ${EXTEN} =% &?';
        const handedOn = { from: 'queue:12345-xiamen', agent: '12345-xiamen-1', workOrder: 'XM2026-0042', note };
        const { caller, call } = await talking();
        call.present({ ...SHOWN, handedOn });
        await dialTwo(call, 'aside');
        // A phone shows a full-width character as well, and some PBXs can carry no other.
        const shown = async (endpoint: string) => asWritten(await rig.headers(endpoint));
        expect(await shown(two)).toEqual(asWritten(handedOn));
        answers(RIG.member);
        await call.dial('q', { ...QUEUE, priority: 10 }, 'apart').outcome;
        expect(await shown(RIG.member)).toEqual(asWritten(handedOn));
        call.present({ ...SHOWN, handedOn: { ...handedOn, agent: null, workOrder: null, note: 'a\r\nX-Evil: 1' } });
        await call.dial('u', { ...SEAT, endpoint: one }, 'apart').outcome;
        expect((await rig.headers(one)).note?.replace(/\s+/, ' ')).toBe('a X-Evil: 1');
        await over({ caller, call });
      });

      /** What phones ask for on a call, one after another. */
      const listen = (call: Call) => {
        const asked: PhoneRequest[] = [];
        call.onAsked((request) => asked.push(request));
        return {
          asked,
          first: async <K extends PhoneRequest['kind']>(kind: K) => {
            await expect.poll(() => asked.find((each) => each.kind === kind), { timeout: 5_000 }).toBeDefined();
            return asked.find((each) => each.kind === kind) as Extract<PhoneRequest, { kind: K }>;
          },
        };
      };

      it.each([
        ['a seat', SEAT],
        ['a queue’s agent', QUEUE],
      ] as const)('tells what the phone of %s asks for, and tells the phone what becomes of it', async (_, target) => {
        const endpoint = target.kind === 'seat' ? one : RIG.member;
        answers(endpoint);
        const { caller, call } = await answered();
        await call.dial('o', target).outcome;
        await hears('caller').toEqual([endpoint]);
        const { asked, first } = listen(call);
        await rig.inHand(endpoint).press('*2#');
        const keys = () => asked.flatMap((each) => (each.kind === 'key' ? [each.key] : []));
        await expect.poll(keys, { timeout: 5_000 }).toEqual(['*', '2', '#']);
        const refused = rig.inHand(endpoint).refer('12366');
        const { leg, to, answer } = await first('refer');
        expect({ leg, to }).toEqual({ leg: 'o', to: '12366' });
        await answer('refused');
        expect(await refused).toBe(603);
        asked.length = 0;
        const done = rig.inHand(endpoint).refer('059112345678');
        const again = await first('refer');
        await again.answer('accepted');
        await again.answer('completed');
        expect(await done).toBe(200);
        expect(await rig.hears('caller')).toEqual([endpoint]);
        expect(asked).toHaveLength(1);
        await over({ caller, call });
      });

      it.each([
        ['a seat', SEAT],
        ['a queue’s agent', QUEUE],
      ] as const)('tells the phone of %s that is let go while it asks that its part is done', async (_, target) => {
        const endpoint = target.kind === 'seat' ? one : RIG.member;
        answers(endpoint);
        const { caller, call } = await answered();
        const leg = call.dial('o', target);
        await leg.outcome;
        await hears('caller').toEqual([endpoint]); // FreeSWITCH takes no REFER of one who talks with nobody
        const { first } = listen(call);
        const told = rig.inHand(endpoint).refer('12366');
        await first('refer');
        await leg.hangup();
        expect(await told).toBe(200);
        await over({ caller, call });
      });

      it('refuses what a phone asks for while nobody listens', async () => {
        const { caller, call } = await talking();
        expect(await rig.inHand(one).refer('12366')).toBe(603);
        await over({ caller, call });
      });

      it('tells of a phone’s own call, and refuses it', async () => {
        const { caller, call } = await talking();
        const own = await rig.inHand(one).call('*0');
        const phone = await taken.phoneCall();
        expect({ endpoint: phone.endpoint, dialled: phone.dialled }).toEqual({ endpoint: one, dialled: '*0' });
        await phone.refuse([RIG.shortPrompt]);
        expect(phone.signal.aborted).toBe(true);
        await own.ended;
        await over({ caller, call });
      });

      it('tells that a phone gave its own call up', async () => {
        const { caller, call } = await talking();
        const own = await rig.inHand(one).call('12366');
        const phone = await taken.phoneCall();
        await own.hangUp();
        await expect.poll(() => phone.signal.aborted).toBe(true);
        expect((await call.takeIn('s', phone, 'aside').ended).cause).not.toBe('cancelled');
        await over({ caller, call });
      });

      it('takes a phone’s own call in, to consult and then to join the caller by REFER with Replaces', async () => {
        const { caller, call, leg } = await talking();
        const { first } = listen(call);
        const own = await rig.inHand(one).call('12366');
        const second = call.takeIn('s', await taken.phoneCall(), 'aside');
        expect(await own.answered).toBe(true);
        expect(await second.outcome).toEqual({ answeredBy: one });
        await call.setAudio({ legs: { o: 'apart' }, ...nobodyMuted });
        await dialTwo(call, 'aside');
        await hears(`own ${one}`).toEqual([two]);
        await hears(two).toEqual([one]);
        expect(await rig.hears('caller')).toEqual(['music']);
        const told = rig.inHand(one).referToOwnCall();
        const request = await first('refer-attended');
        expect({ leg: request.leg, consulted: request.consulted }).toEqual({ leg: 'o', consulted: 's' });
        await request.answer('accepted');
        await call.setAudio({ legs: { t: 'with-caller' }, ...nobodyMuted });
        await request.answer('completed');
        expect(await told).toBe(200);
        await Promise.all([leg.hangup(), second.hangup()]);
        await own.ended;
        await hears('caller').toEqual([two]);
        expect(await rig.hears(two)).toEqual(['caller']);
        await over({ caller, call });
      });

      it('finds a phone’s own call again that was taken in', async () => {
        const { caller, call } = await talking();
        const own = await rig.inHand(one).call('12366');
        const second = call.takeIn('s', await taken.phoneCall(), 'aside');
        await second.outcome;
        await held.stop();
        const again = await next(call);
        const found = again.adoptedLegs.find(({ id }) => id === 's');
        expect(await found?.outcome).toHaveProperty('answeredBy');
        await own.hangUp();
        expect((await found?.ended)?.cause).toBe('hung-up');
        await over({ caller, call: again });
      });
    });
  });
};
