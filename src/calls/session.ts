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
import { type Call, CallerGone, CallLetGo, type Leg, type Playback } from '../switch/port.ts';
import { Conversation } from './conversation.ts';
import { type Round, roundsOf } from './destinations.ts';
import type { Ending } from './ending.ts';
import { legId } from './leg-id.ts';
import { presentationOf } from './presentation.ts';
import { Recorder, type RecordingRoom } from './recorder.ts';
import { firstAnswer, type Winner } from './ring.ts';
import type { Story } from './story.ts';
import { isStranded, partyLegs, ringingLegs, talkWith } from './transfer/state.ts';

/** A destination that the table has no more: nobody is dialled, but legs that a former controller dialled may answer. */
const NO_LONGER_THERE: Round = { targets: [], seconds: 20 };

/** Agents of one queue who may answer and leave again before the call goes on to the next place. */
const AGENTS_LOST_AT_MOST = 5;

/** Why a session leaves a call that lives on: the PBX's own fallback is to take it. */
class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

export class Session {
  readonly #call: Call;
  readonly #story: Story;
  readonly #table: Table;
  readonly #log: Logger;
  readonly #recorder: Recorder;
  readonly #now: () => number;
  readonly #isStopping: () => boolean;
  #conversation: Conversation | undefined;
  /** Rejects when the session has to leave whatever it is waiting for. */
  readonly #leaving = Promise.withResolvers<never>();
  /** Settles when what the caller is hearing is over; undefined when nothing is said. */
  #prompt: Promise<void> | undefined;

  /** @param now Unix milliseconds. @param isStopping the controller is about to stop: nobody is handed on any more. */
  constructor(
    call: Call,
    story: Story,
    table: Table,
    log: Logger,
    now: () => number,
    room: RecordingRoom,
    isStopping: () => boolean,
  ) {
    this.#now = now;
    this.#isStopping = isStopping;
    this.#call = call;
    this.#story = story;
    this.#table = table;
    this.#log = log.child({ call: call.id });
    this.#recorder = new Recorder({ call, story, table, room, log: this.#log });
    const { promise, reject } = this.#leaving;
    promise.catch(() => undefined); // at times nobody waits for it
    call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
    if (call.signal.aborted) reject(call.signal.reason);
  }

  /** Of the call. */
  get id(): string {
    return this.#call.id;
  }

  /** Runs the call to its end; rejects only when not even that can be told. */
  async run(): Promise<void> {
    try {
      const { by, cause, q850, hangup } = await this.#live();
      this.#recorder.notTalking();
      this.#story.ended(by, cause, q850);
      await this.#call.hangup(hangup);
    } catch (error) {
      await this.#left(error);
    }
  }

  get call(): Call {
    return this.#call;
  }

  get story(): Story {
    return this.#story;
  }

  /** Undefined until the first agent has the caller. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Leaves the caller to the fallback of the PBX. @returns false for one whom an agent has: that goes on without us. */
  giveBack(): boolean {
    const { talking, hand } = this.#story.memory;
    if (talking !== undefined && !(hand && isStranded(hand))) return false;
    this.#leaving.reject(new GivenBack());
    return true;
  }

  async #left(reason: unknown): Promise<void> {
    if (reason instanceof CallLetGo) return;
    this.#recorder.notTalking();
    if (reason instanceof CallerGone) {
      const cause = reason.by === 'caller' ? 'hung-up' : 'switch-died';
      return this.#story.ended(reason.by, cause, reason.q850);
    }
    if (!(reason instanceof GivenBack)) return this.#fail(reason);
    this.#story.ended('hotline', 'given-back', 0);
    await this.#call.release();
  }

  /** A fault of ours must not cost the caller the call: the PBX's own fallback takes it. */
  async #fail(error: unknown): Promise<void> {
    this.#log.error({ reason: String(error) }, 'could not carry the call on; handing it to the fallback');
    this.#story.ended('hotline', 'failure', 0);
    await this.#call.release();
  }

  /** Waits for a thing, or until the session has to leave: the latter as a throw of the reason. */
  #orGone<T>(awaited: Promise<T>): Promise<T> {
    return Promise.race([awaited, this.#leaving.promise]);
  }

  async #live(): Promise<Ending> {
    this.#present();
    const ending = await this.#adopt();
    return ending ?? (await this.#walk());
  }

  /** Names hotline and city to whoever will be rung. */
  #present(): void {
    const presentation = presentationOf(this.#call, this.#table, this.#story.memory);
    if (presentation) this.#call.present(presentation);
  }

  /** Goes on with what was under way when another controller left the call. */
  async #adopt(): Promise<Ending | undefined> {
    const { playing, legs = [], talking, hand } = this.#story.memory;
    const supervisors = hand?.supervisor ? [hand.supervisor.leg] : [];
    const conversing = hand && [...partyLegs(hand), ...ringingLegs(hand), ...supervisors];
    const ours = conversing ?? (talking ? [talking.leg] : legs);
    const strangers = this.#call.adoptedLegs.filter(({ id }) => !ours.includes(id));
    await Promise.all(strangers.map((leg) => leg.hangup()));
    if (playing) this.#prompt = this.#hear(this.#call.play(playing.id, [playing.prompt], true), playing.prompt);
    return talking && this.#converse(this.#call.adoptedLegs, true);
  }

  /** From the moment the first agent has the caller to the end of the call. */
  async #converse(legs: readonly Leg[], isAdopted: boolean): Promise<Ending | undefined> {
    const { talking, hand } = this.#story.memory;
    if (talking === undefined) return undefined;
    const parts = {
      call: this.#call,
      story: this.#story,
      table: this.#table,
      log: this.#log,
      now: this.#now,
      recorder: this.#recorder,
      isStopping: this.#isStopping,
    };
    const orGone = <T>(awaited: Promise<T>) => this.#orGone(awaited);
    const state = hand ?? talkWith({ leg: talking.leg, to: talking.to, agent: talking.agent }, talking.since);
    const conversation = new Conversation({ ...parts, orGone }, state, legs);
    this.#conversation = conversation;
    return conversation.run(isAdopted);
  }

  async #walk(): Promise<Ending> {
    const { plan } = this.#story.memory;
    for (let cursor = this.#story.memory.cursor; cursor < plan.length; cursor += 1) {
      if (cursor > this.#story.memory.cursor) void this.#story.move({ cursor, round: 0, legs: undefined });
      const step = plan[cursor];
      const ending = step && (await this.#take(step, plan[cursor + 1]));
      if (ending) return ending;
    }
    return { by: 'hotline', cause: 'no-answer', q850: 0, hangup: 'no-answer' };
  }

  async #take(step: PlanStep, next: PlanStep | undefined): Promise<Ending | undefined> {
    switch (step.do) {
      case 'answer':
        await this.#orGone(this.#call.answer());
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
    const { cursor, takeovers, playing } = this.#story.memory;
    const id = `${cursor}.${takeovers}`;
    if (playing?.id.startsWith(`${cursor}.`) !== true) {
      await this.#promptOver();
      await this.#orGone(this.#story.move({ playing: { id, prompt } })); // first, or a takeover could say it again
      this.#prompt = this.#hear(this.#call.play(id, [prompt]), prompt);
    }
    if (!overlapped) await this.#promptOver();
  }

  async #promptOver(): Promise<void> {
    if (this.#prompt) await this.#orGone(this.#prompt);
  }

  async #hear(playback: Playback, prompt: string): Promise<void> {
    const result = await playback.ended;
    this.#prompt = undefined;
    if (this.#call.signal.aborted) return;
    if (result === 'failed') this.#log.error({ prompt }, 'the prompt could not be played; the call goes on without it');
    this.#story.tell('prompted', { prompt, result });
    void this.#story.move({ playing: undefined });
  }

  async #connect(step: ConnectStep): Promise<Ending | undefined> {
    const rounds = roundsOf(this.#table, step);
    this.#story.trying(
      step,
      rounds.flatMap(({ targets }) => targets.flatMap((t) => (t.kind === 'seat' ? [t.endpoint] : []))),
    );
    const first = this.#story.memory.round;
    for (let index = first; index < Math.max(rounds.length, first + 1); index += 1) {
      if (index > first) void this.#story.move({ round: index, legs: undefined });
      const ending = await this.#ringAndTalk(step, rounds[index] ?? NO_LONGER_THERE);
      if (ending) return ending;
    }
    return undefined;
  }

  /** An agent who leaves before the join costs the caller that agent, not the queue with all its others. */
  async #ringAndTalk(step: ConnectStep, round: Round): Promise<Ending | undefined> {
    for (let lost = 0; lost < AGENTS_LOST_AT_MOST; lost += 1) {
      const winner = await this.#orGone(this.#ring(round));
      const ending = winner && (await this.#talk(step, winner));
      if (ending || winner === undefined || step.to.startsWith('seats:')) return ending;
      void this.#story.move({ legs: undefined });
    }
    return undefined;
  }

  /** Legs that a former controller dialled are waited for, not dialled again: those that are gone have had their turn. */
  async #ring({ targets, seconds }: Round): Promise<Winner | undefined> {
    const { cursor, round, takeovers, legs: dialled } = this.#story.memory;
    if (dialled) {
      const living = this.#call.adoptedLegs.filter(({ id }) => dialled.includes(id));
      return firstAnswer(this.#call, living, seconds);
    }
    const legs = targets.map((target, n) => this.#call.dial(legId({ cursor, round, n, takeovers }), target));
    void this.#story.move({ legs: legs.map(({ id }) => id) });
    return firstAnswer(this.#call, legs, seconds);
  }

  /** Undefined when the agent hung up before the caller could be joined: the caller goes on to the next place. */
  async #talk(step: ConnectStep, { leg, agent }: Winner): Promise<Ending | undefined> {
    const agentMs = this.#story.ms;
    if (this.#prompt && (await this.#whisperUntilPromptEnds(leg, this.#prompt)) === 'left') return undefined;
    await this.#orGone(leg.join());
    this.#story.joined(step.to, leg.id, agent, agentMs);
    return this.#converse([leg], false);
  }

  async #whisperUntilPromptEnds(leg: Leg, prompt: Promise<void>): Promise<'heard' | 'left'> {
    const { number, region } = this.#story.memory;
    leg.whisper('whisper', whisperPrompts(number ?? '', region ?? ''));
    return this.#orGone(Promise.race([prompt.then(() => 'heard' as const), leg.ended.then(() => 'left' as const)]));
  }
}
