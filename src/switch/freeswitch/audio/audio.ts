/**
 * Who hears whom, made so from however it is: says where everybody belongs ({@link arrange}), commands what brings them
 * there, hears of it, and looks again whenever somebody answers, leaves or comes back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Seat, Seating as WantedSeating } from '../../port.ts';
import type { EslEvent } from '../esl/client.ts';
import type { EslLink } from '../esl/link.ts';
import { legChannelId } from '../ids.ts';
import { keptSeating } from '../inventory.ts';
import type { FreeSwitchLeg } from '../leg.ts';
import { Muting } from '../muting.ts';
import { type CallerNotes, CONTROLLER_VARIABLE, encodeMemory, SEATING_VARIABLE } from '../notes.ts';
import { Places, placeOf } from './locations.ts';
import { arrange, isSamePlace, type Move, movesFrom, type Participant, type Place } from './plan.ts';
import { Directions } from './routes.ts';

/** What the caller hears in the dialplan while no controller is there. */
const MEANWHILE_VARIABLE = 'hotline_meanwhile';

/** What was commanded has been told of by then; if not, it is commanded again. */
const THERE_WITHIN_MS = 1_500;
const TRIES = 3;
/** From the event of a join to the first sound of the other. */
const HEARD_AFTER_MS = 100;

export interface SeatingPlace {
  readonly callerId: string;
  readonly dialled: string;
  readonly isHere: () => boolean;
  readonly notes: CallerNotes;
  /** Our address, as FreeSWITCH knows it. */
  readonly controller: () => string;
  readonly legs: () => Iterable<FreeSwitchLeg>;
  /** Has to be done before the caller's channel is bridged. */
  readonly ready: () => Promise<void>;
  /** Settles when the caller's prompt is over; undefined when none is under way. */
  readonly prompt: () => Promise<unknown> | undefined;
  /** Has the caller's channel take a leg when its prompt is over. */
  readonly takeNext: (leg: FreeSwitchLeg) => Promise<void>;
  /** The caller waits, and is to hear this from now on. Resolves when it is asked for. */
  readonly wait: (hears: WantedSeating['meanwhile']) => Promise<void>;
}

export class Seating {
  readonly #link: EslLink;
  readonly #place: SeatingPlace;
  readonly #seats = new Map<string, Seat>();
  readonly #places: Places;
  readonly #directions: Directions;
  readonly #muting: Muting;
  #meanwhile: WantedSeating['meanwhile'] = 'ringing';
  #muted: readonly string[] = [];
  #isActive = false;
  /** A phone has asked for something, and everybody stays where they are until it is answered. */
  #isHeld = false;
  #running: Promise<void> | undefined;
  #isAgain = false;
  #moved = Promise.withResolvers<void>();

  constructor(link: EslLink, place: SeatingPlace) {
    this.#link = link;
    this.#place = place;
    this.#places = new Places(place.callerId);
    this.#directions = new Directions(link);
    this.#muting = new Muting(link);
  }

  /** Somebody was given a seat: from then on everybody's place is seen to here. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** @returns what the leg is to do when it answers, as its channel's variables. */
  invite(leg: FreeSwitchLeg, seat: Seat): Readonly<Record<string, string>> {
    this.#isActive = true;
    this.#seats.set(leg.id, seat);
    void this.#remember();
    void this.#run();
    return this.#directions.invite(leg, this.#wanted().get(leg.channelId));
  }

  /** Resolves when it is so. */
  async seat({ legs, meanwhile, muted }: WantedSeating): Promise<void> {
    this.#isActive = true;
    this.#isHeld = false;
    for (const [id, seat] of Object.entries(legs)) this.#seats.set(id, seat);
    this.#meanwhile = meanwhile;
    this.#muted = muted;
    void this.#remember();
    await this.#run();
  }

  /** Resolves when everybody is where they belong. */
  arrange(): Promise<void> {
    return this.#isActive ? this.#run() : Promise.resolve();
  }

  hold(isHeld: boolean): void {
    this.#isActive = true;
    this.#isHeld = isHeld;
    if (!isHeld) void this.arrange();
  }

  /** What a former controller left. */
  adopt(caller: EslEvent, legs: readonly { readonly channel: EslEvent }[]): void {
    this.#places.set(this.#place.callerId, placeOf(caller));
    for (const { channel } of legs) this.#places.found(channel);
    const kept = keptSeating(caller);
    if (kept === undefined) return;
    this.#isActive = true;
    for (const [id, seat] of Object.entries(kept.legs)) this.#seats.set(id, seat);
    this.#meanwhile = kept.meanwhile;
    this.#muted = kept.muted;
    this.#muting.forget();
  }

  /** After a gap in the events. */
  foundAgain(channel: EslEvent): void {
    this.#places.found(channel);
    void this.arrange();
  }

  /** A leg went where it was told. FreeSWITCH tells of pairs and rooms, not of supervisors. */
  answered(leg: FreeSwitchLeg): void {
    const place = this.#wanted().get(leg.channelId);
    const isUntold = place?.at === 'listen' || place?.at === 'whisper';
    if (isUntold && this.#places.of(leg.channelId) === undefined) this.#set(leg.channelId, place);
  }

  bridged(one: string, other: string): void {
    this.#places.bridged(one, other);
    this.#wake();
  }

  entered(channelId: string, room: string): void {
    this.#places.entered(channelId, room);
    this.#wake();
  }

  /** Alone, and waiting. */
  waits(channelId: string): void {
    this.#places.waits(channelId);
    this.#wake();
  }

  ended(leg: FreeSwitchLeg): void {
    this.#places.ended(leg.channelId);
    this.#seats.delete(leg.id);
    this.#directions.ended(leg);
    this.#muting.ended(leg.channelId);
    this.#wake();
  }

  #set(channelId: string, place: Place): void {
    this.#places.set(channelId, place);
    this.#wake();
  }

  #wake(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
    void this.arrange();
  }

  #remember(): Promise<void> {
    const seating = { legs: Object.fromEntries(this.#seats), meanwhile: this.#meanwhile, muted: this.#muted };
    void this.#place.notes.set(CONTROLLER_VARIABLE, this.#place.controller);
    void this.#place.notes.set(MEANWHILE_VARIABLE, () => this.#meanwhile);
    return this.#place.notes.set(SEATING_VARIABLE, () => encodeMemory(JSON.stringify(seating)));
  }

  #legOf(channelId: string): FreeSwitchLeg | undefined {
    return [...this.#place.legs()].find((leg) => leg.channelId === channelId);
  }

  #participants(): Participant[] {
    return [...this.#place.legs()].map((leg) => {
      const state = leg.isAnswered ? 'here' : leg.isQueued ? 'queued' : 'ringing';
      return { channelId: leg.channelId, seat: this.#seats.get(leg.id) ?? 'with-caller', state };
    });
  }

  #ownCalls(): ReadonlySet<string> {
    const isOwn = ({ id, channelId }: FreeSwitchLeg): boolean => channelId !== legChannelId(this.#place.callerId, id);
    return new Set([...this.#place.legs()].filter(isOwn).map(({ channelId }) => channelId));
  }

  #wanted(): ReadonlyMap<string, Place> {
    const channelOf = (id: string) => [...this.#place.legs()].find((leg) => leg.id === id)?.channelId;
    return arrange({ callerId: this.#place.callerId, legs: this.#participants(), channelOf });
  }

  /** Places of those who are there, the caller among them. */
  #present(): ReadonlyMap<string, Place> {
    return this.#places.present((id) => this.#isThere(id));
  }

  #isThere(channelId: string): boolean {
    return channelId === this.#place.callerId || this.#legOf(channelId)?.isThere === true;
  }

  #run(): Promise<void> {
    this.#isAgain = true;
    this.#running ??= this.#runUntilDone().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runUntilDone(): Promise<void> {
    await Promise.resolve(); // more may be said in the same breath
    for (let tries = 0; tries < TRIES && this.#place.isHere() && !this.#link.isLetGo; ) {
      this.#isAgain = false;
      if (this.#isHeld) return;
      const want = this.#wanted();
      const moves = movesFrom(this.#present(), want, this.#place.callerId, this.#ownCalls());
      this.#directions.tellRinging(this.#place.legs(), want);
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

  #areIn(want: ReadonlyMap<string, Place>): boolean {
    return [...this.#present()].every(([id, place]) => isSamePlace(place, want.get(id) ?? place));
  }

  /**
   * True when all who are there are where they belong, or where they did when they were sent: a leg that ends meanwhile
   * changes that, and nobody is to wait in vain. False when it takes too long.
   */
  async #isDone(sentTo: ReadonlyMap<string, Place>): Promise<boolean> {
    const timeUp = new AbortController();
    const late = delay(THERE_WITHIN_MS, true, { signal: timeUp.signal }).catch(() => true);
    try {
      for (;;) {
        const isSo = this.#areIn(this.#wanted()) || this.#areIn(sentTo);
        if (isSo || this.#isHeld || !this.#place.isHere()) return true;
        if ((await Promise.race([this.#moved.promise, late])) === true) return false;
      }
    } finally {
      timeUp.abort();
    }
  }

  async #make(move: Move): Promise<void> {
    const { callerId } = this.#place;
    const isCallers = move.channel === callerId;
    const prompt = this.#place.prompt();
    if (isCallers && prompt !== undefined) {
      const leg = move.do === 'bridge' ? this.#legOf(move.with) : undefined;
      if (leg !== undefined) return this.#place.takeNext(leg);
      await prompt;
    }
    if (isCallers) await this.#place.ready();
    const isWanted = () => this.#place.isHere() && (isCallers || this.#legOf(move.channel) !== undefined);
    await this.#link.clearUp(() => this.#command(move), isWanted);
  }

  async #command(move: Move): Promise<void> {
    const { channel } = move;
    const api = this.#link.api.bind(this.#link);
    if (move.do === 'bridge') return void (await api('uuid_bridge', channel, move.with));
    if (move.do === 'room') {
      return void (await api(
        'uuid_transfer',
        channel,
        ...(move.both ? ['-both'] : []),
        move.room,
        'XML',
        'hotline-room',
      ));
    }
    if (channel === this.#place.callerId) {
      return void (await api('uuid_transfer', channel, this.#place.dialled, 'XML', 'hotline-again'));
    }
    const place: Place = move.do === 'wait' ? { at: 'wait' } : { at: move.do, to: move.to };
    await this.#directions.say(channel, place);
    await api('uuid_transfer', channel, 'leg', 'XML', 'hotline-leg');
    if (move.do !== 'wait') this.#set(channel, place);
  }

  async #mute(): Promise<void> {
    const { callerId, legs } = this.#place;
    const all = [{ id: 'caller', channelId: callerId }, ...legs()].map(({ id, channelId }) => {
      return { id, channelId, isThere: this.#isThere(channelId) };
    });
    await this.#muting.mute(all, this.#muted);
  }

  async #sound(): Promise<void> {
    const isAlone = this.#places.of(this.#place.callerId)?.at === 'wait';
    const belongsThere = this.#wanted().get(this.#place.callerId)?.at === 'wait';
    if (isAlone && belongsThere) await this.#place.wait(this.#meanwhile);
  }
}
