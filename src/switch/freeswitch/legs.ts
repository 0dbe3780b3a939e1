/** The legs of a call: who joins the caller, now or after the prompt, and what the caller hears until then. */
import type { Leg, LegTarget, PhoneCall, PhoneRequest, Presentation, Seat, Seating as WantedSeating } from '../port.ts';
import { Seating } from './audio/audio.ts';
import { dialString } from './dial.ts';
import type { EslEvent, HandedChannel } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import type { Hold } from './esl/outbound-session.ts';
import { legChannelId, noteLegs } from './ids.ts';
import { Joining } from './joining.ts';
import { FreeSwitchLeg, isParked } from './leg.ts';
import { type CallerNotes, LEGS_VARIABLE } from './notes.ts';
import { FreeSwitchPhoneCall } from './phone.ts';
import { type FreeSwitchPlayback, PLAYING_VARIABLE } from './playback.ts';
import { Requests } from './requests.ts';
import { Ringback } from './ringback.ts';

export interface LegsPlace {
  readonly callerId: string;
  readonly callId: string;
  readonly dialled: string;
  readonly filesOf: (prompts: readonly string[]) => readonly string[];
  readonly isHere: () => boolean;
  readonly notes: CallerNotes;
  readonly hold: Hold;
  /** What is played to the caller now. */
  readonly prompt: () => FreeSwitchPlayback | undefined;
}

export class Legs {
  readonly #link: EslLink;
  readonly #place: LegsPlace;
  readonly #legs = new Map<string, FreeSwitchLeg>();
  readonly #found: FreeSwitchLeg[] = [];
  readonly #ringback: Ringback;
  readonly #joining: Joining;
  readonly #seating: Seating;
  readonly #requests: Requests;

  constructor(link: EslLink, place: LegsPlace) {
    const { callerId, dialled, isHere, notes } = place;
    const [ready, legs] = [() => this.#readyToJoin(), () => this.#legs.values()];
    this.#link = link;
    this.#place = place;
    this.#ringback = new Ringback(link, callerId);
    this.#joining = new Joining(link, { channelId: callerId, isHere, ready });
    this.#seating = new Seating(link, {
      callerId,
      dialled,
      isHere,
      notes,
      controller: () => place.hold.controller,
      legs,
      ready,
      prompt: () => place.prompt()?.ended,
      takeNext: (leg) => this.#joining.takeNext(leg),
      wait: (hears) => this.#waitWith(hears),
    });
    this.#requests = new Requests(link, { legs, hold: (isHeld) => this.#seating.hold(isHeld) });
  }

  /** Of a former controller. */
  get found(): readonly Leg[] {
    return this.#found;
  }

  /** The caller talks with one. */
  get isBridged(): boolean {
    return this.#joining.isBridged;
  }

  /** One waits behind the caller's prompt. */
  get isFollowed(): boolean {
    return this.#joining.isFollowed;
  }

  /** Somebody was given a seat. */
  get isSeated(): boolean {
    return this.#seating.isActive;
  }

  /** What a former controller left: these legs live, and the caller is bridged with one of them, or with none. */
  adopt(caller: EslEvent, legs: readonly { id: string; channel: EslEvent }[]): void {
    this.#seating.adopt(caller, legs);
    for (const { id, channel } of legs) {
      const leg = this.#leg(id, channel['Unique-ID']);
      this.#found.push(leg);
      const isNext = isParked(channel) && !this.#seating.isActive;
      this.#joining.adopt(leg, caller.variable_signal_bond === leg.channelId, isNext);
      leg.adopt(channel);
    }
    if (!caller[`variable_${PLAYING_VARIABLE}`]) void this.ringAfterPrompt();
  }

  dial(id: string, target: LegTarget, presentation: Presentation, seat?: Seat): Leg {
    const { callerId, callId, dialled } = this.#place;
    const leg = this.#leg(id);
    const goes = seat === undefined && !this.isSeated ? {} : this.#seating.invite(leg, seat ?? 'with-caller');
    const facts = { channelId: leg.channelId, callerId, callId, dialled, goes };
    if (target.kind === 'seat') void this.ringAfterPrompt();
    const endpoint = target.kind === 'seat' ? target.endpoint : undefined;
    if (this.isSeated) void leg.ringing.then(() => this.#ringback.again());
    void leg.dial(dialString(target, presentation, facts, this.#link.queues), this.#noteLegs(), endpoint);
    return leg;
  }

  takeIn(id: string, phone: PhoneCall, seat: Seat): Leg {
    if (!(phone instanceof FreeSwitchPhoneCall)) throw new TypeError('a call of another switch');
    const leg = this.#leg(id, phone.channelId);
    leg.isCallOf(phone.endpoint);
    const goes = this.#seating.invite(leg, seat);
    const noted = this.#noteLegs();
    void noted
      .then(() => phone.take({ callerId: this.#place.callerId, goes }))
      .then((isTaken) => (isTaken ? leg.takenIn() : leg.gone('')));
    return leg;
  }

  async seat(seating: WantedSeating): Promise<void> {
    await this.#seating.seat(seating);
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#requests.onAsked(told);
  }

  /** A phone wants the caller transferred: everybody stays until that is answered. */
  holdSeats(): void {
    this.#seating.hold(true);
  }

  refer(handed: HandedChannel): void {
    this.#requests.refer(handed);
  }

  /** The caller is alone, and waits. */
  callerWaits(): void {
    this.#joining.left();
    this.#seating.waits(this.#place.callerId);
  }

  /** The caller talks with another channel. */
  callerBridged(other: string): void {
    this.#bridged(this.#place.callerId, other);
  }

  callerEntered(room: string): void {
    this.#ringback.forget();
    this.#joining.left();
    this.#seating.entered(this.#place.callerId, room);
  }

  /** The caller's channel, at a look after a gap in the events. */
  callerFound(channel: EslEvent): void {
    this.#onBridged(channel.variable_signal_bond);
    this.#seating.foundAgain(channel);
  }

  /** Not queued behind the prompt: whoever ends a ringing that has not begun would end the prompt. */
  async ringAfterPrompt(): Promise<void> {
    await Promise.resolve(); // a prompt may be begun in the same breath
    for (let prompt = this.#place.prompt(); prompt !== undefined; prompt = this.#place.prompt()) await prompt.ended;
    if (this.isSeated) return void this.#seating.arrange();
    if (!this.#joining.isTaken && this.#place.isHere() && this.#legs.size > 0) void this.#ringback.begin();
  }

  /** Before anything else is played to the caller. */
  async endRinging(): Promise<void> {
    await this.#ringback.end();
  }

  /** The caller is gone, or another's. */
  forgetRinging(): void {
    this.#ringback.forget();
  }

  async hangup(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }

  /** {@link hangup}; resolves when nothing of them is left on the PBX. */
  async clear(): Promise<void> {
    const legs = [...this.#legs.values()];
    await this.hangup();
    await Promise.all(legs.map((leg) => leg.cleared));
  }

  #noteLegs(): Promise<void> {
    const { callerId, notes } = this.#place;
    return notes.set(LEGS_VARIABLE, () => noteLegs(callerId, this.#legs.values()));
  }

  async #waitWith(hears: WantedSeating['meanwhile']): Promise<void> {
    if (this.#place.prompt() === undefined && this.#place.isHere()) await this.#ringback.begin(hears);
  }

  #leg(id: string, channelId = legChannelId(this.#place.callerId, id)): FreeSwitchLeg {
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
    void leg.ended.then(() => this.#ended(leg));
    return leg;
  }

  #ended(leg: FreeSwitchLeg): void {
    this.#legs.delete(leg.id);
    this.#joining.ended(leg);
    this.#seating.ended(leg);
    if (this.#legs.size === 0 && !this.isSeated) void this.#ringback.end();
  }

  #isThere(leg: FreeSwitchLeg): void {
    this.#seating.waits(leg.channelId);
    if (!this.isSeated) void this.#joining.takeNext(leg);
  }

  #asks(leg: FreeSwitchLeg): void {
    this.#requests.expect(leg);
    this.#seating.waits(leg.channelId);
  }

  async #join(leg: FreeSwitchLeg): Promise<void> {
    if (this.isSeated) await this.#seating.arrange();
    else await this.#joining.join(leg, () => this.#legs.has(leg.id));
  }

  /** Two channels talk, one of which may be the caller's. */
  #bridged(one: string, other: string): void {
    const { callerId } = this.#place;
    this.#seating.bridged(one, other);
    if (one === callerId) this.#onBridged(other);
    if (other === callerId) this.#onBridged(one);
  }

  /** @param channelId of a leg that still lives, or of one that the caller was bridged with before. */
  #onBridged(channelId: string | undefined): void {
    const leg = [...this.#legs.values()].find((each) => each.channelId === channelId);
    if (leg === undefined) return;
    this.#ringback.forget();
    void this.#place.hold.keep();
    this.#place.prompt()?.over();
    this.#joining.bridgedWith(leg.channelId);
  }

  /** Neither ringing in the caller's ear, nor the end of our connection, may touch a talk. */
  async #readyToJoin(): Promise<void> {
    await this.#ringback.end();
    await this.#place.hold.keep();
  }
}
