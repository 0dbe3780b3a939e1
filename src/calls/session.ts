/**
 * One call, from its place in the plan to its end. Reads like the plan it runs; entered at any place, by the controller
 * that took the call or by one that takes it over. Everything waited on ends when the caller hangs up.
 *
 *   play ──▶ connect ──answered, prompt over──▶ talk ──▶ ended by agent
 *     └─overlap─┘  └──nobody──▶ next place … apology ──▶ ended by hotline        (anywhere: ended by caller)
 */
import type { Logger } from '../base/log.ts';
import type { ConnectStep, PlanStep } from '../routing/steps.ts';
import { type Table, whisperPrompts } from '../routing/table.ts';
import { type Call, CallerGone, CallLetGo, type Leg, type LegTarget, type Playback } from '../switch/port.ts';
import type { CallLog, Ending } from './call-log.ts';
import { legId } from './checkpoint.ts';
import { Conversation } from './conversation.ts';
import { present, type Round, ring, roundsOf, type Winner } from './dialling.ts';
import { Recorder, type RecordingRoom } from './recorder.ts';
import { RequestHandler } from './request-handler.ts';
import { isStranded, knownLegs, talkWith } from './transfer/state.ts';

/** Agents of one queue who may answer and leave again before the call goes on to the next place. */
const AGENTS_LOST_AT_MOST = 5;

/** Why a session leaves a call that lives on: the PBX's own fallback is to take it. */
class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

export interface SessionParts {
  readonly call: Call;
  readonly callLog: CallLog;
  /** The revision that the call began with. */
  readonly table: Table;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly room: RecordingRoom;
  /** The controller is about to stop: no transfer begins any more. */
  readonly isStopping: () => boolean;
  /** Caller and agent talk, and nobody here can read how: they are left alone, and only their end is emitted. */
  readonly isWatched?: boolean;
}

export class Session {
  readonly #parts: SessionParts;
  readonly #recorder: Recorder;
  /** Aborts with the reason why the session has to leave whatever it is waiting for. */
  readonly #leaving = new AbortController();
  readonly #left: Promise<never>;
  #requests: RequestHandler | undefined;
  /** Settles when what the caller is hearing is over; undefined when nothing is said. */
  #prompt: Promise<void> | undefined;

  constructor(parts: SessionParts) {
    const { call } = parts;
    this.#parts = { ...parts, log: parts.log.child({ call: call.id }) };
    this.#recorder = new Recorder(this.#parts);
    const { signal } = this.#leaving;
    this.#left = new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#left.catch(() => undefined); // at times nobody waits for it
    call.signal.addEventListener('abort', () => this.#leaving.abort(call.signal.reason), { once: true });
    if (call.signal.aborted) this.#leaving.abort(call.signal.reason);
  }

  get call(): Call {
    return this.#parts.call;
  }

  get callLog(): CallLog {
    return this.#parts.callLog;
  }

  /** Where requests enter; undefined until the first agent has the caller. */
  get requests(): RequestHandler | undefined {
    return this.#requests;
  }

  /** Runs the call to its end; rejects only when not even that can be told. */
  async run(): Promise<void> {
    try {
      const { by, cause, q850, hangup } = await this.#live();
      this.#recorder.notTalking();
      this.#parts.callLog.ended(by, cause, q850);
      await this.#parts.call.hangup(hangup);
    } catch (error) {
      await this.#leave(error);
    }
  }

  /** Leaves the caller to the fallback of the PBX. @returns false for one whom an agent has: that goes on without us. */
  giveBack(): boolean {
    const { talking, hand } = this.#parts.callLog.checkpoint;
    if (this.#parts.isWatched || (talking !== undefined && !(hand && isStranded(hand)))) return false;
    this.#leaving.abort(new GivenBack());
    return true;
  }

  async #leave(reason: unknown): Promise<void> {
    if (reason instanceof CallLetGo) return;
    this.#recorder.notTalking();
    if (reason instanceof CallerGone) {
      const cause = reason.by === 'caller' ? 'hung-up' : 'switch-died';
      return this.#parts.callLog.ended(reason.by, cause, reason.q850);
    }
    if (!(reason instanceof GivenBack)) return this.#fail(reason);
    this.#parts.callLog.ended('hotline', 'given-back', 0);
    await this.#parts.call.release();
  }

  /** A fault of ours must not cost the caller the call: the PBX's own fallback takes it. */
  async #fail(error: unknown): Promise<void> {
    this.#parts.log.error({ reason: String(error) }, 'could not carry the call on; handing it to the fallback');
    this.#parts.callLog.ended('hotline', 'failure', 0);
    await this.#parts.call.release();
  }

  /** Waits for a thing, or until the session has to leave: the latter as a throw of the reason. */
  #orGone<T>(awaited: Promise<T>): Promise<T> {
    return Promise.race([awaited, this.#left]);
  }

  async #live(): Promise<Ending> {
    if (this.#parts.isWatched) return this.#watch();
    present(this.#parts.call, this.#parts.table, this.#parts.callLog.checkpoint);
    const ending = await this.#adopt();
    return ending ?? (await this.#walk());
  }

  /** Until the caller hangs up, or no agent is left: then the talk is over as every other. */
  async #watch(): Promise<Ending> {
    const ends = await this.#orGone(Promise.all(this.#parts.call.adoptedLegs.map(({ ended }) => ended)));
    return { by: 'agent', cause: 'hung-up', q850: ends.at(-1)?.q850 ?? 0, hangup: 'normal' };
  }

  /** Goes on with what was under way when another controller left the call. */
  async #adopt(): Promise<Ending | undefined> {
    const { call } = this.#parts;
    const { playing, legs = [], talking, hand } = this.#parts.callLog.checkpoint;
    const known = hand ? knownLegs(hand) : talking ? [talking.leg] : legs;
    const strangers = call.adoptedLegs.filter(({ id }) => !known.includes(id));
    await Promise.all(strangers.map((leg) => leg.hangup()));
    if (playing) this.#prompt = this.#hear(call.play(playing.id, [playing.prompt], true), playing.prompt);
    return talking && this.#converse(call.adoptedLegs, true);
  }

  /** From the moment the first agent has the caller to the end of the call. */
  async #converse(legs: readonly Leg[], isAdopted: boolean): Promise<Ending | undefined> {
    const { call, callLog } = this.#parts;
    const { talking, hand } = callLog.checkpoint;
    if (talking === undefined) return undefined;
    const parts = {
      ...this.#parts,
      recorder: this.#recorder,
      orGone: <T>(awaited: Promise<T>) => this.#orGone(awaited),
    };
    const state = hand ?? talkWith({ leg: talking.leg, to: talking.to, agent: talking.agent }, talking.since);
    const conversation = new Conversation(parts, state, legs);
    const requests = new RequestHandler({ ...parts, conversation });
    this.#requests = requests;
    call.onAsked((request) => requests.phoned(request));
    return conversation.run(isAdopted);
  }

  async #walk(): Promise<Ending> {
    const { plan } = this.#parts.callLog.checkpoint;
    for (let cursor = this.#parts.callLog.checkpoint.cursor; cursor < plan.length; cursor += 1) {
      if (cursor > this.#parts.callLog.checkpoint.cursor)
        void this.#parts.callLog.move({ cursor, round: 0, legs: undefined });
      const step = plan[cursor];
      const ending = step && (await this.#take(step, plan[cursor + 1]));
      if (ending) return ending;
    }
    return { by: 'hotline', cause: 'no-answer', q850: 0, hangup: 'no-answer' };
  }

  async #take(step: PlanStep, next: PlanStep | undefined): Promise<Ending | undefined> {
    switch (step.do) {
      case 'answer':
        await this.#orGone(this.#parts.call.answer());
        return undefined;
      case 'play':
        await this.#play(step.prompt, next?.do === 'connect');
        return undefined;
      case 'connect':
        return this.#connect(step);
      case 'hangup':
        return { by: 'hotline', cause: step.cause, q850: 0, hangup: step.cause };
      default: {
        step satisfies never;
        return undefined;
      }
    }
  }

  /** @param overlapped the next place is dialled while the prompt is heard. */
  async #play(prompt: string, overlapped: boolean): Promise<void> {
    const { cursor, takeovers, playing } = this.#parts.callLog.checkpoint;
    const id = `${cursor}.${takeovers}`;
    if (playing?.id.startsWith(`${cursor}.`) !== true) {
      await this.#promptOver();
      await this.#orGone(this.#parts.callLog.move({ playing: { id, prompt } })); // first, or a takeover could say it again
      this.#prompt = this.#hear(this.#parts.call.play(id, [prompt]), prompt);
    }
    if (!overlapped) await this.#promptOver();
  }

  async #promptOver(): Promise<void> {
    if (this.#prompt) await this.#orGone(this.#prompt);
  }

  async #hear(playback: Playback, prompt: string): Promise<void> {
    const result = await playback.ended;
    this.#prompt = undefined;
    if (this.#parts.call.signal.aborted) return;
    if (result === 'failed')
      this.#parts.log.error({ prompt }, 'the prompt could not be played; the call goes on without it');
    this.#parts.callLog.emit('prompted', { prompt, result });
    void this.#parts.callLog.move({ playing: undefined });
  }

  async #connect(step: ConnectStep): Promise<Ending | undefined> {
    const rounds = roundsOf(this.#parts.table, step);
    this.#parts.callLog.trying(
      step,
      rounds.flatMap(({ targets }) => targets.flatMap((t) => (t.kind === 'seat' ? [t.endpoint] : []))),
    );
    const isQueue = step.to.startsWith('queue:');
    let from = this.#parts.callLog.checkpoint.round;
    for (let lost = 0; lost < AGENTS_LOST_AT_MOST || !isQueue; lost += 1) {
      const rung = await this.#orGone(this.#ring(rounds, from));
      if (!('leg' in rung)) return undefined;
      const ending = await this.#talk(step, rung);
      if (ending) return ending;
      // An agent who leaves before the join costs the caller that agent, not the queue with all its others.
      from = isQueue ? rung.round : rung.round + 1;
      if (isQueue) void this.#parts.callLog.move({ legs: undefined });
    }
    return undefined;
  }

  /** Legs that a former controller dialled are waited for, not dialled again: those that are gone have had their turn. */
  #ring(rounds: readonly Round[], first: number): ReturnType<typeof ring> {
    const { call } = this.#parts;
    const { cursor, round: at, takeovers, legs: former } = this.#parts.callLog.checkpoint;
    const adopted = at === first && former && call.adoptedLegs.filter(({ id }) => former.includes(id));
    const dial = (round: number, targets: readonly LegTarget[]) => {
      const legs = targets.map((target, n) => call.dial(legId({ cursor, round, n, takeovers }), target));
      void this.#parts.callLog.move({ round, legs: legs.map(({ id }) => id) });
      return legs;
    };
    return ring(call, { rounds, first, adopted: adopted || undefined, dial, signal: this.#leaving.signal });
  }

  /** Undefined when the agent hung up before the caller could be joined: the caller goes on to the next place. */
  async #talk(step: ConnectStep, { leg, agent }: Winner): Promise<Ending | undefined> {
    const agentMs = this.#parts.callLog.ms;
    if (this.#prompt && (await this.#whisperUntilPromptEnds(leg, this.#prompt)) === 'left') return undefined;
    await this.#orGone(leg.join());
    this.#parts.callLog.joined(step.to, leg.id, agent, agentMs);
    return this.#converse([leg], false);
  }

  async #whisperUntilPromptEnds(leg: Leg, prompt: Promise<void>): Promise<'heard' | 'left'> {
    const { number, region } = this.#parts.callLog.checkpoint;
    leg.whisper('whisper', whisperPrompts(number ?? '', region ?? ''));
    return this.#orGone(Promise.race([prompt.then(() => 'heard' as const), leg.ended.then(() => 'left' as const)]));
  }
}
