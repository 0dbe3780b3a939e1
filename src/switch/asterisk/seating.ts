/**
 * Who hears whom on a call, made so: those who are with the caller share the call's bridge, those aside another, everybody
 * else is in a bridge of their own. A leg is in some bridge before it is dialled, so it is answered and talks where it
 * belongs with nobody in control. Nothing here goes by what was done before: each time the whole is compared with what
 * is wanted, so that it can be said again, and from any state that a former controller left.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Seat, Seating } from '../port.ts';
import type { AriLink } from './ari/link.ts';
import { CallerSound, type Sound } from './caller-sound.ts';
import { Ears } from './ears.ts';
import { asideBridgeId, bridgeIdOf, type Ear, ownBridgeId, playbackIdOf } from './ids.ts';
import { Ringback } from './ringback.ts';

/** Keeps playbacks and RTP passing through Asterisk: with native RTP one direction goes deaf after a playback. */
const BRIDGE_TYPE = 'mixing,proxy_media';

/** What the PBX refuses may be right a moment later; everybody waits for it meanwhile. In milliseconds. */
const REPEAT_MS = [100, 300, 1_000];

/** Among the muted. */
const CALLER = 'caller';

/** What is to be known of a leg. */
export interface SeatedLeg {
  readonly id: string;
  readonly channelId: string;
  readonly isAnswered: boolean;
  readonly isEnded: boolean;
  /** It brings its own sound while nobody has answered: a queue's. */
  readonly isQueue: boolean;
}

export interface SeatsPlace {
  readonly app: string;
  readonly callerId: string;
  /** Name of the bridges, for whoever looks at the PBX. */
  readonly callName: string;
  /** The caller is still here, and ours. */
  readonly isHere: () => boolean;
  /** A prompt is said to the caller. */
  readonly isPrompting: () => boolean;
}

/** Where a former controller left a leg. */
export interface FoundSeat {
  readonly leg: SeatedLeg;
  readonly bridgeId: string | undefined;
  readonly ear: Ear | undefined;
  readonly isAnswered: boolean;
}

export class Seats {
  readonly #link: AriLink;
  readonly #place: SeatsPlace;
  readonly #legs = new Map<string, SeatedLeg>();
  readonly #wanted = new Map<string, Seat>();
  /** The bridge each leg is in. */
  readonly #in = new Map<string, string>();
  readonly #bridges = new Map<string, Promise<unknown>>();
  readonly #ears: Ears;
  readonly #sound: CallerSound;
  readonly #ringbacks: ReadonlyMap<string, Ringback>;
  /** Undefined until somebody says how all are to be seated: until then callers hear what phones and queues let them hear. */
  #meanwhile: Seating['meanwhile'] | undefined;
  #muted: ReadonlySet<string> = new Set();
  /** As last commanded; undefined: by a former controller, and not known. */
  readonly #isMuted = new Map<string, boolean | undefined>();
  #settling: Promise<void> | undefined;
  #isStale = false;

  constructor(link: AriLink, place: SeatsPlace) {
    this.#link = link;
    this.#place = place;
    const { app, callerId, isHere } = place;
    this.#ears = new Ears(link, { app, callerId, isWanted: isHere });
    this.#sound = new CallerSound(link, callerId, isHere);
    const bell = (bridgeId: string, name: string): [string, Ringback] => {
      const playbackIds = [playbackIdOf(app, callerId, `${name}-1`), playbackIdOf(app, callerId, `${name}-2`)] as const;
      return [bridgeId, new Ringback(link, bridgeId, playbackIds)];
    };
    this.#ringbacks = new Map([bell(this.#main, 'ringing'), bell(this.#aside, 'ringing-aside')]);
  }

  get #main(): string {
    return bridgeIdOf(this.#place.app, this.#place.callerId);
  }

  get #aside(): string {
    return asideBridgeId(this.#place.app, this.#place.callerId);
  }

  /** Puts the caller into the bridge where legs join. */
  async enterCaller(): Promise<void> {
    await this.#make(this.#main);
    await this.#link.insist(
      'bridges.addChannel',
      { bridgeId: this.#main, channel: this.#place.callerId },
      this.#place.isHere,
    );
  }

  /** What a former controller left. */
  adopt(found: readonly FoundSeat[], bridges: readonly string[]): void {
    for (const bridgeId of bridges) {
      this.#bridges.set(bridgeId, Promise.resolve());
      this.#ringbacks.get(bridgeId)?.adopt();
    }
    this.#ears.adopt(found.flatMap(({ ear }) => ear ?? []));
    this.#isMuted.set(CALLER, undefined);
    // With somebody there it is over; and what that one's phone lets the caller hear, on hold, is not ours to end.
    if (!found.some(({ isAnswered, bridgeId }) => isAnswered && bridgeId === this.#main)) this.#sound.unknown();
    for (const { leg, bridgeId, ear } of found) {
      this.#legs.set(leg.id, leg);
      this.#isMuted.set(leg.id, undefined);
      this.#wanted.set(leg.id, this.#seatIn(bridgeId, ear));
      if (bridgeId !== undefined) this.#in.set(leg.id, bridgeId);
    }
  }

  #seatIn(bridgeId: string | undefined, ear: Ear | undefined): Seat {
    if (ear !== undefined) return ear.does === 'listens' ? { listensTo: ear.at } : { whispersTo: ear.at };
    if (bridgeId === this.#aside) return 'aside';
    return bridgeId === undefined || bridgeId === this.#main ? 'with-caller' : 'apart';
  }

  /** A leg that is to be; {@link enter} when its channel is there. */
  expect(leg: SeatedLeg, seat: Seat): void {
    this.#legs.set(leg.id, leg);
    this.#wanted.set(leg.id, seat);
    this.#isMuted.set(leg.id, false);
  }

  /** Puts a leg's channel where it belongs; rejects when nobody wants it any more. */
  async enter(leg: SeatedLeg, isWanted: () => boolean): Promise<void> {
    const bridgeId = this.#bridgeOf(leg.id);
    await this.#make(bridgeId);
    if (!(await this.#add(leg, bridgeId, isWanted))) throw new Error('the call’s bridge is gone');
    this.#in.set(leg.id, bridgeId);
    void this.settle();
  }

  async seat({ legs, meanwhile, muted }: Seating): Promise<void> {
    for (const [id, seat] of Object.entries(legs)) if (this.#legs.has(id)) this.#wanted.set(id, seat);
    this.#meanwhile = meanwhile;
    this.#muted = new Set(muted);
    await this.settle();
  }

  /** A leg is gone. */
  async left(leg: SeatedLeg): Promise<void> {
    // Its ringing took the place of the caller's music, and would go on.
    if (!leg.isAnswered && this.#in.get(leg.id) === this.#main) this.#disturbed();
    for (const known of [this.#legs, this.#wanted, this.#in, this.#isMuted]) known.delete(leg.id);
    await this.#ears.take(leg.id);
    const own = ownBridgeId(this.#place.app, this.#place.callerId, leg.id);
    const made = this.#bridges.get(own);
    this.#bridges.delete(own);
    if (made !== undefined) await this.#destroy(own, made);
    await this.settle();
  }

  /** A prompt begins: it puts an end to music and ringing. */
  prompted(): void {
    this.#disturbed();
    void this.settle();
  }

  /** What the caller hears alone may have been ended, or not: it is commanded anew, whatever it is to be. */
  #disturbed(): void {
    if (this.#meanwhile !== undefined) this.#sound.unknown();
  }

  /** Nothing is made any more; what is there stays. */
  letGo(): void {
    for (const ringback of this.#ringbacks.values()) ringback.letGo();
  }

  /** Takes away everything but the legs' own channels. */
  async clear(): Promise<void> {
    this.letGo();
    await this.#ears.clear();
    await Promise.all([...this.#bridges].map(([bridgeId, made]) => this.#destroy(bridgeId, made)));
  }

  async #destroy(bridgeId: string, made: Promise<unknown>): Promise<void> {
    await made.catch(() => undefined); // or it would be made after its end
    await this.#link.clearUp('bridges.destroy', { bridgeId });
  }

  /** Makes it so. Resolves when it is; what is asked meanwhile is made too. */
  settle(): Promise<void> {
    this.#isStale = true;
    this.#settling ??= this.#settleAll();
    return this.#settling;
  }

  async #settleAll(): Promise<void> {
    let failed = 0;
    while (this.#isStale && this.#place.isHere()) {
      this.#isStale = false;
      try {
        await this.#makeSo();
      } catch (error) {
        const again = REPEAT_MS[failed];
        failed += 1;
        this.#fault(error, again);
        if (again === undefined) break;
        await delay(again);
        this.#isStale = true;
      }
    }
    this.#settling = undefined;
  }

  /** @param again when it is tried once more, in milliseconds; undefined: not. */
  #fault(error: unknown, again: number | undefined): void {
    const reason = error instanceof Error ? error.message : String(error);
    const of = { channelId: this.#place.callerId, reason };
    if (again !== undefined)
      this.#link.log.warn(of, `who hears whom could not be made so; trying again in ${again} ms`);
    else this.#link.log.error(of, 'who hears whom could not be made so: somebody may hear nobody');
  }

  /** Sound before silence: what the caller hears alone begins before the others leave, and is over before they come. */
  async #makeSo(): Promise<void> {
    await Promise.all([this.#soundSo(), this.#ringNow()]);
    const placed = [...this.#legs.values()].filter(({ id, isEnded }) => this.#in.has(id) && !isEnded);
    await Promise.all([...placed.map((leg) => this.#move(leg)), ...this.#mutes(placed)]);
    await Promise.all(placed.map((leg) => this.#listen(leg)));
  }

  #with(bridgeId: string): readonly SeatedLeg[] {
    return [...this.#legs.values()].filter(({ id, isEnded }) => !isEnded && this.#bridgeOf(id) === bridgeId);
  }

  /** Nothing is touched before somebody has said what is to be heard: after a take-over the music of before goes on. */
  async #soundSo(): Promise<void> {
    if (this.#meanwhile !== undefined) await this.#sound.become(this.#soundNow(this.#meanwhile));
  }

  #soundNow(meanwhile: Seating['meanwhile']): Sound {
    if (this.#place.isPrompting()) return 'none';
    const legs = this.#with(this.#main);
    const isHeard = legs.some(({ isAnswered, isQueue }) => isAnswered || isQueue) || legs.length > 1;
    return isHeard ? 'none' : meanwhile;
  }

  /** Somebody waits while several phones ring. */
  async #ringNow(): Promise<void> {
    for (const [bridgeId, ringback] of this.#ringbacks) {
      const legs = this.#with(bridgeId);
      const ringing = legs.filter(({ isAnswered }) => !isAnswered);
      const waiting = legs.length - ringing.length + (bridgeId === this.#main ? 1 : 0);
      const isPrompting = bridgeId === this.#main && this.#place.isPrompting();
      const isBell = ringing.length > 1 && waiting === 1 && !isPrompting && ringing.every(({ isQueue }) => !isQueue);
      if (isBell) ringback.start();
      else await ringback.stop();
    }
  }

  /** The bridge a leg is to be in. */
  #bridgeOf(leg: string): string {
    const seat = this.#wanted.get(leg);
    if (seat === 'with-caller' || seat === undefined) return this.#main;
    return seat === 'aside' ? this.#aside : ownBridgeId(this.#place.app, this.#place.callerId, leg);
  }

  async #move(leg: SeatedLeg): Promise<void> {
    const bridgeId = this.#bridgeOf(leg.id);
    if (this.#in.get(leg.id) === bridgeId) return;
    await this.#make(bridgeId);
    if (await this.#add(leg, bridgeId, () => this.#place.isHere() && !leg.isEnded)) this.#in.set(leg.id, bridgeId);
  }

  /** The caller's network is not told who the agent is, and nobody hears the keys of a phone. */
  #add({ channelId }: SeatedLeg, bridgeId: string, isWanted: () => boolean): Promise<boolean> {
    const joining = { bridgeId, channel: channelId, inhibitConnectedLineUpdates: true, absorbDTMF: true };
    return this.#link.insist('bridges.addChannel', joining, isWanted);
  }

  #make(bridgeId: string): Promise<unknown> {
    const made = this.#bridges.get(bridgeId);
    if (made !== undefined) return made;
    const making = { bridgeId, type: BRIDGE_TYPE, name: this.#place.callName };
    const now = this.#link.insist('bridges.createWithId', making, this.#place.isHere);
    this.#bridges.set(bridgeId, now);
    now.catch(() => this.#bridges.delete(bridgeId)); // to be made the next time
    return now;
  }

  #mutes(placed: readonly SeatedLeg[]): readonly Promise<void>[] {
    const parties = [...placed, { id: CALLER, channelId: this.#place.callerId }];
    return parties.map(async ({ id, channelId }) => {
      const isWanted = this.#muted.has(id);
      const isNow = this.#isMuted.has(id) ? this.#isMuted.get(id) : false;
      if (isNow === isWanted || (isNow === undefined && this.#meanwhile === undefined)) return;
      this.#isMuted.set(id, undefined); // until it is done
      const operation = isWanted ? 'channels.mute' : 'channels.unmute';
      await this.#link.insist(operation, { channelId, direction: 'in' }, this.#place.isHere);
      this.#isMuted.set(id, isWanted);
    });
  }

  async #listen(leg: SeatedLeg): Promise<void> {
    const seat = this.#wanted.get(leg.id);
    if (typeof seat !== 'object') return this.#ears.take(leg.id);
    const ear: Ear =
      'listensTo' in seat
        ? { leg: leg.id, does: 'listens', at: seat.listensTo }
        : { leg: leg.id, does: 'whispers', at: seat.whispersTo };
    const other = this.#legs.get(ear.at);
    if (other === undefined || other === leg || !this.#in.has(other.id)) return this.#ears.take(leg.id);
    await this.#ears.give(ear, other.channelId, this.#bridgeOf(leg.id));
  }
}
