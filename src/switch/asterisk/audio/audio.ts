/**
 * Who hears whom on a call. Those who are with the caller share the call's bridge, those aside another, and everybody else has a
 * bridge of their own. Each time we compare what is with what is wanted and command the difference. So it does not matter
 * what was done before, nor in what state a former controller left the call.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioPlan, AudioRole } from '../../port.ts';
import type { AriLink } from '../ari/link.ts';
import { playbackIdOf, type Snoop } from '../ids.ts';
import { type AudioPlace, CallBridges } from './bridges.ts';
import { Snoops } from './snoops.ts';
import { CallerSound, Ringback, type Sound } from './wait-tone.ts';

/** Waits, in milliseconds, before a refused change is tried again: the PBX may accept it a moment later. */
const REPEAT_MS = [100, 300, 1_000];

/** The caller's name among the muted. */
const CALLER = 'caller';

/** What we need to know of a leg. */
export interface AudioLeg {
  readonly id: string;
  readonly channelId: string;
  readonly isAnswered: boolean;
  readonly isEnded: boolean;
  /** It stands in a queue, which brings its own sound until an agent answers. */
  readonly isQueue: boolean;
}

/** A leg, and where a former controller left it. */
interface Adopted {
  readonly leg: AudioLeg;
  readonly found: { readonly bridgeId: string | undefined; readonly snoop: Snoop | undefined; readonly state: string };
}

export class CallAudio {
  readonly #link: AriLink;
  readonly #place: AudioPlace;
  /** A prompt is said to the caller. */
  readonly #isPrompting: () => boolean;
  readonly #legs = new Map<string, AudioLeg>();
  readonly #wanted = new Map<string, AudioRole>();
  readonly #bridges: CallBridges;
  readonly #snoops: Snoops;
  readonly #sound: CallerSound;
  readonly #ringbacks: ReadonlyMap<string, Ringback>;
  /** Undefined until the first plan: until then a caller hears what the phones and queues let the caller hear. */
  #waitTone: AudioPlan['waitTone'] | undefined;
  #muted: ReadonlySet<string> = new Set();
  /** As last commanded; undefined: not known, because a former controller commanded it. */
  readonly #isMuted = new Map<string, boolean | undefined>();
  #settling: Promise<void> | undefined;
  #isStale = false;

  constructor(link: AriLink, place: AudioPlace, isPrompting: () => boolean) {
    this.#link = link;
    this.#place = place;
    this.#isPrompting = isPrompting;
    const { app, callerId, isHere } = place;
    this.#bridges = new CallBridges(link, place);
    this.#snoops = new Snoops(link, place);
    this.#sound = new CallerSound(link, callerId, isHere);
    const bell = (bridgeId: string, name: string): [string, Ringback] => {
      const playbackIds = [playbackIdOf(app, callerId, `${name}-1`), playbackIdOf(app, callerId, `${name}-2`)] as const;
      return [bridgeId, new Ringback(link, bridgeId, playbackIds)];
    };
    this.#ringbacks = new Map([bell(this.#bridges.main, 'ringing'), bell(this.#bridges.aside, 'ringing-aside')]);
  }

  /** Puts the caller into the bridge where legs join. */
  async enterCaller(): Promise<void> {
    await this.#bridges.enterCaller();
  }

  /** What a former controller left. */
  adopt(adopted: readonly Adopted[], bridges: readonly string[]): void {
    for (const bridgeId of bridges) {
      this.#bridges.adopt(bridgeId);
      this.#ringbacks.get(bridgeId)?.adopt();
    }
    this.#snoops.adopt(adopted.flatMap(({ found }) => found.snoop ?? []));
    this.#isMuted.set(CALLER, undefined);
    // If somebody is there it is over. That phone's music on hold is not ours to end.
    const isWithCaller = ({ found }: Adopted) => found.state === 'Up' && found.bridgeId === this.#bridges.main;
    if (!adopted.some(isWithCaller)) this.#sound.unknown();
    for (const { leg, found } of adopted) {
      this.#legs.set(leg.id, leg);
      this.#isMuted.set(leg.id, undefined);
      this.#wanted.set(leg.id, this.#seatIn(found.bridgeId, found.snoop));
      if (found.bridgeId !== undefined) this.#bridges.adoptLeg(leg.id, found.bridgeId);
    }
  }

  #seatIn(bridgeId: string | undefined, snoop: Snoop | undefined): AudioRole {
    if (snoop !== undefined) return snoop.does === 'listens' ? { listensTo: snoop.at } : { whispersTo: snoop.at };
    if (bridgeId === this.#bridges.aside) return 'aside';
    return bridgeId === undefined || bridgeId === this.#bridges.main ? 'with-caller' : 'apart';
  }

  /** A leg is going to be created; {@link enter} when its channel is there. */
  expect(leg: AudioLeg, seat: AudioRole): void {
    this.#legs.set(leg.id, leg);
    this.#wanted.set(leg.id, seat);
    this.#isMuted.set(leg.id, false);
  }

  /** Adds a leg's channel to the bridge where it belongs; rejects when nobody wants it any more. */
  async enter(leg: AudioLeg, isWanted: () => boolean): Promise<void> {
    const isIn = await this.#bridges.enter(leg, this.#bridgeOf(leg.id), isWanted);
    if (!isIn) throw new Error('the call’s bridge is gone');
    void this.settle();
  }

  async seat({ legs, waitTone, muted }: AudioPlan): Promise<void> {
    for (const [id, seat] of Object.entries(legs)) if (this.#legs.has(id)) this.#wanted.set(id, seat);
    this.#waitTone = waitTone;
    this.#muted = new Set(muted);
    await this.settle();
  }

  /** A leg is gone. */
  async left(leg: AudioLeg): Promise<void> {
    // Its ringing replaced the caller's music, and would go on.
    if (!leg.isAnswered && this.#bridges.of(leg.id) === this.#bridges.main) this.#disturbed();
    for (const known of [this.#legs, this.#wanted, this.#isMuted]) known.delete(leg.id);
    await this.#snoops.take(leg.id);
    await this.#bridges.left(leg.id);
    await this.settle();
  }

  /** A prompt begins: it ends music and ringing. */
  prompted(): void {
    this.#disturbed();
    void this.settle();
  }

  /** The caller's music or ringing may have ended: it is commanded again, whatever it is to be. */
  #disturbed(): void {
    if (this.#waitTone !== undefined) this.#sound.unknown();
  }

  /** Another controller has the call: no more ringing, and everything stays as it is. */
  letGo(): void {
    for (const ringback of this.#ringbacks.values()) ringback.letGo();
  }

  /** Removes everything but the legs' channels. */
  async clear(): Promise<void> {
    this.letGo();
    await this.#snoops.clear();
    await this.#bridges.clear();
  }

  /** Brings the PBX to what is wanted. Resolves when it is there, changes asked for meanwhile included. */
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

  /** @param again milliseconds until the next try; undefined: there is none. */
  #fault(error: unknown, again: number | undefined): void {
    const reason = error instanceof Error ? error.message : String(error);
    const of = { channelId: this.#place.callerId, reason };
    if (again !== undefined)
      this.#link.log.warn(of, `who hears whom could not be made so; trying again in ${again} ms`);
    else this.#link.log.error(of, 'who hears whom could not be made so: somebody may hear nobody');
  }

  /** Sound comes first: the caller's music begins before the others leave, and ends before they come. */
  async #makeSo(): Promise<void> {
    await Promise.all([this.#soundSo(), this.#ringNow()]);
    const placed = [...this.#legs.values()].filter(({ id, isEnded }) => this.#bridges.of(id) !== undefined && !isEnded);
    await Promise.all([...placed.map((leg) => this.#move(leg)), ...this.#mutes(placed)]);
    await Promise.all(placed.map((leg) => this.#listen(leg)));
  }

  #with(bridgeId: string): readonly AudioLeg[] {
    return [...this.#legs.values()].filter(({ id, isEnded }) => !isEnded && this.#bridgeOf(id) === bridgeId);
  }

  /** Nothing is changed before the first plan: in an adopted call the music goes on. */
  async #soundSo(): Promise<void> {
    if (this.#waitTone !== undefined) await this.#sound.become(this.#soundNow(this.#waitTone));
  }

  #soundNow(waitTone: AudioPlan['waitTone']): Sound {
    if (this.#isPrompting()) return 'none';
    const legs = this.#with(this.#bridges.main);
    const isHeard = legs.some(({ isAnswered, isQueue }) => isAnswered || isQueue) || legs.length > 1;
    return isHeard ? 'none' : waitTone;
  }

  /** Rings where one party waits while several phones ring. */
  async #ringNow(): Promise<void> {
    for (const [bridgeId, ringback] of this.#ringbacks) {
      const legs = this.#with(bridgeId);
      const ringing = legs.filter(({ isAnswered }) => !isAnswered);
      const waiting = legs.length - ringing.length + (bridgeId === this.#bridges.main ? 1 : 0);
      const isPrompting = bridgeId === this.#bridges.main && this.#isPrompting();
      const isBell = ringing.length > 1 && waiting === 1 && !isPrompting && ringing.every(({ isQueue }) => !isQueue);
      if (isBell) ringback.start();
      else await ringback.stop();
    }
  }

  /** The bridge a leg is to be in. */
  #bridgeOf(leg: string): string {
    const seat = this.#wanted.get(leg);
    if (seat === 'with-caller' || seat === undefined) return this.#bridges.main;
    return seat === 'aside' ? this.#bridges.aside : this.#bridges.ownOf(leg);
  }

  async #move(leg: AudioLeg): Promise<void> {
    const bridgeId = this.#bridgeOf(leg.id);
    if (this.#bridges.of(leg.id) === bridgeId) return;
    await this.#bridges.enter(leg, bridgeId, () => this.#place.isHere() && !leg.isEnded);
  }

  #mutes(placed: readonly AudioLeg[]): readonly Promise<void>[] {
    const parties = [...placed, { id: CALLER, channelId: this.#place.callerId }];
    return parties.map(async ({ id, channelId }) => {
      const isWanted = this.#muted.has(id);
      const isNow = this.#isMuted.has(id) ? this.#isMuted.get(id) : false;
      if (isNow === isWanted || (isNow === undefined && this.#waitTone === undefined)) return;
      this.#isMuted.set(id, undefined); // until it is done
      const operation = isWanted ? 'channels.mute' : 'channels.unmute';
      await this.#link.insist(operation, { channelId, direction: 'in' }, this.#place.isHere);
      this.#isMuted.set(id, isWanted);
    });
  }

  async #listen(leg: AudioLeg): Promise<void> {
    const seat = this.#wanted.get(leg.id);
    if (typeof seat !== 'object') return this.#snoops.take(leg.id);
    const snoop: Snoop =
      'listensTo' in seat
        ? { leg: leg.id, does: 'listens', at: seat.listensTo }
        : { leg: leg.id, does: 'whispers', at: seat.whispersTo };
    const other = this.#legs.get(snoop.at);
    if (other === undefined || other === leg || this.#bridges.of(other.id) === undefined)
      return this.#snoops.take(leg.id);
    await this.#snoops.give(snoop, other.channelId, this.#bridgeOf(leg.id));
  }
}
