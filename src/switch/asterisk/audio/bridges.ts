/**
 * The bridges of one call: one for the caller and everybody who is with the caller, one for those aside, one for each leg that
 * is alone. A channel is added to a bridge before it is dialled, so it is answered in its place with nobody in control.
 */
import type { AriLink } from '../ari/link.ts';
import { asideBridgeId, bridgeIdOf, ownBridgeId } from '../ids.ts';

/** Keeps playbacks and RTP passing through Asterisk: with native RTP one direction goes deaf after a playback. */
const BRIDGE_TYPE = 'mixing,proxy_media';

export interface AudioPlace {
  readonly app: string;
  readonly callerId: string;
  /** Name of the bridges, for whoever looks at the PBX. */
  readonly callName: string;
  /** The caller is still here, and ours. */
  readonly isHere: () => boolean;
}

/** A leg's channel, and the leg. */
interface Entering {
  readonly id: string;
  readonly channelId: string;
}

export class CallBridges {
  /** Id of the caller's bridge. */
  readonly main: string;
  readonly aside: string;
  readonly #link: AriLink;
  readonly #place: AudioPlace;
  readonly #made = new Map<string, Promise<unknown>>();
  /** The bridge each leg is in. */
  readonly #in = new Map<string, string>();

  constructor(link: AriLink, place: AudioPlace) {
    this.#link = link;
    this.#place = place;
    this.main = bridgeIdOf(place.app, place.callerId);
    this.aside = asideBridgeId(place.app, place.callerId);
  }

  ownOf(leg: string): string {
    return ownBridgeId(this.#place.app, this.#place.callerId, leg);
  }

  /** The bridge a leg is in; undefined: in none yet. */
  of(leg: string): string | undefined {
    return this.#in.get(leg);
  }

  /** A former controller made it. */
  adopt(bridgeId: string): void {
    this.#made.set(bridgeId, Promise.resolve());
  }

  /** A former controller put the leg there. */
  adoptLeg(leg: string, bridgeId: string): void {
    this.#in.set(leg, bridgeId);
  }

  async enterCaller(): Promise<void> {
    await this.#make(this.main);
    const { callerId, isHere } = this.#place;
    await this.#link.insist('bridges.addChannel', { bridgeId: this.main, channel: callerId }, isHere);
  }

  /**
   * False when the bridge or the channel is gone. The caller's network is not told who the agent is, and nobody hears the
   * keys of a phone.
   */
  async enter({ id, channelId }: Entering, bridgeId: string, isWanted: () => boolean): Promise<boolean> {
    await this.#make(bridgeId);
    const joining = { bridgeId, channel: channelId, inhibitConnectedLineUpdates: true, absorbDTMF: true };
    const isIn = await this.#link.insist('bridges.addChannel', joining, isWanted);
    if (isIn) this.#in.set(id, bridgeId);
    return isIn;
  }

  /** The leg is gone; so is the bridge of its own. */
  async left(leg: string): Promise<void> {
    this.#in.delete(leg);
    const own = this.ownOf(leg);
    const made = this.#made.get(own);
    this.#made.delete(own);
    if (made !== undefined) await this.#destroy(own, made);
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#made].map(([bridgeId, made]) => this.#destroy(bridgeId, made)));
  }

  #make(bridgeId: string): Promise<unknown> {
    const made = this.#made.get(bridgeId);
    if (made !== undefined) return made;
    const making = { bridgeId, type: BRIDGE_TYPE, name: this.#place.callName };
    const now = this.#link.insist('bridges.createWithId', making, this.#place.isHere);
    this.#made.set(bridgeId, now);
    now.catch(() => this.#made.delete(bridgeId)); // to be made the next time
    return now;
  }

  async #destroy(bridgeId: string, made: Promise<unknown>): Promise<void> {
    await made.catch(() => undefined); // or it would be made after its end
    await this.#link.clearUp('bridges.destroy', { bridgeId });
  }
}
