/**
 * A caller and an agent who talk, and whatever becomes of it until the call is over: drives the pure machine of
 * `hand-over.ts` by what legs do and what is asked, one event at a time. Entered when the first agent has the caller, or at
 * any stage by a controller that takes the call over.
 */
import type { Logger } from '../base/log.ts';
import type { Table } from '../routing/table.ts';
import { waysOut } from '../routing/transfer-target.ts';
import type { Call, Leg, LegEnd, PhoneCall } from '../switch/port.ts';
import { Answering, type Wish } from './answering.ts';
import { type Ending, endedByAgent } from './ending.ts';
import { Inbox } from './inbox.ts';
import { byPhone, PhoneRequests } from './phone-requests.ts';
import { presentationOf } from './presentation.ts';
import type { Recorder } from './recorder.ts';
import { firstAnswer } from './ring.ts';
import { Ringing } from './ringing.ts';
import { Saying, unheardLeg } from './saying.ts';
import type { Story } from './story.ts';
import { seatingOf, seatOfRinging, seatOfSupervisor } from './transfer/audio.ts';
import { type Effect, type Event, handOver, isSeeking, type Refusal } from './transfer/machine.ts';
import { type Asker, type CallAnswer, type CallRequest, refusalWord } from './transfer/request.ts';
import { handedTo, soughtBy, waitingAnew } from './transfer/seeking.ts';
import { type HandOver, partyLegs, presentLeg, recordedAs, type Stage } from './transfer/state.ts';

export interface ConversationParts {
  readonly call: Call;
  readonly story: Story;
  readonly table: Table;
  readonly recorder: Recorder;
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The controller is about to stop: nobody is handed on any more. */
  readonly isStopping: () => boolean;
  /** Waits, or throws when the session has to leave the call. */
  readonly orGone: <T>(awaited: Promise<T>) => Promise<T>;
}

/** How long a supervisor's phone rings, in seconds. */
const SUPERVISOR_RINGS_SECONDS = 20;

const TOO_LATE: CallAnswer = { refused: 'NOT_NOW', to: null };

/** What has become of an event. */
interface Taken {
  readonly refused?: Refusal;
  readonly ending?: Ending;
}

export class Conversation {
  readonly #parts: ConversationParts;
  readonly #legs = new Map<string, Leg>();
  /** Agents' own calls that are to be taken in, by the leg they become. */
  readonly #phones = new Map<string, PhoneCall>();
  readonly #phoneRequests: PhoneRequests;
  readonly #inbox = new Inbox<Ending>();
  readonly #ringing: Ringing;
  #state: HandOver;
  /** The seating that the PBX was told last. */
  #seated: string;
  readonly #answering: Answering;
  readonly #saying = new Saying((id) => this.#legs.get(id));
  #lastEnd: LegEnd | undefined;
  #isOver = false;

  constructor(parts: ConversationParts, state: HandOver, legs: readonly Leg[]) {
    this.#parts = parts;
    this.#state = state;
    this.#seated = JSON.stringify(seatingOf(state));
    for (const leg of legs) this.#legs.set(leg.id, leg);
    this.#ringing = new Ringing({
      ...parts,
      state: () => this.#state,
      legOf: (id) => this.#legs.get(id),
      dial: (round, cancelled) => this.#dial(round, cancelled),
      post: (event, unless) => this.#post(event, unless),
    });
    this.#phoneRequests = new PhoneRequests({
      state: () => this.#state,
      now: parts.now,
      ask: (request, asker, whenDone) => this.ask(request, asker, { ...(whenDone && { whenDone }) }),
      sayRefusal: (leg, answer) =>
        'refused' in answer && void this.#settle(this.#saying.whisper(leg, refusalWord(answer.refused))),
    });
    this.#answering = new Answering({
      ...parts,
      state: () => this.#state,
      take: (event, answers) => this.#take(event, answers),
      keep: (answers) => this.#keep(answers),
      newLegId: () => this.#newLegId(),
      phones: this.#phones,
    });
  }

  get state(): HandOver {
    return this.#state;
  }

  /** @param isAdopted another controller began it: everything is made so again. */
  async run(isAdopted: boolean): Promise<Ending> {
    const { call, orGone } = this.#parts;
    this.#record();
    call.onAsked((request) => void this.#settle(this.#phoneRequests.take(request)));
    try {
      if (isAdopted) await this.#adopt();
      else for (const leg of partyLegs(this.#state)) this.#watch(leg);
      for (;;) {
        const work = await orGone(this.#inbox.next());
        const ending = await orGone(work());
        if (ending) return ending;
      }
    } finally {
      this.#isOver = true;
      this.#ringing.stop();
      for (const work of this.#inbox.empty()) void this.#settle(work()); // whoever still asks is told that it is over
    }
  }

  /**
   * Asks for something on the call; what is refused changes nothing. Never rejects.
   */
  ask(request: CallRequest, asker: Asker, more: Pick<Wish, 'own' | 'whenDone'> = {}): Promise<CallAnswer> {
    const { promise, resolve } = Promise.withResolvers<CallAnswer>();
    if (this.#isOver) return Promise.resolve(TOO_LATE);
    this.#inbox.put(async () => {
      try {
        if (!this.#isOver) resolve(await this.#answering.answer({ request, asker, ...more }));
      } finally {
        resolve(TOO_LATE); // unless it was answered
      }
      return undefined;
    });
    return promise;
  }

  /** An agent's own call: consults whom it dialled. */
  consult(phone: PhoneCall): Promise<CallAnswer> {
    const request = { do: 'transfer', kind: 'attended', to: phone.dialled } as const;
    return this.ask(request, byPhone(phone.endpoint), { own: phone });
  }

  /** An agent's own call: takes the caller back. */
  takeBack(phone: PhoneCall): Promise<CallAnswer> {
    return this.ask({ do: 'pull-back' }, byPhone(phone.endpoint), { own: phone });
  }

  /** What a former controller left: whoever is gone has gone, whoever rings rings on, and everybody sits as they should. */
  async #adopt(): Promise<void> {
    const { call, orGone } = this.#parts;
    const { supervisor, stage } = this.#state;
    await orGone(call.upToDate);
    await orGone(call.seat(seatingOf(this.#state)));
    for (const leg of partyLegs(this.#state)) this.#watch(leg);
    if (supervisor?.here) this.#watch(supervisor.leg);
    else if (supervisor) void this.#settle(this.#awaitSupervisor(this.#legs.get(supervisor.leg)));
    if (stage === 'sorry') void this.#settle(this.#apologise(true));
    if (isSeeking(this.#state)) this.#ring();
    this.#awaitHeard(this.#state);
  }

  /** @param unless aborted: the event is of something that nobody waits for any more. */
  #post(event: Event, unless?: AbortSignal): void {
    this.#inbox.put(async () => (this.#isOver || unless?.aborted ? undefined : (await this.#take(event)).ending));
  }

  /**
   * One event, whole. The call remembers where it stands, then what became of it is told, then people hear each other as
   * they should, then the rest.
   */
  async #take(event: Event, answers?: (stage: Stage) => HandOver['answers']): Promise<Taken> {
    const before = this.#state;
    const { state: next, effects, refused } = handOver(before, event, this.#waysOut());
    if (refused !== undefined) return { refused };
    const kept = answers?.(next.stage) ?? next.answers;
    const state = kept === next.answers ? next : { ...next, answers: kept };
    await this.#move(state, effects, event.is === 'rings');
    if (event.is === 'answered' && partyLegs(state).includes(event.leg)) this.#watch(event.leg);
    for (const effect of effects) {
      const ending = await this.#do(effect);
      if (ending) return { ending };
    }
    if (unheardLeg(before) !== unheardLeg(state)) this.#awaitHeard(state);
    return {};
  }

  /** @param isSeated legs that are about to be dialled are dialled to their seats. */
  async #move(state: HandOver, effects: readonly Effect[], isSeated: boolean): Promise<void> {
    const { story, call, orGone } = this.#parts;
    if (state === this.#state) return;
    const waiting = waitingAnew(this.#state, state);
    this.#state = state;
    const tells = [...this.#tellings(effects), ...(waiting ? [() => story.waits(waiting)] : [])];
    const sought = [...handedTo(effects), ...(waiting ? [waiting.to] : [])];
    await orGone(story.tellMoved(tells, () => story.converse(state, sought)));
    this.#record();
    const seating = seatingOf(state);
    const said = JSON.stringify(seating);
    const isNew = said !== this.#seated;
    this.#seated = said;
    if (isNew && !isSeated) await orGone(call.seat(seating));
  }

  #record(): void {
    const to = recordedAs(this.#state);
    if (to === undefined) this.#parts.recorder.notTalking();
    else this.#parts.recorder.talking(to);
  }

  #waysOut(): ReturnType<typeof waysOut> {
    const { number, region } = this.#parts.story.memory;
    return waysOut(this.#parts.table, { number, region, at: new Date(this.#parts.now()) });
  }

  async #do(effect: Effect): Promise<Ending | undefined> {
    switch (effect.do) {
      case 'ring':
        this.#ring();
        break;
      case 'stop-ringing':
        this.#ringing.stop();
        break;
      case 'hang-up':
        await this.#parts.orGone(Promise.all(effect.legs.map((leg) => this.#legs.get(leg)?.hangup())));
        break;
      case 'take-in':
        this.#takeIn(effect.leg);
        break;
      case 'dial-supervisor':
        void this.#settle(this.#dialSupervisor());
        break;
      case 'join':
        void this.#settle(this.#legs.get(effect.leg)?.join());
        break;
      case 'whisper':
        void this.#settle(this.#saying.whisper(effect.leg, effect.word));
        break;
      case 'dismiss':
        void this.#settle(this.#saying.dismiss(effect.leg, effect.word));
        break;
      case 'apologise':
        void this.#settle(this.#apologise(false));
        break;
      case 'end':
        return endedByAgent(this.#lastEnd);
      case 'tell':
      case 'tell-answered':
        break; // told already
    }
    return undefined;
  }

  #tellings(effects: readonly Effect[]): (() => void)[] {
    return effects.flatMap((effect) => {
      if (effect.do === 'tell') return [() => this.#tell(effect)];
      if (effect.do !== 'tell-answered') return [];
      return [() => this.#parts.story.rejoined(effect.party.to, effect.party.agent)];
    });
  }

  #tell(told: Extract<Effect, { do: 'tell' }>): void {
    const { stage, of, reason, workOrder = null } = told;
    const { kind, from, to, by, via, note = null } = of;
    this.#parts.story.tell('transferred', { kind, stage, from, to, by, via, reason, workOrder, note });
    this.#answering.told(stage);
  }

  async #keep(answers: HandOver['answers']): Promise<void> {
    this.#state = { ...this.#state, answers };
    await this.#parts.orGone(this.#parts.story.converse(this.#state));
  }

  #ring(): void {
    void this.#settle(this.#ringing.start());
  }

  /** The round is remembered before it rings, so that whoever takes the call over knows these legs. */
  #dial(round: number, cancelled: AbortSignal): Promise<readonly Leg[]> {
    const { promise, resolve } = Promise.withResolvers<readonly Leg[]>();
    this.#inbox.put(async () => {
      if (this.#isOver || cancelled.aborted) resolve([]);
      else resolve(await this.#dialRound(round));
      return undefined;
    });
    return promise;
  }

  async #dialRound(round: number): Promise<readonly Leg[]> {
    const { call, table, story, orGone } = this.#parts;
    const targets = soughtBy(this.#state, table)[round]?.targets ?? [];
    const ids = targets.map((_, n) => this.#newLegId(n));
    await this.#take({ is: 'rings', round, legs: ids });
    this.#present();
    await orGone(story.move({}));
    const legs = targets.map((target, n) => call.dial(ids[n] ?? '', target, seatOfRinging(this.#state)));
    for (const leg of legs) this.#legs.set(leg.id, leg);
    return legs;
  }

  #present(): void {
    const { call, table, story } = this.#parts;
    const presentation = presentationOf(call, table, story.memory);
    if (presentation) call.present(presentation);
  }

  /** Unlike those of the plan, these tell no place in it. */
  #newLegId(n = 0): string {
    return `h${this.#state.rung}.${n}.${this.#parts.story.memory.takeovers}`;
  }

  #takeIn(id: string): void {
    const phone = this.#phones.get(id);
    if (phone === undefined) return;
    this.#phones.delete(id);
    const isSought = isSeeking(this.#state) && this.#state.ring?.legs.includes(id) === true;
    this.#legs.set(id, this.#parts.call.takeIn(id, phone, isSought ? 'with-caller' : 'aside'));
    if (isSought) this.#ring();
    else this.#watch(id);
  }

  async #dialSupervisor(): Promise<void> {
    const { call, story, orGone } = this.#parts;
    const { supervisor } = this.#state;
    if (supervisor === undefined) return;
    this.#present();
    await orGone(story.move({}));
    const { leg: id, endpoint, as } = supervisor;
    if (this.#state.supervisor?.leg !== id) return; // not wanted any more
    const target = { kind: 'seat', endpoint, ringSeconds: SUPERVISOR_RINGS_SECONDS } as const;
    const leg = call.dial(id, target, seatOfSupervisor(as, presentLeg(this.#state)));
    this.#legs.set(id, leg);
    await this.#awaitSupervisor(leg);
  }

  async #awaitSupervisor(leg: Leg | undefined): Promise<void> {
    const { supervisor } = this.#state;
    const winner = leg && (await firstAnswer(this.#parts.call, [leg], SUPERVISOR_RINGS_SECONDS));
    if (winner) this.#post({ is: 'supervising' });
    if (supervisor) this.#watch(supervisor.leg); // gone at once, where nobody answered
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

  #awaitHeard(state: HandOver): void {
    const leg = unheardLeg(state);
    if (leg !== undefined) void this.#saying.heard().then(() => this.#post({ is: 'heard', leg }));
  }

  /** @param isAdopted a former controller began to say it; what is over has been heard. */
  async #apologise(isAdopted: boolean): Promise<void> {
    const { call, table, story } = this.#parts;
    const result = await call.play('sorry', [table.apology], isAdopted).ended;
    story.tell('prompted', { prompt: table.apology, result });
    void story.move({});
    this.#inbox.put(async () => ({ by: 'hotline', cause: 'no-answer', q850: 0, hangup: 'no-answer' }));
  }

  /** Work beside the story of the call: a fault of it must not end the call. */
  async #settle(work: Promise<unknown> | undefined): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (this.#isOver || this.#parts.call.signal.aborted) return;
      this.#parts.log.error({ reason: String(error) }, 'a part of handing a call on failed; the call goes on');
    }
  }
}
