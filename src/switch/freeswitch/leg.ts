/**
 * A leg towards the caller. A phone that answers is parked until the caller's channel takes it, even if nobody controls the
 * call meanwhile. A queue's leg is a loopback channel: it exists at once, so that the caller hears the queue's music, and
 * it counts as answered when the queue has bridged an agent with its far half.
 *
 *   dialled ──CHANNEL_PROGRESS──▶ ringing ──CHANNEL_PARK──▶ answered            (a seat)
 *   dialled ──CHANNEL_PARK──▶ in the queue ──CHANNEL_BRIDGE of its far half──▶ answered     (a queue)
 *      └───────────────────────────┴── CHANNEL_HANGUP, or the job says -ERR ──▶ ended
 *
 * CHANNEL_ANSWER is not used: `originate` still has the channel then, and would park it out of a bridge that comes too early.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { legEndCause } from '../kit/causes.ts';
import type { Leg, LegEnd, Playback } from '../port.ts';
import type { CallAudio } from './audio/audio.ts';
import type { CallLeg } from './caller.ts';
import { LET_GO, q850Of } from './causes.ts';
import { ConnectedAgent } from './connected-agent.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { playbackIdOf } from './ids.ts';
import { isParked } from './inventory.ts';
import { PHONE_CONTEXT } from './phone.ts';
import { FreeSwitchPlayback } from './playback.ts';
import type { Requests } from './requests.ts';
import { WhisperOverTalk } from './whisper.ts';

/** Waits between the tries to hang up: a leg that `originate` is still making exists a moment later. */
const HANGUP_TRIES_MS = [0, 30, 100, 300, 1_000];

/** FreeSWITCH ends a phone's calls with this cause when the phone has had their other ends joined. */
const ATTENDED = 'ATTENDED_TRANSFER';

/** The caller's hang-up, which ends the leg too, is told by then. */
const CALLER_FIRST_MS = 150;

/** `originate` may tell its end a moment before the channel tells where it went. */
const OWN_EVENTS_WITHIN_MS = 150;

/** A channel that `originate` was told to make exists by then. */
const MADE_WITHIN_MS = 300;

export interface LegPlace {
  readonly id: string;
  readonly channelId: string;
  readonly filesOf: (prompts: readonly string[]) => readonly string[];
  readonly audio: CallAudio;
  readonly requests: Requests;
}

export class FreeSwitchLeg implements Leg, CallLeg {
  readonly id: string;
  readonly channelId: string;
  readonly ringing: Promise<void>;
  readonly outcome: Promise<{ answeredBy: string | null } | LegEnd>;
  readonly ended: Promise<LegEnd>;
  /** Resolves when nothing of the leg is left on the PBX; never rejects. */
  readonly cleared: Promise<void>;
  readonly #link: EslLink;
  readonly #place: LegPlace;
  readonly #rings = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<{ answeredBy: string | null }>();
  readonly #ends = Promise.withResolvers<LegEnd>();
  /** The PBX has it, or is making it: a look that does not find it means from now on that it is gone. */
  #isMade = false;
  #isAnswered = false;
  #isOver = false;
  #cancelled = false;
  #endpoint: string | null = null;
  /** Endpoint that was dialled, or whose own call this is; undefined: a queue. */
  #dialled: string | undefined;
  #whisper: FreeSwitchPlayback | undefined;
  #talkWhisper: WhisperOverTalk | undefined;
  readonly #connected: ConnectedAgent;

  constructor(link: EslLink, place: LegPlace) {
    this.id = place.id;
    this.channelId = place.channelId;
    this.#link = link;
    this.#place = place;
    this.ringing = this.#rings.promise;
    this.ended = this.#ends.promise;
    this.#connected = new ConnectedAgent(link, (event) => this.#onEvent(event));
    this.cleared = this.ended.then(() => this.#connected.clear());
    this.outcome = Promise.race([this.#answered.promise, this.ended]);
    link.listen(place.channelId, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onFound: (channel) => this.adopt(channel),
      onMissing: () => void this.#onMissing(),
    });
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get isQueued(): boolean {
    return this.#connected.isQueue && !this.#isAnswered;
  }

  get isThere(): boolean {
    return this.#isAnswered || this.isQueued;
  }

  get endpoint(): string | null {
    return this.#endpoint;
  }

  isOn(channelId: string): boolean {
    return channelId === this.channelId || channelId === this.#connected.agent?.channelId;
  }

  /**
   * Dials once `ready`; a refusal ends the leg.
   * @param dialString as `originate` reads it. @param endpoint of a seat; undefined for a queue, which tells later who answers.
   */
  async dial(dialString: string, ready: Promise<unknown>, endpoint: string | undefined): Promise<void> {
    const { channelId } = this.#place;
    this.#dialled = endpoint;
    try {
      await ready;
      if (this.#cancelled) return this.#gone(LET_GO);
      const originate = () => this.#link.originate(channelId, dialString);
      await this.#link.insist(originate, this.#isWanted, () => this.#exists());
      this.#isMade = true;
    } catch (error) {
      this.#link.log.warn({ channelId }, error instanceof Error ? error.message : String(error));
      this.#gone('NETWORK_OUT_OF_ORDER');
    }
  }

  /** A phone's own call becomes this leg. @param taken gives false when the phone has given up meanwhile. */
  async takeIn(endpoint: string, taken: Promise<boolean>): Promise<void> {
    this.#dialled = endpoint;
    if (await taken) this.#isMade = true;
    else this.#gone('');
  }

  whisper(id: string, prompts: readonly string[]): Playback {
    const { channelId, filesOf } = this.#place;
    const files = filesOf(prompts);
    const request = { id: playbackIdOf(channelId, id), channelId, files, adopt: false, locked: false };
    this.#whisper = new FreeSwitchPlayback(this.#link, request);
    return this.#whisper;
  }

  whisperOverTalk(_id: string, prompts: readonly string[]): Playback {
    const { channelId, filesOf } = this.#place;
    const request = { channelId, files: filesOf(prompts), ready: this.#talkWhisper?.stop() };
    this.#talkWhisper = new WhisperOverTalk(this.#link, request);
    return this.#talkWhisper;
  }

  /** Ends a whisper too: a channel that is bridged stops playing. */
  async join(): Promise<void> {
    await this.#place.audio.join(this);
  }

  async hangup(): Promise<void> {
    this.#cancelled = true;
    await this.#place.requests.release(this);
    for (const wait of HANGUP_TRIES_MS) {
      if (wait > 0) await delay(wait);
      if (await this.#link.clearUp(() => this.#link.api('uuid_kill', this.channelId, LET_GO), this.#isAlive)) return;
      if (this.#isOver || this.#link.isLetGo) return;
    }
    this.#gone(LET_GO); // it never came to be
  }

  readonly #isAlive = (): boolean => !this.#isOver;

  readonly #isWanted = (): boolean => !this.#cancelled && !this.#isOver;

  async #exists(): Promise<boolean> {
    return (await this.#link.api('uuid_exists', this.channelId)) === 'true';
  }

  #onEvent(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'BACKGROUND_JOB') void this.#onJob(event._body ?? '');
    if (name === 'CUSTOM') this.#onCustom(event);
    if (name === 'CHANNEL_PROGRESS' || name === 'CHANNEL_PROGRESS_MEDIA') this.#rings.resolve();
    if (event['Unique-ID'] !== this.channelId) this.#onAgent(event);
    else this.#onOwn(event);
  }

  #onOwn(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'CHANNEL_PARK') this.#onParked(event);
    if (name === 'CHANNEL_BRIDGE') this.#onBridged(event);
    if (name === 'DTMF' && !this.#connected.isQueue) this.#place.requests.key(this, event['DTMF-Digit'] ?? '');
    if (name === 'CHANNEL_HANGUP') {
      this.#gone(event['Hangup-Cause'] ?? '', event.variable_sip_hangup_disposition === 'recv_bye');
    }
  }

  /** An event of the agent's phone, or of the far half that waits in the queue. */
  #onAgent(event: EslEvent): void {
    const name = event['Event-Name'];
    const { agent } = this.#connected;
    if (name === 'CHANNEL_BRIDGE' && agent !== undefined) this.#answer(agent.name);
    if (name === 'DTMF') this.#place.requests.key(this, event['DTMF-Digit'] ?? '');
  }

  /** A leg whose route says so is answered and bridged at once. */
  #onBridged(event: EslEvent): void {
    this.#seen(event);
    const other = event['Other-Leg-Unique-ID'];
    if (other !== undefined) this.#place.audio.bridged(this.channelId, other);
  }

  #seen(channel: EslEvent): void {
    const endpoint = channel.variable_hotline_endpoint;
    this.#connected.see(channel);
    this.#rings.resolve();
    if (endpoint !== undefined) this.#answer(endpoint);
  }

  /** How `originate` ended. A leg that became a supervisor has no event that says where it is; every other leg has. */
  async #onJob(text: string): Promise<void> {
    const cause = /^-ERR (\w+)/.exec(text)?.[1];
    if (cause !== undefined) return this.#gone(cause);
    if (this.#dialled === undefined) return;
    await delay(OWN_EVENTS_WITHIN_MS, undefined, { ref: false });
    if (this.#isOver) return;
    this.#answer(this.#dialled);
    this.#place.audio.answered(this);
  }

  /** An agent's phone has answered and is about to be bridged, or the leg has entered a conference. */
  #onCustom(event: EslEvent): void {
    const room = event['Conference-Name'];
    if (event.Action === 'add-member' && room !== undefined) {
      if (!this.#connected.isQueue) this.#answer(this.#dialled ?? null); // the event has no variables
      this.#place.audio.entered(this.channelId, room);
    }
    this.#connected.connect(this.#link.queues.agentIn(event));
  }

  /** Its own application parks it when it waits; FreeSWITCH parks it when its phone has asked for a transfer. */
  #onParked(channel: EslEvent): void {
    if (channel['Caller-Context'] === PHONE_CONTEXT) return; // a phone's own call, in the dialplan's `socket` still
    this.#seen(channel);
    const isAsking = channel['Channel-State'] === 'CS_PARK';
    if (isAsking) this.#place.requests.expect(this);
    this.#place.audio.waits(this.channelId);
    if (!isAsking) this.#place.audio.offer(this);
  }

  /** Takes the leg as a look shows it. Not offered to the caller again: whoever saw it park has done that. */
  adopt(channel: EslEvent): void {
    this.#isMade = true;
    const state = channel['Answer-State'];
    const endpoint = channel.variable_hotline_endpoint;
    const agent = this.#connected.see(channel);
    if (state === 'ringing' || state === 'early') this.#rings.resolve();
    this.#dialled ??= endpoint;
    if (endpoint !== undefined && isParked(channel)) this.#answer(endpoint);
    if (agent !== undefined) this.#answer(agent);
  }

  /** Looks once more: `originate` may still be making it. */
  async #onMissing(): Promise<void> {
    if (!this.#isMade) return;
    await delay(MADE_WITHIN_MS);
    await this.#link.clearUp(async () => {
      if (!(await this.#exists())) this.#gone('');
    }, this.#isAlive);
  }

  #answer(answeredBy: string | null): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#endpoint = answeredBy;
    this.#rings.resolve();
    this.#answered.resolve({ answeredBy });
  }

  /**
   * The channel is gone. A caller's hang-up ends the leg too, and FreeSWITCH may tell of the leg first: unless the phone
   * itself hung up, we wait a moment for the caller's hang-up.
   * @param cause as FreeSWITCH names it; empty when unknown. @param byPhone the phone has sent BYE.
   */
  #gone(cause: string, byPhone = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#link.unlisten(this.channelId);
    this.#connected.unlisten();
    if (cause === ATTENDED) this.#place.requests.attended(this);
    this.#whisper?.gone();
    this.#talkWhisper?.gone();
    const end = (): void => {
      const q850 = q850Of(cause);
      this.#ends.resolve({ cause: this.#cancelled ? 'cancelled' : legEndCause(q850, this.#isAnswered), q850 });
    };
    if (this.#isAnswered && !this.#cancelled && !byPhone) setTimeout(end, CALLER_FIRST_MS);
    else end();
  }
}
