/** A call: the caller's channel in a bridge of its own, which the legs join. */
import { PbxCall } from '../kit/call.ts';
import { Q850 } from '../kit/causes.ts';
import type { AudioPlan, AudioRole, HangupCause, Leg, LegTarget, PhoneCall, PhoneRequest, Playback } from '../port.ts';
import { type Call, CallerGone } from '../port.ts';
import type { AriChannel, AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import { CallAudio } from './audio/audio.ts';
import { ASK_US, dialling } from './dial.ts';
import { bridgeIdOf, legChannelId, MEMORY_VARIABLE, playbackIdOf, TAKEN_IN_VARIABLE, takenInValue } from './ids.ts';
import type { FoundCall } from './inventory.ts';
import { AsteriskLeg } from './leg.ts';
import { AsteriskPhoneCall } from './phone.ts';
import { AsteriskPlayback } from './playback.ts';
import { AsteriskRecording } from './recording.ts';
import { Requests } from './requests.ts';

const ENDS = new Set(['ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed']);

export interface CallPlace {
  readonly switchName: string;
  readonly app: string;
  readonly channel: AriChannel;
  readonly mediaOf: (prompts: readonly string[]) => readonly string[];
  /** Below Asterisk's own folder of recordings. */
  readonly recordingsDir: string;
}

export class AsteriskCall extends PbxCall<AriLink> implements Call {
  readonly #place: CallPlace;
  readonly #legs = new Map<string, AsteriskLeg>();
  readonly #found: AsteriskLeg[] = [];
  readonly #audio: CallAudio;
  readonly #requests: Requests;
  #playback: AsteriskPlayback | undefined;
  #bridged: Promise<unknown> | undefined;
  #memory: string | undefined;
  #writing: Promise<void> | undefined;

  constructor(link: AriLink, place: CallPlace) {
    const { id, caller, dialplan } = place.channel;
    // app_data: the application, `arrived`, and the trunk, as dialplan/asterisk/hotline.conf hands them over
    const trunk = dialplan.app_data?.split(',')[2] ?? '';
    const arrival = { dialled: dialplan.exten, caller: caller.number || null, trunk: trunk || null };
    super(link, place.switchName, id, arrival);
    this.#place = place;
    const audio = { app: place.app, callerId: id, callName: this.id, isHere: this.isHere };
    this.#audio = new CallAudio(link, audio, () => this.#playback !== undefined);
    this.#requests = new Requests(link, this.#legs);
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onMissing: (restarted) => void this.end(new CallerGone(0, restarted ? 'switch' : 'caller')),
      onLetGo: () => this.letGo(),
    });
  }

  get adoptedLegs(): readonly Leg[] {
    return this.#found;
  }

  /** What a former controller left: the caller is in the bridge, and these legs live. */
  adopt({ isBridged, legs, bridges }: FoundCall): void {
    if (isBridged) this.#bridged = Promise.resolve();
    const adopted = legs.map((found) => ({ found, leg: this.#leg(found.id, found.channelId) }));
    this.#found.push(...adopted.map(({ leg }) => leg));
    this.#audio.adopt(adopted, bridges);
    for (const { leg, found } of adopted) void leg.adopt(found);
  }

  async answer(): Promise<void> {
    await this.link.insist('channels.answer', { channelId: this.channelId }, this.isHere);
    await this.#inBridge();
  }

  writeCheckpoint(memory: string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#writeMemory();
    return this.#writing;
  }

  /** Not during a playback: the write, and a thread of Asterisk's HTTP server, would wait for its end. */
  async #writeMemory(): Promise<void> {
    for (let written: string | undefined; written !== this.#memory && !this.signal.aborted; ) {
      await this.#playback?.ended;
      written = this.#memory;
      const variable = { channelId: this.channelId, variable: MEMORY_VARIABLE, value: written };
      await this.link.clearUp('channels.setChannelVar', variable, this.isHere);
    }
    this.#writing = undefined;
  }

  play(id: string, prompts: readonly string[], adopt = false): Playback {
    const playbackId = playbackIdOf(this.#place.app, this.channelId, id);
    const media = this.#place.mediaOf(prompts);
    const after = this.#inBridge();
    const playback = new AsteriskPlayback(this.link, {
      id: playbackId,
      channelId: this.channelId,
      media,
      adopt,
      after,
    });
    void playback.ended.then(() => {
      if (this.#playback !== playback) return;
      this.#playback = undefined;
      void this.#audio.settle();
    });
    this.#playback = playback;
    this.#audio.prompted();
    return playback;
  }

  dial(id: string, target: LegTarget, seat: AudioRole = 'with-caller'): Leg {
    const channelId = legChannelId(this.#place.app, this.channelId, id);
    const leg = this.#leg(id, channelId);
    this.#audio.expect(leg, seat);
    void leg.dial(dialling(target, this.presentation, this.id, channelId), this.#inBridge());
    return leg;
  }

  takeIn(id: string, phone: PhoneCall, seat: AudioRole): Leg {
    if (!(phone instanceof AsteriskPhoneCall)) throw new TypeError('a call of another PBX');
    const leg = this.#leg(id, phone.channelId);
    this.#audio.expect(leg, seat);
    void leg.ended.then(() => phone.ended());
    void leg.takeIn(phone.endpoint, { [TAKEN_IN_VARIABLE]: takenInValue(this.channelId, id), ...ASK_US });
    return leg;
  }

  async setAudio(seating: AudioPlan): Promise<void> {
    await this.#inBridge();
    await this.#audio.seat(seating);
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#requests.onAsked(told);
  }

  /** After a gap in the events. */
  caughtUp(): void {
    this.#requests.refuseMissed();
  }

  record(name: string, adopt = false) {
    const { app, recordingsDir } = this.#place;
    const bridgeId = bridgeIdOf(app, this.channelId);
    const [file, after] = [`${recordingsDir}/${name}`, this.#inBridge()];
    return this.recordings.record(() => new AsteriskRecording(this.link, { name: file, bridgeId, adopt, after }));
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    const how = { channelId: this.channelId, reason_code: String(Q850[cause]) };
    await this.link.clearUp('channels.hangup', how, this.isHere);
    await this.cleared;
  }

  async release(): Promise<void> {
    await this.#hangupLegs();
    const fallback = { context: 'hotline-fallback', extension: this.arrival.dialled, priority: 1 };
    await this.link.clearUp('channels.continueInDialplan', { channelId: this.channelId, ...fallback }, this.isHere);
    await this.cleared;
  }

  #leg(id: string, channelId: string): AsteriskLeg {
    const { app, mediaOf } = this.#place;
    const [callerId, audio, requests] = [this.channelId, this.#audio, this.#requests];
    const leg = new AsteriskLeg(this.link, { id, channelId, callerId, app, mediaOf, audio, requests });
    this.#legs.set(id, leg);
    void leg.ended.then(() => {
      this.#legs.delete(id);
      if (!this.signal.aborted) void this.#audio.left(leg);
    });
    return leg;
  }

  #inBridge(): Promise<unknown> {
    this.#bridged ??= this.#audio.enterCaller();
    return this.#bridged;
  }

  /** The hang-up request comes first and brings the cause. Without one, somebody else took the channel, an operator say. */
  #onEvent(event: AriEvent): void {
    if (ENDS.has(event.type)) void this.end(new CallerGone(event.cause ?? 0));
  }

  protected async clear(): Promise<void> {
    this.#playback?.gone();
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.ended)); // deleting a bridge under a hang-up can change its cause
    await this.#audio.clear();
  }

  protected override letGo(): void {
    this.#audio.letGo();
    super.letGo();
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.drop()));
  }
}
