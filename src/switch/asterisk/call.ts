/** The caller's channel, in a bridge of its own where every leg joins it. */
import {
  type Arrival,
  type Call,
  CallerGone,
  CallLetGo,
  type HangupCause,
  type Leg,
  type LegTarget,
  type Playback,
  type Presentation,
  type Recording,
} from '../port.ts';
import { Q850 } from './causes.ts';
import type { AriChannel, AriEvent } from './client.ts';
import { dialling } from './dial.ts';
import { bridgeIdOf, legChannelId, playbackIdOf } from './ids.ts';
import { AsteriskLeg, type FoundLeg } from './leg.ts';
import type { AriLink } from './link.ts';
import { AsteriskPlayback } from './playback.ts';
import { BridgeRecordings } from './recording.ts';

/** Keeps playbacks and RTP passing through Asterisk: with native RTP one direction goes deaf after a playback. */
const BRIDGE_TYPE = 'mixing,proxy_media';

const ENDS = new Set(['ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed']);

export const MEMORY_VARIABLE = 'HOTLINE_MEMORY';

export interface CallPlace {
  readonly switchName: string;
  readonly app: string;
  readonly channel: AriChannel;
  readonly mediaOf: (prompts: readonly string[]) => readonly string[];
  /** Below Asterisk's own folder of recordings. */
  readonly recordingsDir: string;
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
  readonly #recordings: BridgeRecordings;
  #presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  /** Settles when nothing of the call is left on the PBX, or when it is not ours to clear any more. */
  readonly #cleared = Promise.withResolvers<void>();
  readonly #isHere = (): boolean => !this.#gone.signal.aborted;
  #bridged: Promise<unknown> | undefined;
  #memory: string | undefined;
  #writing: Promise<void> | undefined;
  #playback: AsteriskPlayback | undefined;

  constructor(link: AriLink, place: CallPlace) {
    const { id, caller, dialplan } = place.channel;
    this.channelId = id;
    this.id = `${place.switchName}-${id}`;
    // app_data: the application, `arrived`, and the trunk, as dialplan/asterisk/hotline.conf hands them over
    const trunk = dialplan.app_data?.split(',')[2] ?? '';
    this.arrival = { dialled: dialplan.exten, caller: caller.number || null, trunk: trunk || null };
    this.#link = link;
    this.#place = place;
    this.#recordings = new BridgeRecordings(link, bridgeIdOf(place.app, id), place.recordingsDir);
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
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

  /** What a former controller left: the caller is in the bridge, and these legs live. */
  takeOver(inBridge: boolean, legs: readonly FoundLeg[]): void {
    if (inBridge) this.#bridged = Promise.resolve();
    for (const found of legs) {
      const leg = this.#leg(found.id);
      this.#found.push(leg);
      void leg.resume(found);
    }
  }

  async answer(): Promise<void> {
    await this.#link.insist('channels.answer', { channelId: this.channelId }, this.#isHere);
    await this.#inBridge();
  }

  present(presentation: Presentation): void {
    this.#presentation = presentation;
  }

  remember(memory: string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#writeMemory();
    return this.#writing;
  }

  /** Not under a playback: Asterisk would let the write, and a thread of its HTTP server, wait for the sound's end. */
  async #writeMemory(): Promise<void> {
    for (let written: string | undefined; written !== this.#memory && !this.signal.aborted; ) {
      await this.#playback?.ended;
      written = this.#memory;
      const variable = { channelId: this.channelId, variable: MEMORY_VARIABLE, value: written };
      await this.#link.clearUp('channels.setChannelVar', variable, this.#isHere);
    }
    this.#writing = undefined;
  }

  play(id: string, prompts: readonly string[], resume = false): Playback {
    const playbackId = playbackIdOf(this.#place.app, this.channelId, id);
    const media = this.#place.mediaOf(prompts);
    const after = this.#inBridge();
    const playback = new AsteriskPlayback(this.#link, {
      id: playbackId,
      channelId: this.channelId,
      media,
      resume,
      after,
    });
    void playback.ended.then(() => {
      if (this.#playback === playback) this.#playback = undefined;
    });
    this.#playback = playback;
    return playback;
  }

  dial(id: string, target: LegTarget): Leg {
    const leg = this.#leg(id);
    const channelId = legChannelId(this.#place.app, this.channelId, id);
    void leg.dial(dialling(target, this.#presentation, this.id, channelId), this.#inBridge());
    return leg;
  }

  record(name: string, resume = false): Recording {
    return this.#recordings.record(name, resume, this.#inBridge());
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    const how = { channelId: this.channelId, reason_code: String(Q850[cause]) };
    await this.#link.clearUp('channels.hangup', how, this.#isHere);
    await this.#cleared.promise;
  }

  async release(): Promise<void> {
    await this.#hangupLegs();
    const fallback = { context: 'hotline-fallback', extension: this.arrival.dialled, priority: 1 };
    await this.#link.clearUp('channels.continueInDialplan', { channelId: this.channelId, ...fallback }, this.#isHere);
    await this.#cleared.promise;
  }

  #leg(id: string): AsteriskLeg {
    const { app, mediaOf } = this.#place;
    const channelId = legChannelId(app, this.channelId, id);
    const bridgeId = bridgeIdOf(app, this.channelId);
    const place = { id, channelId, bridgeId, callerId: this.channelId, app, mediaOf };
    const leg = new AsteriskLeg(this.#link, place);
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
    await this.#link.insist('bridges.createWithId', { bridgeId, type: BRIDGE_TYPE, name: this.id }, this.#isHere);
    await this.#link.insist('bridges.addChannel', { bridgeId, channel: this.channelId }, this.#isHere);
  }

  /** The hang-up request comes first and brings the cause; without one the channel was taken away, by an operator say. */
  #onEvent(event: AriEvent): void {
    if (ENDS.has(event.type)) void this.#end(new CallerGone(event.cause ?? 0));
  }

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  async #end(reason: CallerGone): Promise<void> {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort(reason);
    this.#playback?.gone();
    this.#recordings.gone();
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.ended)); // deleting a bridge under a hang-up can change its cause
    if (this.#bridged !== undefined) {
      await this.#link.clearUp('bridges.destroy', { bridgeId: bridgeIdOf(this.#place.app, this.channelId) });
    }
    this.#cleared.resolve();
  }

  #letGo(): void {
    this.#gone.abort(new CallLetGo());
    this.#cleared.resolve();
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }
}
