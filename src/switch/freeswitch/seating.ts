/**
 * Who hears whom, made so from however it is: says where everybody belongs ({@link arrange}), commands what brings them
 * there, hears of it, and looks again whenever somebody answers, leaves or comes back. What a leg that still rings is to
 * do is written on its channel: it goes there with nobody in control even.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Seat, Seating as WantedSeating } from '../port.ts';
import { arrange, isSamePlace, type Move, movesFrom, type Participant, type Place } from './arrangement.ts';
import type { EslEvent } from './client.ts';
import { keptSeating } from './inventory.ts';
import type { FreeSwitchLeg } from './leg.ts';
import type { EslLink } from './link.ts';
import { type CallerNotes, CONTROLLER_VARIABLE, encodeMemory, SEATING_VARIABLE } from './notes.ts';

/** What the caller hears in the dialplan while no controller is there. */
const MEANWHILE_VARIABLE = 'hotline_meanwhile';

/** What was commanded has been told of by then; if not, it is commanded again. */
const THERE_WITHIN_MS = 1_500;
const TRIES = 3;
/** From the event of a join to the first sound of the other. */
const HEARD_AFTER_MS = 100;

/** A leg that is being dialled has a channel by then. */
const MADE_TRIES_MS = [0, 50, 200, 500, 1_000];

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

/** Where a channel is, as a look at it shows. */
export function placeOf(channel: EslEvent): Place {
  const partner = channel.variable_signal_bond;
  if (partner !== undefined && partner !== '') return { at: 'pair', with: partner };
  const application = channel.variable_current_application;
  const room = channel['Caller-Destination-Number'];
  if (application === 'conference' && room !== undefined) return { at: 'room', room };
  const to = channel.variable_current_application_data;
  if (application === 'eavesdrop' && to !== undefined) {
    return { at: channel.variable_eavesdrop_whisper_bleg === 'true' ? 'whisper' : 'listen', to };
  }
  return { at: 'wait' };
}

export class Seating {
  readonly #link: EslLink;
  readonly #place: SeatingPlace;
  readonly #seats = new Map<string, Seat>();
  readonly #places = new Map<string, Place>();
  /** What each ringing leg was told to do. */
  readonly #told = new Map<string, string>();
  #meanwhile: WantedSeating['meanwhile'] = 'ringing';
  #muted: readonly string[] = [];
  /** Channels whose microphone is off; undefined: nobody knows. */
  #mutedNow: Set<string> | undefined = new Set();
  #isActive = false;
  /** A phone has asked for something, and everybody stays where they are until it is answered. */
  #isHeld = false;
  #running: Promise<void> | undefined;
  #isAgain = false;
  #moved = Promise.withResolvers<void>();

  constructor(link: EslLink, place: SeatingPlace) {
    this.#link = link;
    this.#place = place;
    this.#places.set(place.callerId, { at: 'wait' });
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
    const said = this.#sayOf(this.#wanted().get(leg.channelId));
    this.#told.set(leg.id, JSON.stringify(said));
    return said;
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
  resume(caller: EslEvent, legs: readonly { readonly channel: EslEvent }[]): void {
    this.#places.set(this.#place.callerId, placeOf(caller));
    for (const { channel } of legs) this.#found(channel);
    const kept = keptSeating(caller);
    if (kept === undefined) return;
    this.#isActive = true;
    for (const [id, seat] of Object.entries(kept.legs)) this.#seats.set(id, seat);
    this.#meanwhile = kept.meanwhile;
    this.#muted = kept.muted;
    this.#mutedNow = undefined;
  }

  /** A channel as a look at it shows. */
  #found(channel: EslEvent): void {
    const id = channel['Unique-ID'];
    if (id !== undefined && channel['Answer-State'] === 'answered') this.#places.set(id, placeOf(channel));
  }

  /** After a gap in the events. */
  foundAgain(channel: EslEvent): void {
    this.#found(channel);
    void this.arrange();
  }

  /** A leg went where it was told. FreeSWITCH tells of pairs and rooms, not of supervisors. */
  answered(leg: FreeSwitchLeg): void {
    const place = this.#wanted().get(leg.channelId);
    const isUntold = place?.at === 'listen' || place?.at === 'whisper';
    if (isUntold && !this.#places.has(leg.channelId)) this.#set(leg.channelId, place);
  }

  bridged(one: string, other: string): void {
    for (const id of [one, other]) {
      const before = this.#places.get(id);
      if (before?.at === 'pair' && before.with !== one && before.with !== other) this.#leaves(before.with);
    }
    this.#set(one, { at: 'pair', with: other });
    this.#set(other, { at: 'pair', with: one });
  }

  entered(channelId: string, room: string): void {
    this.#leftBy(channelId);
    this.#set(channelId, { at: 'room', room });
  }

  /** Alone, and waiting. */
  waits(channelId: string): void {
    this.#leftBy(channelId);
    this.#set(channelId, { at: 'wait' });
  }

  ended(leg: FreeSwitchLeg): void {
    this.#leftBy(leg.channelId);
    this.#places.delete(leg.channelId);
    this.#seats.delete(leg.id);
    this.#told.delete(leg.id);
    this.#mutedNow?.delete(leg.channelId);
    this.#wake();
  }

  #leftBy(channelId: string): void {
    const before = this.#places.get(channelId);
    if (before?.at === 'pair') this.#leaves(before.with);
  }

  #leaves(channelId: string): void {
    if (this.#places.get(channelId)?.at === 'pair') this.#places.set(channelId, { at: 'moving' });
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

  #wanted(): ReadonlyMap<string, Place> {
    const channelOf = (id: string) => [...this.#place.legs()].find((leg) => leg.id === id)?.channelId;
    return arrange({ callerId: this.#place.callerId, legs: this.#participants(), channelOf });
  }

  /** Places of those who are there, the caller among them. */
  #present(): Map<string, Place> {
    const isThere = (id: string) => id === this.#place.callerId || this.#legOf(id)?.isThere === true;
    return new Map([...this.#places].filter(([id]) => isThere(id)));
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
      const moves = movesFrom(this.#present(), this.#wanted(), this.#place.callerId);
      this.#tellRinging();
      for (const move of moves) await this.#make(move);
      await this.#mute();
      await this.#sound();
      if (moves.length > 0) {
        tries += (await this.#isDone()) ? 0 : 1;
        await delay(HEARD_AFTER_MS);
      }
      if (moves.length === 0 && !this.#isAgain) return;
    }
  }

  /** True when all who are there are where they belong; false when it takes too long. */
  async #isDone(): Promise<boolean> {
    const timeUp = new AbortController();
    const late = delay(THERE_WITHIN_MS, true, { signal: timeUp.signal }).catch(() => true);
    try {
      for (;;) {
        const want = this.#wanted();
        const isSo = [...this.#present()].every(([id, place]) => isSamePlace(place, want.get(id) ?? place));
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
    await this.#say(channel, this.#sayOf(move.do === 'wait' ? { at: 'wait' } : { at: move.do, to: move.to }));
    await api('uuid_transfer', channel, 'leg', 'XML', 'hotline-leg');
    if (move.do !== 'wait') this.#set(channel, { at: move.do, to: move.to });
  }

  /** What the dialplan of a leg reads: where it goes when it is answered, or the next time it is alone. */
  #sayOf(place: Place | undefined): Readonly<Record<string, string>> {
    if (place?.at === 'pair') return { hotline_goes: 'pair', hotline_with: place.with };
    if (place?.at === 'room') return { hotline_goes: 'room', hotline_with: place.room };
    if (place?.at !== 'listen' && place?.at !== 'whisper') return { hotline_goes: 'wait' };
    const whispers = String(place.at === 'whisper');
    return { hotline_goes: place.at, hotline_with: place.to, eavesdrop_whisper_bleg: whispers };
  }

  /** Under names that it was not dialled with: FreeSWITCH writes those on it once more when it is answered. */
  async #say(channelId: string, said: Readonly<Record<string, string>>): Promise<boolean> {
    const { hotline_goes = 'wait', hotline_with = '', eavesdrop_whisper_bleg = 'false' } = said;
    const told = { goes: hotline_goes, with: hotline_with, whispers: eavesdrop_whisper_bleg };
    const text = Object.entries(told).map(([name, value]) => `hotline_told_${name}=${value}`);
    return this.#link.clearUp(() => this.#link.api('uuid_setvar_multi', channelId, text.join(';')));
  }

  #tellRinging(): void {
    const want = this.#wanted();
    for (const leg of this.#place.legs()) {
      if (leg.isAnswered || leg.isQueued) continue;
      const said = this.#sayOf(want.get(leg.channelId));
      if (this.#told.get(leg.id) === JSON.stringify(said)) continue;
      this.#told.set(leg.id, JSON.stringify(said));
      void this.#tell(leg, said);
    }
  }

  async #tell(leg: FreeSwitchLeg, said: Readonly<Record<string, string>>): Promise<void> {
    const isWanted = () => this.#told.get(leg.id) === JSON.stringify(said) && !leg.isAnswered;
    for (const wait of MADE_TRIES_MS) {
      if (wait > 0) await delay(wait);
      if (!isWanted() || (await this.#say(leg.channelId, said))) return;
    }
  }

  async #mute(): Promise<void> {
    const { callerId } = this.#place;
    const channels = new Map([
      ['caller', callerId],
      ...[...this.#place.legs()].map((leg) => [leg.id, leg.channelId] as const),
    ]);
    const now = this.#mutedNow ?? new Set(channels.values());
    this.#mutedNow = now;
    for (const [id, channelId] of channels) {
      const isMuted = this.#muted.includes(id);
      const isThere = channelId === callerId || this.#legOf(channelId)?.isThere === true;
      if (isMuted === now.has(channelId) || !isThere) continue;
      if (isMuted) now.add(channelId);
      else now.delete(channelId);
      const words = isMuted ? ['start', 'read', 'mute', '1'] : ['stop'];
      await this.#link.clearUp(() => this.#link.api('uuid_audio', channelId, ...words));
    }
  }

  async #sound(): Promise<void> {
    const isAlone = this.#places.get(this.#place.callerId)?.at === 'wait';
    const belongsThere = this.#wanted().get(this.#place.callerId)?.at === 'wait';
    if (isAlone && belongsThere) await this.#place.wait(this.#meanwhile);
  }
}
