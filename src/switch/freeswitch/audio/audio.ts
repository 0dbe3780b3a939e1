/**
 * Who hears whom on a call. Once somebody was given a seat, it compares where everybody is with where they belong, commands
 * what brings them there, and does so again whenever somebody answers, leaves or comes back. Until then the caller simply
 * takes the first leg that answers.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioPlan, AudioRole } from '../../port.ts';
import type { CallerChannel, CallLeg } from '../caller.ts';
import type { EslEvent } from '../esl/client.ts';
import type { EslLink } from '../esl/link.ts';
import { CallPlan } from './call-plan.ts';
import { ChannelLocations, locationOf } from './locations.ts';
import { isSameLocation, type Location, type Move, movesFrom } from './plan.ts';
import { type PostAnswerRoute, PostAnswerRoutes } from './routes.ts';

/** The event of a move comes within this time; else the move is commanded again. */
const THERE_WITHIN_MS = 1_500;
const TRIES = 3;
/** From the event of a join to the first sound of the other. */
const HEARD_AFTER_MS = 100;

export class CallAudio {
  readonly #link: EslLink;
  readonly #caller: CallerChannel;
  readonly #legs: ReadonlyMap<string, CallLeg>;
  readonly #plan: CallPlan;
  readonly #locations: ChannelLocations;
  readonly #routes: PostAnswerRoutes;
  /** Channels whose microphone is off; undefined: a former controller may have muted anybody. */
  #mutedNow: Set<string> | undefined = new Set();
  #isActive = false;
  /** A phone has asked for something, and everybody stays where they are until it is answered. */
  #isHeld = false;
  #running: Promise<void> | undefined;
  #isAgain = false;
  #moved = Promise.withResolvers<void>();

  /** @param legs those of the call, by id, as they come and go. */
  constructor(link: EslLink, caller: CallerChannel, legs: ReadonlyMap<string, CallLeg>) {
    this.#link = link;
    this.#caller = caller;
    this.#legs = legs;
    this.#plan = new CallPlan(caller, legs);
    this.#locations = new ChannelLocations(caller.id);
    this.#routes = new PostAnswerRoutes(link);
  }

  /** Somebody was given a seat. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** For a leg that is about to be dialled or taken in. @returns where it goes when it answers: its channel's variables. */
  invite(leg: CallLeg, seat: AudioRole): PostAnswerRoute {
    this.#isActive = true;
    this.#plan.give(leg, seat);
    void this.#run();
    return this.#routes.invite(leg, this.#plan.locations.get(leg.channelId));
  }

  /** Resolves when it is so. */
  async seat(seating: AudioPlan): Promise<void> {
    this.#isActive = true;
    this.#isHeld = false;
    this.#plan.change(seating);
    await this.#run();
  }

  /** Nobody is moved while it is held. */
  hold(isHeld: boolean): void {
    this.#isActive = true;
    this.#isHeld = isHeld;
    if (!isHeld) void this.#arrange();
  }

  /** What a former controller left. */
  adopt(caller: EslEvent, legs: readonly { readonly channel: EslEvent }[]): void {
    this.#locations.set(this.#caller.id, locationOf(caller));
    for (const { channel } of legs) this.#locations.found(channel);
    if (!this.#plan.adopt(caller)) return;
    this.#isActive = true;
    this.#mutedNow = undefined;
  }

  /** The caller's channel, at a look after a gap in the events. */
  foundAgain(channel: EslEvent): void {
    this.#callerBridged(channel.variable_signal_bond);
    this.#locations.found(channel);
    void this.#arrange();
  }

  /**
   * Ringing begins after the prompt. It is not queued behind it: to end a ringing that has not begun would end the prompt.
   */
  async ringAfterPrompt(): Promise<void> {
    await Promise.resolve(); // a prompt may be begun in the same tick
    for (let { prompt } = this.#caller; prompt !== undefined; prompt = this.#caller.prompt) await prompt.ended;
    if (this.#isActive) void this.#arrange();
    else if (this.#legs.size > 0) this.#caller.ring();
  }

  /** A leg is there and nothing but a prompt keeps the caller from it. */
  offer(leg: CallLeg): void {
    if (!this.#isActive) void this.#caller.takeNext(leg);
  }

  /** A leg went where its route says. FreeSWITCH tells of pairs and rooms, not of supervisors. */
  answered(leg: CallLeg): void {
    const location = this.#plan.locations.get(leg.channelId);
    const isUntold = location?.at === 'listen' || location?.at === 'whisper';
    if (isUntold && this.#locations.of(leg.channelId) === undefined) this.#set(leg.channelId, location);
  }

  /** Two channels talk. */
  bridged(one: string, other: string): void {
    this.#locations.bridged(one, other);
    this.#wake();
    if (one === this.#caller.id) this.#callerBridged(other);
    if (other === this.#caller.id) this.#callerBridged(one);
  }

  /** A channel is in a conference. */
  entered(channelId: string, room: string): void {
    if (channelId === this.#caller.id) this.#caller.entersRoom();
    this.#locations.entered(channelId, room);
    this.#wake();
  }

  /** A channel is alone, and waits. */
  waits(channelId: string): void {
    if (channelId === this.#caller.id) this.#caller.waits();
    this.#locations.waits(channelId);
    this.#wake();
  }

  /** Resolves when caller and leg talk. */
  async join(leg: CallLeg): Promise<void> {
    if (this.#isActive) await this.#run();
    else await this.#caller.join(leg, () => this.#legs.has(leg.id));
  }

  ended(leg: CallLeg): void {
    this.#caller.legEnded(leg);
    this.#locations.ended(leg.channelId);
    this.#plan.ended(leg);
    this.#routes.ended(leg);
    this.#mutedNow?.delete(leg.channelId);
    this.#wake();
    if (this.#legs.size === 0 && !this.#isActive) void this.#caller.endRinging();
  }

  /** @param channelId of a leg that lives, or of one that the caller was bridged with before. */
  #callerBridged(channelId: string | undefined): void {
    const leg = this.#legOn(channelId);
    if (leg !== undefined) this.#caller.bridgedWith(leg);
  }

  #set(channelId: string, location: Location): void {
    this.#locations.set(channelId, location);
    this.#wake();
  }

  #wake(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
    void this.#arrange();
  }

  #legOn(channelId: string | undefined): CallLeg | undefined {
    return [...this.#legs.values()].find((leg) => leg.channelId === channelId);
  }

  /** Places of those who are there, the caller among them. */
  #present(): ReadonlyMap<string, Location> {
    return this.#locations.present((id) => this.#isThere(id));
  }

  #isThere(channelId: string): boolean {
    return channelId === this.#caller.id || this.#legOn(channelId)?.isThere === true;
  }

  /** Resolves when everybody is where they belong. */
  #arrange(): Promise<void> {
    return this.#isActive ? this.#run() : Promise.resolve();
  }

  #run(): Promise<void> {
    this.#isAgain = true;
    this.#running ??= this.#runUntilDone().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runUntilDone(): Promise<void> {
    await Promise.resolve(); // more may be asked in the same tick
    for (let tries = 0; tries < TRIES && this.#caller.isHere && !this.#link.isLetGo; ) {
      this.#isAgain = false;
      if (this.#isHeld) return;
      const want = this.#plan.locations;
      const moves = movesFrom(this.#present(), want, this.#caller.id, this.#plan.ownCalls);
      this.#routes.updateRinging(this.#legs.values(), want);
      for (const move of moves) await this.#make(move);
      await this.#mute();
      await this.#sound();
      if (moves.length > 0) {
        tries += (await this.#isDone(want)) ? 0 : 1;
        await delay(HEARD_AFTER_MS);
      }
      if (moves.length === 0 && !this.#isAgain) return;
    }
  }

  #areIn(want: ReadonlyMap<string, Location>): boolean {
    return [...this.#present()].every(([id, location]) => isSameLocation(location, want.get(id) ?? location));
  }

  /**
   * True when all who are there are where they belong, or where they belonged when they were sent: a leg that ends meanwhile
   * changes that, and nobody is to wait in vain. False when it takes too long.
   */
  async #isDone(sentTo: ReadonlyMap<string, Location>): Promise<boolean> {
    const timeUp = new AbortController();
    const late = delay(THERE_WITHIN_MS, true, { signal: timeUp.signal }).catch(() => true);
    try {
      for (;;) {
        const isSo = this.#areIn(this.#plan.locations) || this.#areIn(sentTo);
        if (isSo || this.#isHeld || !this.#caller.isHere) return true;
        if ((await Promise.race([this.#moved.promise, late])) === true) return false;
      }
    } finally {
      timeUp.abort();
    }
  }

  async #make(move: Move): Promise<void> {
    const isCallers = move.channel === this.#caller.id;
    const { prompt } = this.#caller;
    if (isCallers && prompt !== undefined) {
      const leg = move.do === 'bridge' ? this.#legOn(move.with) : undefined;
      if (leg !== undefined) return this.#caller.takeNext(leg);
      await prompt.ended;
    }
    if (isCallers) await this.#caller.readyToJoin();
    const isWanted = () => this.#caller.isHere && (isCallers || this.#legOn(move.channel) !== undefined);
    await this.#link.clearUp(() => this.#command(move), isWanted);
  }

  async #command(move: Move): Promise<void> {
    const { channel } = move;
    const transfer = (...words: string[]) => this.#link.api('uuid_transfer', channel, ...words);
    switch (move.do) {
      case 'bridge':
        await this.#link.api('uuid_bridge', channel, move.with);
        break;
      case 'room':
        await transfer(...(move.both ? ['-both'] : []), move.room, 'XML', 'hotline-room');
        break;
      case 'wait':
        if (channel !== this.#caller.id) await this.#sendLeg(channel, { at: 'wait' });
        else await transfer(this.#caller.dialled, 'XML', 'hotline-again');
        break;
      case 'listen':
      case 'whisper':
        await this.#sendLeg(channel, { at: move.do, to: move.to });
        this.#set(channel, { at: move.do, to: move.to });
        break;
      default:
        move satisfies never;
    }
  }

  /** The dialplan reads from the leg's channel where it goes. */
  async #sendLeg(channel: string, location: Location): Promise<void> {
    await this.#routes.set(channel, location);
    await this.#link.api('uuid_transfer', channel, 'leg', 'XML', 'hotline-leg');
  }

  async #mute(): Promise<void> {
    const all = [{ id: 'caller', channelId: this.#caller.id }, ...this.#legs.values()];
    const there = all.map(({ id, channelId }) => ({ id, channelId, isThere: this.#isThere(channelId) }));
    this.#mutedNow ??= new Set(all.map(({ channelId }) => channelId));
    const now = this.#mutedNow;
    for (const { id, channelId, isThere } of there) {
      const isMuted = this.#plan.muted.includes(id);
      if (isMuted === now.has(channelId) || !isThere) continue;
      if (isMuted) now.add(channelId);
      else now.delete(channelId);
      const words = isMuted ? ['start', 'read', 'mute', '1'] : ['stop'];
      await this.#link.clearUp(() => this.#link.api('uuid_audio', channelId, ...words));
    }
  }

  async #sound(): Promise<void> {
    const isAlone = this.#locations.of(this.#caller.id)?.at === 'wait';
    const belongsThere = this.#plan.locations.get(this.#caller.id)?.at === 'wait';
    if (isAlone && belongsThere) await this.#caller.wait(this.#plan.waitTone);
  }
}
