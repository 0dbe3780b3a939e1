/**
 * The caller's channel. The dialplan's `socket` application keeps it with us while nothing else does; a leg takes it
 * away from there, and when the leg has ended the dialplan brings it back, to us or to whoever controls calls then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Arrival,
  type Call,
  CallerGone,
  CallLetGo,
  type HangupCause,
  type Leg,
  type LegTarget,
  type PhoneCall,
  type PhoneRequest,
  type Playback,
  type Presentation,
  type Recording,
  type Seat,
  type Seating as WantedSeating,
} from '../port.ts';
import { CAUSE_NAMES, q850Of } from './causes.ts';
import type { EslEvent, HandedChannel } from './client.ts';
import { dialString } from './dial.ts';
import { Hold } from './hold.ts';
import { legChannelId, noteLegs, playbackIdOf } from './ids.ts';
import { Joining } from './joining.ts';
import { FreeSwitchLeg, isParked } from './leg.ts';
import type { EslLink } from './link.ts';
import { CallerNotes, CONTROLLER_VARIABLE, LEGS_VARIABLE } from './notes.ts';
import { FreeSwitchPhoneCall } from './phone.ts';
import { FreeSwitchPlayback, PLAYING_VARIABLE } from './playback.ts';
import { ChannelRecordings } from './recording.ts';
import { Requests } from './requests.ts';
import { Ringback } from './ringback.ts';
import { Seating } from './seating.ts';
import { CallLost, FALLBACK_CONTEXT, hasFallen, isInFallback } from './whereabouts.ts';

/** The hang-up of a channel that is no more has been told by then, if it is told at all. */
const TOLD_WITHIN_MS = 500;

/** Looks at where a channel went, when its connection has ended and nothing else has. */
const LOOK_FIRST_MS = 200;
const LOOK_MOST_MS = 2_000;

export interface CallPlace {
  readonly switchName: string;
  /** The channel as FreeSWITCH tells it. */
  readonly channel: EslEvent;
  readonly filesOf: (prompts: readonly string[]) => readonly string[];
  /** Host path on the PBX; undefined: nothing is recorded. */
  readonly recordingsDir: string | undefined;
}

export class FreeSwitchCall implements Call {
  readonly id: string;
  readonly arrival: Arrival;
  readonly channelId: string;
  readonly #link: EslLink;
  readonly #place: CallPlace;
  readonly #gone = new AbortController();
  readonly #legs = new Map<string, FreeSwitchLeg>();
  readonly #found: FreeSwitchLeg[] = [];
  /** Settles when nothing of the call is left on the PBX, or when it is not ours to clear any more. */
  readonly #cleared = Promise.withResolvers<void>();
  readonly #isHere = (): boolean => !this.#gone.signal.aborted;
  readonly #notes: CallerNotes;
  readonly #hold: Hold;
  readonly #joining: Joining;
  readonly #ringback: Ringback;
  readonly #seating: Seating;
  readonly #requests: Requests;
  readonly #recordings: ChannelRecordings;
  #presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  #playback: FreeSwitchPlayback | undefined;
  /** What it means that the caller is found in the fallback. */
  #fallen: CallerGone | CallLost = new CallLost();

  constructor(link: EslLink, place: CallPlace) {
    const { channel, switchName } = place;
    const id = channel['Unique-ID'] ?? '';
    this.channelId = id;
    this.id = `${switchName}-${id}`;
    this.arrival = {
      dialled: channel.variable_hotline_dialled ?? channel['Caller-Destination-Number'] ?? '',
      caller: channel['Caller-Caller-ID-Number'] || null,
      trunk: channel.variable_hotline_trunk || null,
    };
    this.#link = link;
    this.#place = place;
    this.#ringback = new Ringback(link, id);
    this.#notes = new CallerNotes(link, id, this.#isHere);
    const onClosed = (): void => void this.#whenLetGo();
    this.#hold = new Hold(link, { channelId: id, onClosed }, channel[`variable_${CONTROLLER_VARIABLE}`] ?? '');
    this.#joining = new Joining(link, { channelId: id, isHere: this.#isHere, ready: () => this.#readyToJoin() });
    this.#seating = new Seating(link, {
      callerId: id,
      dialled: this.arrival.dialled,
      isHere: this.#isHere,
      notes: this.#notes,
      controller: () => this.#hold.controller,
      legs: () => this.#legs.values(),
      ready: () => this.#readyToJoin(),
      prompt: () => this.#playback?.ended,
      takeNext: (leg) => this.#joining.takeNext(leg),
      wait: (hears) => this.#waitWith(hears),
    });
    this.#requests = new Requests(link, {
      legs: () => this.#legs.values(),
      hold: (isHeld) => this.#seating.hold(isHeld),
    });
    this.#recordings = new ChannelRecordings(link, id, place.recordingsDir);
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onFound: (found) => this.#onFound(found),
      onMissing: (restarted) => void this.#end(new CallerGone(0, restarted ? 'switch' : 'caller')),
      onLetGo: () => this.#letGo(),
    });
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get foundLegs(): readonly Leg[] {
    return this.#found;
  }

  get upToDate(): Promise<void> {
    return this.#link.gap.closed;
  }

  /** The dialplan has brought the channel: new, or back from a leg. */
  hold(handed: HandedChannel): void {
    this.#hold.take(handed);
    this.#joining.left();
    this.#seating.waits(this.channelId);
  }

  /** A channel of the call that a phone wants transferred: the caller's, a leg's, or the half of a leg in a queue. */
  refer(handed: HandedChannel): void {
    if (handed.channel['Unique-ID'] === this.channelId) {
      this.#seating.hold(true);
      this.hold(handed);
    }
    this.#requests.refer(handed);
  }

  /** What a former controller left: these legs live, and the caller is bridged with one of them, or with none. */
  takeOver(legs: readonly { id: string; channel: EslEvent }[]): void {
    const { channel: caller } = this.#place;
    this.#seating.resume(caller, legs);
    for (const { id, channel } of legs) {
      const leg = this.#leg(id, channel['Unique-ID']);
      this.#found.push(leg);
      const isNext = isParked(channel) && !this.#seating.isActive;
      this.#joining.resume(leg, caller.variable_signal_bond === leg.channelId, isNext);
      leg.resume(channel);
    }
    if (!this.#place.channel[`variable_${PLAYING_VARIABLE}`]) void this.#ringAfterPrompt();
  }

  async answer(): Promise<void> {
    await this.#link.insist(() => this.#link.api('uuid_answer', this.channelId), this.#isHere);
  }

  present(presentation: Presentation): void {
    this.#presentation = presentation;
  }

  remember(memory: string): Promise<void> {
    return this.#notes.remember(memory, () => this.#hold.controller);
  }

  play(id: string, prompts: readonly string[], resume = false): Playback {
    const { channelId } = this;
    const files = this.#place.filesOf(prompts);
    const ready = resume ? undefined : this.#ringback.end();
    const { isFollowed } = this.#joining;
    const request = { id: playbackIdOf(channelId, id), channelId, files, resume, locked: true, isFollowed, ready };
    const playback = new FreeSwitchPlayback(this.#link, request);
    if (resume && this.#joining.isBridged) playback.over();
    void playback.ended.then(() => {
      if (this.#playback === playback) this.#playback = undefined;
      if (resume || this.#seating.isActive) void this.#ringAfterPrompt();
    });
    this.#playback = playback;
    return playback;
  }

  dial(id: string, target: LegTarget, seat?: Seat): Leg {
    const leg = this.#leg(id);
    const { channelId } = leg;
    const goes = seat === undefined && !this.#seating.isActive ? {} : this.#seating.invite(leg, seat ?? 'with-caller');
    const facts = { channelId, callerId: this.channelId, callId: this.id, dialled: this.arrival.dialled, goes };
    if (target.kind === 'seat') void this.#ringAfterPrompt();
    const endpoint = target.kind === 'seat' ? target.endpoint : undefined;
    if (this.#seating.isActive) void leg.ringing.then(() => this.#ringback.again());
    void leg.dial(dialString(target, this.#presentation, facts, this.#link.queues), this.#noteLegs(), endpoint);
    return leg;
  }

  async seat(seating: WantedSeating): Promise<void> {
    await this.#seating.seat(seating);
  }

  takeIn(id: string, phone: PhoneCall, seat: Seat): Leg {
    if (!(phone instanceof FreeSwitchPhoneCall)) throw new TypeError('a call of another switch');
    const leg = this.#leg(id, phone.channelId);
    leg.isCallOf(phone.endpoint);
    const goes = this.#seating.invite(leg, seat);
    const noted = this.#noteLegs();
    void noted
      .then(() => phone.take({ callerId: this.channelId, goes }))
      .then((isTaken) => (isTaken ? leg.takenIn() : leg.gone('')));
    return leg;
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#requests.onAsked(told);
  }

  #noteLegs(): Promise<void> {
    return this.#notes.set(LEGS_VARIABLE, () => noteLegs(this.channelId, this.#legs.values()));
  }

  record(name: string, resume = false): Recording {
    return this.#recordings.record(name, resume);
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    const kill = () => this.#link.api('uuid_kill', this.channelId, CAUSE_NAMES[cause]);
    const isDone = await this.#link.clearUp(kill, this.#isHere);
    if (!isDone && this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  /** Being sent to the fallback again would begin it again: after a lost answer it is looked for there. */
  async release(): Promise<void> {
    this.#fallen = new CallerGone(0);
    await this.#hangupLegs();
    const fallback = [this.arrival.dialled, 'XML', FALLBACK_CONTEXT];
    const transfer = () => this.#link.api('uuid_transfer', this.channelId, ...fallback);
    const isDone = await this.#link.clearUp(transfer, this.#isHere, () => hasFallen(this.#link, this.channelId));
    if (isDone) await this.#end(this.#fallen);
    else if (this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  /** For a channel that is no more: its end may have been told before we listened. */
  async #endUntold(): Promise<void> {
    await delay(TOLD_WITHIN_MS);
    await this.#end(new CallerGone(0));
  }

  /** Not queued behind the prompt: whoever ends a ringing that has not begun would end the prompt. */
  async #ringAfterPrompt(): Promise<void> {
    await Promise.resolve(); // a prompt may be begun in the same breath
    while (this.#playback !== undefined) await this.#playback.ended;
    if (this.#seating.isActive) return void this.#seating.arrange();
    if (!this.#joining.isTaken && !this.signal.aborted && this.#legs.size > 0) void this.#ringback.begin();
  }

  async #waitWith(hears: WantedSeating['meanwhile']): Promise<void> {
    if (this.#playback === undefined && !this.signal.aborted) await this.#ringback.begin(hears);
  }

  #leg(id: string, channelId = legChannelId(this.channelId, id)): FreeSwitchLeg {
    const leg = new FreeSwitchLeg(this.#link, {
      id,
      channelId,
      filesOf: this.#place.filesOf,
      isThere: (there) => this.#isThere(there),
      asks: (one) => this.#asks(one),
      release: (one) => this.#requests.release(one),
      answered: (one) => this.#seating.answered(one),
      bridged: (one, other) => this.#bridged(one.channelId, other),
      entered: (one, room) => this.#seating.entered(one.channelId, room),
      join: (there) => this.#join(there),
      keyed: (one, key) => this.#requests.key(one, key),
      attended: (one) => this.#requests.attended(one),
    });
    this.#legs.set(id, leg);
    void leg.ended.then(() => {
      this.#legs.delete(id);
      this.#joining.ended(leg);
      this.#seating.ended(leg);
      if (this.#legs.size === 0 && !this.#seating.isActive) void this.#ringback.end();
    });
    return leg;
  }

  #isThere(leg: FreeSwitchLeg): void {
    this.#seating.waits(leg.channelId);
    if (!this.#seating.isActive) void this.#joining.takeNext(leg);
  }

  #asks(leg: FreeSwitchLeg): void {
    this.#requests.expect(leg);
    this.#seating.waits(leg.channelId);
  }

  async #join(leg: FreeSwitchLeg): Promise<void> {
    if (this.#seating.isActive) await this.#seating.arrange();
    else await this.#joining.join(leg, () => this.#legs.has(leg.id));
  }

  /** Two channels talk, one of which may be the caller's. */
  #bridged(one: string, other: string): void {
    this.#seating.bridged(one, other);
    if (one === this.channelId) this.#onBridged(other);
    if (other === this.channelId) this.#onBridged(one);
  }

  /** Neither ringing in the caller's ear, nor the end of our connection, may touch a talk. */
  async #readyToJoin(): Promise<void> {
    await this.#ringback.end();
    await this.#hold.keep();
  }

  #onEvent(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'CHANNEL_HANGUP') void this.#end(new CallerGone(q850Of(event['Hangup-Cause'] ?? '')));
    if (name === 'CHANNEL_PARK') void this.#hold.keep();
    const other = event['Other-Leg-Unique-ID'] ?? event['Bridge-B-Unique-ID'];
    if (name === 'CHANNEL_BRIDGE' && other !== undefined) this.#bridged(this.channelId, other);
    const room = event['Conference-Name'];
    if (name === 'CUSTOM' && event.Action === 'add-member' && room !== undefined) this.#inRoom(room);
  }

  /** After a gap in the events. */
  #onFound(channel: EslEvent): void {
    if (isInFallback(channel)) void this.#end(this.#fallen);
    else {
      this.#onBridged(channel.variable_signal_bond);
      this.#seating.foundAgain(channel);
    }
  }

  #inRoom(room: string): void {
    this.#ringback.forget();
    this.#joining.left();
    this.#seating.entered(this.channelId, room);
  }

  /** @param channelId of a leg that still lives, or of one that the caller was bridged with before. */
  #onBridged(channelId: string | undefined): void {
    const leg = [...this.#legs.values()].find((each) => each.channelId === channelId);
    if (leg === undefined) return;
    this.#ringback.forget();
    void this.#hold.keep();
    this.#playback?.over();
    this.#joining.bridgedWith(leg.channelId);
  }

  /**
   * A hang-up from before we listened is told by nothing else. Nor is it when a connection breaks under a call that has
   * no memory yet: the dialplan takes it for one that nobody ever had.
   */
  async #whenLetGo(): Promise<void> {
    if (this.signal.aborted || !this.#link.isUp) return;
    const exists = await this.#link.api('uuid_exists', this.channelId).catch(() => 'true'); // a look at the PBX will tell
    if (exists === 'false') return this.#end(new CallerGone(0));
    const isAdrift = () => this.#isHere() && this.#link.isUp && !this.#hold.isHeld;
    for (let wait = LOOK_FIRST_MS; isAdrift(); wait = Math.min(2 * wait, LOOK_MOST_MS)) {
      await delay(wait, undefined, { ref: false });
      const isLost = isAdrift() && (await hasFallen(this.#link, this.channelId).catch(() => false)); // the next will tell
      if (isLost) return this.#end(this.#fallen);
    }
  }

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  async #end(reason: CallerGone | CallLost): Promise<void> {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort(reason);
    this.#playback?.gone();
    this.#recordings.gone();
    this.#ringback.forget();
    this.#hold.letGo();
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.cleared));
    this.#cleared.resolve();
  }

  #letGo(): void {
    this.#gone.abort(new CallLetGo());
    this.#ringback.forget();
    this.#cleared.resolve();
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }
}
