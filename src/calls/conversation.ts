/**
 * A caller and an agent who talk, and whatever becomes of it until the call is over. Owns the state of the conversation: each
 * event, one at a time, goes through the pure machine of `transfer/`, and what the machine wants done is done here. Entered
 * when the first agent has the caller, or at any stage by a controller that adopts the call.
 */
import type { Logger } from '../base/log.ts';
import type { Refusal } from '../requests/refusals.ts';
import type { Table } from '../routing/table.ts';
import { waysOut } from '../routing/transfers.ts';
import type { TransferWord } from '../routing/whispers.ts';
import type { Call, Leg, LegEnd, LegTarget, PhoneCall } from '../switch/port.ts';
import type { CallLog, Ending } from './call-log.ts';
import { causeOf, firstAnswer, present, ring, SUPERVISOR_RINGS_SECONDS, soughtBy } from './dialling.ts';
import type { Recorder } from './recorder.ts';
import { audioPlanOf, roleOfRinging, roleOfSupervisor } from './transfer/audio.ts';
import type { Effect, Event } from './transfer/events.ts';
import { transition } from './transfer/machine.ts';
import {
  isSeeking,
  partyLegs,
  presentLeg,
  queuedLegs,
  recordedAs,
  type Stage,
  type TransferState,
  unheardLeg,
} from './transfer/state.ts';
import { Turns } from './turns.ts';
import { Whispers } from './whispers.ts';

export interface ConversationParts {
  readonly call: Call;
  readonly callLog: CallLog;
  readonly table: Table;
  readonly recorder: Recorder;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Waits, or throws when the session has to leave the call. */
  readonly orGone: <T>(awaited: Promise<T>) => Promise<T>;
}

/** What comes with an event that somebody asked for. */
export interface RequestContext {
  /** Answers that the state is to keep, checkpointed together with what the event makes of it. */
  readonly answers?: ((stage: Stage) => TransferState['answers']) | undefined;
  /** The agent's own call, which the event may take in as a leg. */
  readonly own?: PhoneCall | undefined;
  /** Told once what was asked for has come to its end. */
  readonly whenDone?: ((isDone: boolean) => void) | undefined;
}

type Effects = { readonly [K in Effect['do']]: (effect: Extract<Effect, { do: K }>) => unknown };

export class Conversation {
  readonly #parts: ConversationParts;
  readonly #legs = new Map<string, Leg>();
  /** Whoever asks for something takes a turn among the events of the call. */
  readonly turns: Turns<Ending>;
  readonly #whispers = new Whispers();
  #state: TransferState;
  /** The seating that the PBX was told last. */
  #seated: string;
  /** Aborted when whoever rings is not sought any more. */
  #ringing = new AbortController();
  /** An agent's own call that the event under way may take in. */
  #own: PhoneCall | undefined;
  /** Whoever asked by REFER and is to be told what became of it. */
  #whenDone: ((isDone: boolean) => void) | undefined;
  #lastEnd: LegEnd | undefined;

  constructor(parts: ConversationParts, state: TransferState, legs: readonly Leg[]) {
    this.#parts = parts;
    this.turns = new Turns(parts.log, parts.call.signal);
    this.#state = state;
    this.#seated = JSON.stringify(audioPlanOf(state));
    for (const leg of legs) this.#legs.set(leg.id, leg);
  }

  readonly #effects: Effects = {
    ring: () => this.#ring(),
    'stop-ringing': () => this.#ringing.abort(),
    'hang-up': ({ legs }) => this.#parts.orGone(Promise.all(legs.map((leg) => this.#legs.get(leg)?.hangup()))),
    'take-in': ({ leg }) => this.#takeIn(leg),
    'dial-supervisor': () => this.turns.beside(this.#dialSupervisor()),
    join: ({ leg }) => this.turns.beside(this.#legs.get(leg)?.join()),
    whisper: ({ leg, word }) => this.whisper(leg, word),
    dismiss: ({ leg, word }) => this.turns.beside(this.#whispers.dismiss(this.#legs.get(leg), word)),
    apologise: () => this.turns.beside(this.#apologise(false)),
    end: () => this.turns.end({ by: 'agent', cause: 'hung-up', q850: this.#lastEnd?.q850 ?? 0, hangup: 'normal' }),
    tell: ({ stage }) => {
      if (stage === 'asked' || stage === 'consulting') return;
      this.#whenDone?.(stage === 'completed');
      this.#whenDone = undefined;
    },
    'tell-answered': () => undefined, // a record only
  };

  get state(): TransferState {
    return this.#state;
  }

  /** @param isAdopted another controller began it. */
  async run(isAdopted: boolean): Promise<Ending> {
    this.#parts.recorder.talking(recordedAs(this.#state));
    void this.turns.take(async () => (isAdopted ? this.#adopt() : this.#watchParties()));
    try {
      return await this.#parts.orGone(this.turns.ended);
    } finally {
      this.turns.stop();
      this.#ringing.abort();
    }
  }

  /**
   * One event, whole; to be called in turn. The new state is checkpointed, then records are emitted, then people hear each
   * other as they should, then the rest is done.
   * @returns why it was refused: nothing has changed then
   */
  async take(event: Event, { answers, own, whenDone }: RequestContext = {}): Promise<Refusal | undefined> {
    const before = this.#state;
    const { table, callLog, now } = this.#parts;
    const ways = waysOut(table, { ...callLog.checkpoint, at: new Date(now()) });
    const { state: next, effects, refused } = transition(before, event, ways);
    if (refused !== undefined) return refused;
    this.#own = own;
    if (whenDone) this.#whenDone = whenDone;
    const state = answers ? { ...next, answers: answers(next.stage) } : next;
    await this.#move(state, effects, event.is === 'rings');
    if (event.is === 'answered' && partyLegs(state).includes(event.leg)) this.#watch(event.leg);
    for (const effect of effects) await (this.#effects[effect.do] as (effect: Effect) => unknown)(effect);
    if (unheardLeg(before) !== unheardLeg(state)) this.#awaitHeard();
    void this.#own?.refuse([]).catch(() => undefined); // nobody needs it: it hangs up by itself at worst
    this.#own = undefined;
    return undefined;
  }

  /** Replaces the answers that the state keeps; to be called in turn. Resolves when they are checkpointed. */
  async keep(answers: TransferState['answers']): Promise<void> {
    this.#state = { ...this.#state, answers };
    await this.#parts.orGone(this.#parts.callLog.converse(this.#state));
  }

  /** Says something to an agent alone, over the talk. */
  whisper(leg: string, word: TransferWord): void {
    this.turns.beside(this.#whispers.say(this.#legs.get(leg), word));
  }

  /** Id for a leg dialled next; unlike those of the plan's legs it tells no place in the plan. */
  newLegId(n = 0): string {
    return `h${this.#state.rung}.${n}.${this.#parts.callLog.checkpoint.takeovers}`;
  }

  /** What a former controller left: whoever is gone has gone, whoever rings rings on, and everybody sits as they should. */
  async #adopt(): Promise<void> {
    const { call, orGone } = this.#parts;
    const { supervisor, stage } = this.#state;
    await orGone(call.upToDate);
    await orGone(call.setAudio(audioPlanOf(this.#state)));
    this.#watchParties();
    if (supervisor?.here) this.#watch(supervisor.leg);
    else if (supervisor) this.turns.beside(this.#awaitSupervisor(supervisor.leg));
    if (stage === 'sorry') this.turns.beside(this.#apologise(true));
    if (isSeeking(this.#state)) this.#ring();
    this.#awaitHeard();
  }

  /** @param unless aborted by then: the event is of something that nobody waits for any more. */
  #post(event: Event, unless?: AbortSignal): void {
    void this.turns.take(async () => (unless?.aborted ? undefined : this.take(event)));
  }

  /** @param isSeated legs that are about to be dialled are dialled to their seats. */
  async #move(state: TransferState, effects: readonly Effect[], isSeated: boolean): Promise<void> {
    const { callLog, call, orGone } = this.#parts;
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    await orGone(callLog.moved(before, state, effects));
    this.#parts.recorder.talking(recordedAs(this.#state));
    const seating = audioPlanOf(state);
    const said = JSON.stringify(seating);
    const isNew = said !== this.#seated;
    this.#seated = said;
    if (isNew && !isSeated) await orGone(call.setAudio(seating));
  }

  /** From the round where the call stands; whoever was sought before is sought no more. */
  #ring(): void {
    this.#ringing.abort();
    this.#ringing = new AbortController();
    const { signal } = this.#ringing;
    for (const id of queuedLegs(this.#state)) this.turns.beside(this.#awaitQueued(id, signal));
    this.turns.beside(this.#ringRounds(signal));
  }

  /** The queue in which a caller who is being taken back keeps the place may answer; its time was minded by whoever dialled it. */
  async #awaitQueued(id: string, signal: AbortSignal): Promise<void> {
    const outcome = await this.#legs.get(id)?.outcome;
    if (outcome === undefined || 'cause' in outcome) return;
    this.#post({ is: 'answered', leg: id, agent: outcome.answeredBy, at: this.#parts.now() }, signal);
  }

  /**
   * Legs of a former controller that are gone have had their turn, though it may be that they were never dialled. For the
   * fallback queue, after which comes only the apology, a leg is dialled again.
   */
  async #ringRounds(signal: AbortSignal): Promise<void> {
    const { call, table, now } = this.#parts;
    const state = this.#state;
    const former = 'ring' in state ? state.ring : undefined;
    const living = former?.legs.flatMap((id) => this.#legs.get(id) ?? []);
    const adopted = living?.length === 0 && state.stage === 'rescue' ? undefined : living;
    const dial = async (round: number, targets: readonly LegTarget[]) =>
      (await this.turns.take(async () => (signal.aborted ? [] : this.#dial(round, targets)))) ?? [];
    const rung = await ring(call, { rounds: soughtBy(state, table), first: former?.round ?? 0, adopted, dial, signal });
    if (signal.aborted) return;
    if ('leg' in rung) this.#post({ is: 'answered', leg: rung.leg.id, agent: rung.agent, at: now() }, signal);
    else this.#post({ is: 'unanswered', cause: await causeOf(rung.unanswered) }, signal);
  }

  /** A round is checkpointed before it rings, so that whoever adopts the call knows these legs. */
  async #dial(round: number, targets: readonly LegTarget[]): Promise<readonly Leg[]> {
    const ids = targets.map((_, n) => this.newLegId(n));
    await this.take({ is: 'rings', round, legs: ids });
    await this.#presented();
    const seat = roleOfRinging(this.#state);
    return targets.map((target, n) => this.#add(this.#parts.call.dial(ids[n] ?? '', target, seat)));
  }

  /** Resolves when the state of now is checkpointed, and phones dialled from now on show what they should. */
  async #presented(): Promise<void> {
    const { call, table, callLog, orGone } = this.#parts;
    present(call, table, callLog.checkpoint);
    await orGone(callLog.move({}));
  }

  #add(leg: Leg): Leg {
    this.#legs.set(leg.id, leg);
    return leg;
  }

  #takeIn(id: string): void {
    const phone = this.#own;
    if (phone === undefined) return;
    this.#own = undefined;
    const isSought = isSeeking(this.#state) && this.#state.ring?.legs.includes(id) === true;
    this.#add(this.#parts.call.takeIn(id, phone, isSought ? 'with-caller' : 'aside'));
    if (isSought) this.#ring();
    else this.#watch(id);
  }

  async #dialSupervisor(): Promise<void> {
    const { supervisor } = this.#state;
    if (supervisor === undefined) return;
    await this.#presented();
    const { leg: id, endpoint, as } = supervisor;
    if (this.#state.supervisor?.leg !== id) return; // not wanted any more
    const target = { kind: 'seat', endpoint, ringSeconds: SUPERVISOR_RINGS_SECONDS } as const;
    this.#add(this.#parts.call.dial(id, target, roleOfSupervisor(as, presentLeg(this.#state))));
    await this.#awaitSupervisor(id);
  }

  async #awaitSupervisor(id: string): Promise<void> {
    const leg = this.#legs.get(id);
    const winner = leg && (await firstAnswer(this.#parts.call, [leg], SUPERVISOR_RINGS_SECONDS));
    if (winner) this.#post({ is: 'supervising' });
    this.#watch(id); // gone at once, where nobody answered
  }

  #watchParties(): void {
    for (const leg of partyLegs(this.#state)) this.#watch(leg);
  }

  /** The end of an answered leg is an event. One that is not there any more has ended. */
  #watch(id: string): void {
    const ended: Promise<LegEnd | undefined> = this.#legs.get(id)?.ended ?? Promise.resolve(undefined);
    void ended.then((end) => {
      this.#legs.delete(id);
      this.#lastEnd = end;
      this.#post({ is: 'gone', leg: id, at: this.#parts.now() });
    });
  }

  #awaitHeard(): void {
    const leg = unheardLeg(this.#state);
    if (leg !== undefined) void this.#whispers.heard().then(() => this.#post({ is: 'heard', leg }));
  }

  /** @param isAdopted a former controller began to say it; what is over has been heard. */
  async #apologise(isAdopted: boolean): Promise<void> {
    const { call, table, callLog } = this.#parts;
    const result = await call.play('sorry', [table.apology], isAdopted).ended;
    callLog.emit('prompted', { prompt: table.apology, result });
    void callLog.move({});
    void this.turns.take(async () =>
      this.turns.end({ by: 'hotline', cause: 'no-answer', q850: 0, hangup: 'no-answer' }),
    );
  }
}
