/** The caller's channel, in a bridge of its own where every leg joins it. */
import {
  type Arrival,
  type Call,
  CallerGone,
  type HangupCause,
  type Leg,
  type LegTarget,
  type Playback,
  type Presentation,
} from '../port.ts';
import { Q850 } from './causes.ts';
import type { AriChannel, AriEvent } from './client.ts';
import { callerIdAll, dialling } from './dial.ts';
import { bridgeIdOf, legChannelId, playbackIdOf } from './ids.ts';
import { AsteriskLeg } from './leg.ts';
import type { AriLink } from './link.ts';
import { AsteriskPlayback } from './playback.ts';

/** Keeps playbacks and RTP passing through Asterisk: with native RTP one direction goes deaf after a playback. */
const BRIDGE_TYPE = 'mixing,proxy_media';

export const MEMORY_VARIABLE = 'HOTLINE_MEMORY';

export interface CallPlace {
  readonly switchName: string;
  readonly app: string;
  readonly channel: AriChannel;
  readonly mediaOf: (prompts: readonly string[]) => readonly string[];
}

export class AsteriskCall implements Call {
  readonly id: string;
  readonly arrival: Arrival;
  readonly channelId: string;
  readonly #link: AriLink;
  readonly #place: CallPlace;
  readonly #gone = new AbortController();
  readonly #legs = new Map<string, AsteriskLeg>();
  readonly #found: AsteriskLeg[] = [];
  #presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  #bridged: Promise<unknown> | undefined;
  /** The memory to write; undefined when all is written. */
  #memory: string | undefined;

  constructor(link: AriLink, place: CallPlace) {
    const { id, caller, dialplan } = place.channel;
    this.channelId = id;
    this.id = `${place.switchName}-${id}`;
    // app_data: the application, `arrived`, and the trunk, as dialplan/asterisk/hotline.conf hands them over
    const trunk = dialplan.app_data?.split(',')[2] ?? '';
    this.arrival = { dialled: dialplan.exten, caller: caller.number || null, trunk: trunk || null };
    this.#link = link;
    this.#place = place;
    link.listen('channel', id, (event) => this.#onEvent(event));
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get foundLegs(): readonly Leg[] {
    return this.#found;
  }

  /** What a former controller left: the caller is in the bridge, and these legs live. */
  takeOver(inBridge: boolean, legs: readonly { id: string; state: string }[]): void {
    if (inBridge) this.#bridged = Promise.resolve();
    for (const { id, state } of legs) {
      const leg = this.#leg(id);
      this.#found.push(leg);
      leg.resume(state);
    }
  }

  async answer(): Promise<void> {
    await this.#link.attempt('channels.answer', { channelId: this.channelId });
    await this.#inBridge();
  }

  /** The caller's own caller-id is what every leg is shown by the bridge, so it is set there, once. */
  async present(presentation: Presentation): Promise<void> {
    this.#presentation = presentation;
    await this.#setVariable('CALLERID(all)', callerIdAll(presentation));
    if (presentation.number === null) await this.#setVariable('CALLERID(pres)', 'allowed'); // or the name is hidden too
  }

  remember(memory: string): void {
    const isWriting = this.#memory !== undefined;
    this.#memory = memory;
    if (!isWriting) void this.#writeMemory();
  }

  async #writeMemory(): Promise<void> {
    for (let written: string | undefined; written !== this.#memory && !this.signal.aborted; ) {
      written = this.#memory;
      const variable = { channelId: this.channelId, variable: MEMORY_VARIABLE, value: written };
      await this.#link.clearUp('channels.setChannelVar', variable);
    }
    this.#memory = undefined;
  }

  play(id: string, prompts: readonly string[], resume = false): Playback {
    const playbackId = playbackIdOf(this.#place.app, this.channelId, id);
    const media = this.#place.mediaOf(prompts);
    const after = this.#inBridge();
    return new AsteriskPlayback(this.#link, { id: playbackId, channelId: this.channelId, media, resume, after });
  }

  dial(id: string, target: LegTarget): Leg {
    const leg = this.#leg(id);
    const channelId = legChannelId(this.#place.app, this.channelId, id);
    void leg.dial(dialling(target, this.#presentation, this.id, channelId), this.#inBridge());
    return leg;
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    await this.#link.clearUp('channels.hangup', { channelId: this.channelId, reason_code: String(Q850[cause]) });
  }

  async release(): Promise<void> {
    await this.#hangupLegs();
    const fallback = { context: 'hotline-fallback', extension: this.arrival.dialled, priority: 1 };
    await this.#link.clearUp('channels.continueInDialplan', { channelId: this.channelId, ...fallback });
  }

  #leg(id: string): AsteriskLeg {
    const { app, mediaOf } = this.#place;
    const channelId = legChannelId(app, this.channelId, id);
    const leg = new AsteriskLeg(this.#link, { id, channelId, bridgeId: bridgeIdOf(app, this.channelId), app, mediaOf });
    this.#legs.set(id, leg);
    void leg.ended.then(() => this.#legs.delete(id));
    return leg;
  }

  #inBridge(): Promise<unknown> {
    this.#bridged ??= this.#enterBridge();
    return this.#bridged;
  }

  async #enterBridge(): Promise<void> {
    const bridgeId = bridgeIdOf(this.#place.app, this.channelId);
    await this.#link.attempt('bridges.createWithId', { bridgeId, type: BRIDGE_TYPE, name: this.id });
    await this.#link.attempt('bridges.addChannel', { bridgeId, channel: this.channelId });
  }

  async #setVariable(variable: string, value: string): Promise<void> {
    await this.#link.attempt('channels.setChannelVar', { channelId: this.channelId, variable, value });
  }

  #onEvent(event: AriEvent): void {
    if (event.type === 'StasisEnd' || event.type === 'ChannelDestroyed') void this.#end(event.cause ?? 0);
  }

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  async #end(q850: number): Promise<void> {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort(new CallerGone(q850));
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.ended)); // deleting a bridge under a hang-up can change its cause
    if (this.#bridged === undefined) return;
    await this.#link.clearUp('bridges.destroy', { bridgeId: bridgeIdOf(this.#place.app, this.channelId) });
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }
}
