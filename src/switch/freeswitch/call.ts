/**
 * A call: the caller's channel and its legs. The dialplan's `socket` application keeps the caller with us until a leg takes
 * the caller; when that leg has ended, the dialplan brings the caller back, to us or to whichever controller is there then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { PbxCall } from '../kit/call.ts';
import type { AudioPlan, AudioRole, HangupCause, Leg, LegTarget, PhoneCall, PhoneRequest, Playback } from '../port.ts';
import { type Call, CallerGone } from '../port.ts';
import { CallAudio } from './audio/audio.ts';
import { CallerChannel, dialledOf, isInFallback } from './caller.ts';
import { CAUSE_NAMES, q850Of } from './causes.ts';
import { formatLegs, LEGS_VARIABLE } from './channel-variables.ts';
import { dialString } from './dial.ts';
import type { EslEvent, OutboundSocket } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { legChannelId } from './ids.ts';
import { type FoundLeg, isParked } from './inventory.ts';
import { FreeSwitchLeg } from './leg.ts';
import { FreeSwitchPhoneCall } from './phone.ts';
import { PLAYING_VARIABLE } from './playback.ts';
import { FreeSwitchRecording } from './recording.ts';
import { Requests } from './requests.ts';

/** An event of the hang-up of a channel that is no more comes within this time, if at all. */
const TOLD_WITHIN_MS = 500;

/** Reason of a call's abort signal: after a fault between us and the PBX, the dialplan has gone on to the fallback. */
export class CallLost extends Error {
  override readonly name = 'CallLost';
  constructor() {
    super('the dialplan has gone on with the call, to the fallback');
  }
}

export interface CallPlace {
  readonly switchName: string;
  /** The caller's channel as FreeSWITCH shows it. */
  readonly channel: EslEvent;
  readonly filesOf: (prompts: readonly string[]) => readonly string[];
  /** Host path on the PBX; undefined: nothing is recorded. */
  readonly recordingsDir: string | undefined;
}

export class FreeSwitchCall extends PbxCall<EslLink> implements Call {
  readonly #place: CallPlace;
  readonly #caller: CallerChannel;
  readonly #legs = new Map<string, FreeSwitchLeg>();
  readonly #adopted: FreeSwitchLeg[] = [];
  readonly #audio: CallAudio;
  readonly #requests: Requests;
  /** Reason of the end when the caller is found in the fallback. */
  #fallen: CallerGone | CallLost = new CallLost();

  constructor(link: EslLink, place: CallPlace) {
    const { channel, switchName } = place;
    const dialled = dialledOf(channel);
    const caller = channel['Caller-Caller-ID-Number'] || null;
    super(link, switchName, channel['Unique-ID'] ?? '', {
      dialled,
      caller,
      trunk: channel.variable_hotline_trunk || null,
    });
    this.#place = place;
    this.#caller = new CallerChannel(link, channel, this.signal);
    this.#audio = new CallAudio(link, this.#caller, this.#legs);
    this.#requests = new Requests(link, this.#legs, this.#audio);
    link.listen(this.channelId, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onFound: (found) => this.#onFound(found),
      onMissing: (restarted) => void this.end(new CallerGone(0, restarted ? 'switch' : 'caller')),
      onLetGo: () => this.letGo(),
    });
  }

  get adoptedLegs(): readonly Leg[] {
    return this.#adopted;
  }

  /** The dialplan has brought the caller's channel: new, or back from a leg. */
  hold(socket: OutboundSocket): void {
    this.#caller.session.take(socket);
    void socket.closed.then(() => this.#onSessionClosed());
    this.#audio.waits(this.channelId);
  }

  /** A channel of the call that a phone wants transferred: the caller's, a leg's, or the half of a leg in a queue. */
  refer(socket: OutboundSocket): void {
    if (socket.channel['Unique-ID'] === this.channelId) {
      this.#audio.hold(true);
      this.hold(socket);
    }
    this.#requests.refer(socket);
  }

  /** What a former controller left. @param legs that live. */
  adopt(legs: readonly FoundLeg[]): void {
    const { channel: caller } = this.#place;
    this.#audio.adopt(caller, legs);
    for (const { id, channel } of legs) {
      const leg = this.#leg(id, channel['Unique-ID']);
      this.#adopted.push(leg);
      const isNext = isParked(channel) && !this.#audio.isActive;
      this.#caller.adoptLeg(leg, caller.variable_signal_bond === leg.channelId, isNext);
      leg.adopt(channel);
    }
    if (!caller[`variable_${PLAYING_VARIABLE}`]) void this.#audio.ringAfterPrompt();
  }

  async answer(): Promise<void> {
    await this.#caller.answer();
  }

  writeCheckpoint(memory: string): Promise<void> {
    return this.#caller.remember(memory);
  }

  play(id: string, prompts: readonly string[], adopt = false): Playback {
    const playback = this.#caller.play(id, this.#place.filesOf(prompts), adopt);
    void playback.ended.then(() => {
      if (adopt || this.#audio.isActive) void this.#audio.ringAfterPrompt();
    });
    return playback;
  }

  dial(id: string, target: LegTarget, seat?: AudioRole): Leg {
    const leg = this.#leg(id);
    const isSeated = seat !== undefined || this.#audio.isActive;
    const route = isSeated ? this.#audio.invite(leg, seat ?? 'with-caller') : {};
    const { dialled } = this.arrival;
    const facts = { channelId: leg.channelId, callerId: this.channelId, callId: this.id, dialled, route };
    if (target.kind === 'seat') void this.#audio.ringAfterPrompt();
    const endpoint = target.kind === 'seat' ? target.endpoint : undefined;
    if (isSeated) void leg.ringing.then(() => this.#caller.ringAgain());
    void leg.dial(dialString(target, this.presentation, facts, this.link.queues), this.#noteLegs(), endpoint);
    return leg;
  }

  async setAudio(seating: AudioPlan): Promise<void> {
    await this.#audio.seat(seating);
  }

  takeIn(id: string, phone: PhoneCall, seat: AudioRole): Leg {
    if (!(phone instanceof FreeSwitchPhoneCall)) throw new TypeError('a call of another switch');
    const leg = this.#leg(id, phone.channelId);
    const route = this.#audio.invite(leg, seat);
    const taken = this.#noteLegs().then(() => phone.take({ callerId: this.channelId, route }));
    void leg.takeIn(phone.endpoint, taken);
    return leg;
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#requests.onAsked(told);
  }

  record(name: string, adopt = false) {
    const [{ recordingsDir }, { channelId }] = [this.#place, this];
    const request = { channelId, file: `${recordingsDir}/${name}.wav`, adopt };
    return this.recordings.record(() =>
      recordingsDir === undefined ? undefined : new FreeSwitchRecording(this.link, request),
    );
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    await this.#clearedAfter(await this.#caller.kill(CAUSE_NAMES[cause]));
  }

  async release(): Promise<void> {
    this.#fallen = new CallerGone(0);
    await this.#hangupLegs();
    const isDone = await this.#caller.sendToFallback();
    if (isDone) await this.end(this.#fallen);
    await this.#clearedAfter(isDone);
  }

  /** @param isDone false: the channel is gone, and its hang-up event may have come before we listened. */
  async #clearedAfter(isDone: boolean): Promise<void> {
    if (!isDone && this.#caller.isHere) void delay(TOLD_WITHIN_MS).then(() => this.end(new CallerGone(0)));
    await this.cleared;
  }

  #leg(id: string, channelId = legChannelId(this.channelId, id)): FreeSwitchLeg {
    const place = { id, channelId, filesOf: this.#place.filesOf, audio: this.#audio, requests: this.#requests };
    const leg = new FreeSwitchLeg(this.link, place);
    this.#legs.set(id, leg);
    void leg.ended.then(() => {
      this.#legs.delete(id);
      this.#audio.ended(leg);
    });
    return leg;
  }

  /** Writes their ids on the caller's channel, for whoever adopts the call. */
  #noteLegs(): Promise<void> {
    return this.#caller.set(LEGS_VARIABLE, () => formatLegs(this.channelId, this.#legs.values()));
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }

  #onEvent(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'CHANNEL_HANGUP') void this.end(new CallerGone(q850Of(event['Hangup-Cause'] ?? '')));
    if (name === 'CHANNEL_PARK') void this.#caller.session.keep();
    const other = event['Other-Leg-Unique-ID'] ?? event['Bridge-B-Unique-ID'];
    if (name === 'CHANNEL_BRIDGE' && other !== undefined) this.#audio.bridged(this.channelId, other);
    const room = event['Conference-Name'];
    if (name === 'CUSTOM' && event.Action === 'add-member' && room !== undefined)
      this.#audio.entered(this.channelId, room);
  }

  /** After a gap in the events. */
  #onFound(channel: EslEvent): void {
    if (isInFallback(channel)) void this.end(this.#fallen);
    else this.#audio.foundAgain(channel);
  }

  async #onSessionClosed(): Promise<void> {
    const end = await this.#caller.findEnd();
    if (end !== undefined) await this.end(end === 'hung-up' ? new CallerGone(0) : this.#fallen);
  }

  protected async clear(): Promise<void> {
    this.#caller.prompt?.gone();
    this.#caller.gone();
    this.#caller.session.continueInDialplan();
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.cleared));
  }

  protected override letGo(): void {
    super.letGo();
    this.#caller.gone();
  }
}
