/**
 * The caller's channel. The dialplan's `socket` application keeps it with us while nothing else does; a leg takes it
 * away from there, and when the leg has ended the dialplan brings it back, to us or to whoever controls calls then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CallRecordings } from '../kit/media.ts';
import {
  type Arrival,
  type Call,
  CallerGone,
  CallLetGo,
  type HangupCause,
  type Leg,
  type LegTarget,
  type PhoneCall,
  type PhoneRequest,
  type Playback,
  type Presentation,
  type Recording,
  type Seat,
  type Seating as WantedSeating,
} from '../port.ts';
import { CAUSE_NAMES, q850Of } from './causes.ts';
import type { EslEvent, HandedChannel } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { Hold } from './esl/outbound-session.ts';
import { playbackIdOf } from './ids.ts';
import { Legs } from './legs.ts';
import { CallerNotes, CONTROLLER_VARIABLE } from './notes.ts';
import { FreeSwitchPlayback } from './playback.ts';
import { FreeSwitchRecording } from './recording.ts';
import { CallLost, FALLBACK_CONTEXT, hasFallen, isInFallback } from './whereabouts.ts';

/** The hang-up of a channel that is no more has been told by then, if it is told at all. */
const TOLD_WITHIN_MS = 500;

/** Looks at where a channel went, when its connection has ended and nothing else has. */
const LOOK_FIRST_MS = 200;
const LOOK_MOST_MS = 2_000;

export interface CallPlace {
  readonly switchName: string;
  /** The channel as FreeSWITCH tells it. */
  readonly channel: EslEvent;
  readonly filesOf: (prompts: readonly string[]) => readonly string[];
  /** Host path on the PBX; undefined: nothing is recorded. */
  readonly recordingsDir: string | undefined;
}

export class FreeSwitchCall implements Call {
  readonly id: string;
  readonly arrival: Arrival;
  readonly channelId: string;
  readonly #link: EslLink;
  readonly #place: CallPlace;
  readonly #gone = new AbortController();
  /** Settles when nothing of the call is left on the PBX, or when it is not ours to clear any more. */
  readonly #cleared = Promise.withResolvers<void>();
  readonly #isHere = (): boolean => !this.#gone.signal.aborted;
  readonly #notes: CallerNotes;
  readonly #hold: Hold;
  readonly #legs: Legs;
  readonly #recordings = new CallRecordings();
  #presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  #playback: FreeSwitchPlayback | undefined;
  /** What it means that the caller is found in the fallback. */
  #fallen: CallerGone | CallLost = new CallLost();

  constructor(link: EslLink, place: CallPlace) {
    const { channel, switchName } = place;
    const id = channel['Unique-ID'] ?? '';
    this.channelId = id;
    this.id = `${switchName}-${id}`;
    this.arrival = {
      dialled: channel.variable_hotline_dialled ?? channel['Caller-Destination-Number'] ?? '',
      caller: channel['Caller-Caller-ID-Number'] || null,
      trunk: channel.variable_hotline_trunk || null,
    };
    this.#link = link;
    this.#place = place;
    this.#notes = new CallerNotes(link, id, this.#isHere);
    const onClosed = (): void => void this.#whenLetGo();
    this.#hold = new Hold(link, { channelId: id, onClosed }, channel[`variable_${CONTROLLER_VARIABLE}`] ?? '');
    this.#legs = new Legs(link, {
      callerId: id,
      callId: this.id,
      dialled: this.arrival.dialled,
      filesOf: place.filesOf,
      isHere: this.#isHere,
      notes: this.#notes,
      hold: this.#hold,
      prompt: () => this.#playback,
    });
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onFound: (found) => this.#onFound(found),
      onMissing: (restarted) => void this.#end(new CallerGone(0, restarted ? 'switch' : 'caller')),
      onLetGo: () => this.#letGo(),
    });
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get adoptedLegs(): readonly Leg[] {
    return this.#legs.found;
  }

  get upToDate(): Promise<void> {
    return this.#link.gap.closed;
  }

  /** The dialplan has brought the channel: new, or back from a leg. */
  hold(handed: HandedChannel): void {
    this.#hold.take(handed);
    this.#legs.callerWaits();
  }

  /** A channel of the call that a phone wants transferred: the caller's, a leg's, or the half of a leg in a queue. */
  refer(handed: HandedChannel): void {
    if (handed.channel['Unique-ID'] === this.channelId) {
      this.#legs.holdSeats();
      this.hold(handed);
    }
    this.#legs.refer(handed);
  }

  /** What a former controller left: these legs live, and the caller is bridged with one of them, or with none. */
  adopt(legs: readonly { id: string; channel: EslEvent }[]): void {
    this.#legs.adopt(this.#place.channel, legs);
  }

  async answer(): Promise<void> {
    await this.#link.insist(() => this.#link.api('uuid_answer', this.channelId), this.#isHere);
  }

  present(presentation: Presentation): void {
    this.#presentation = presentation;
  }

  remember(memory: string): Promise<void> {
    return this.#notes.remember(memory, () => this.#hold.controller);
  }

  play(id: string, prompts: readonly string[], adopt = false): Playback {
    const { channelId } = this;
    const files = this.#place.filesOf(prompts);
    const ready = adopt ? undefined : this.#legs.endRinging();
    const { isFollowed } = this.#legs;
    const request = { id: playbackIdOf(channelId, id), channelId, files, adopt, locked: true, isFollowed, ready };
    const playback = new FreeSwitchPlayback(this.#link, request);
    if (adopt && this.#legs.isBridged) playback.over();
    void playback.ended.then(() => {
      if (this.#playback === playback) this.#playback = undefined;
      if (adopt || this.#legs.isSeated) void this.#legs.ringAfterPrompt();
    });
    this.#playback = playback;
    return playback;
  }

  dial(id: string, target: LegTarget, seat?: Seat): Leg {
    return this.#legs.dial(id, target, this.#presentation, seat);
  }

  async seat(seating: WantedSeating): Promise<void> {
    await this.#legs.seat(seating);
  }

  takeIn(id: string, phone: PhoneCall, seat: Seat): Leg {
    return this.#legs.takeIn(id, phone, seat);
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#legs.onAsked(told);
  }

  record(name: string, adopt = false): Recording {
    const [{ recordingsDir }, { channelId }] = [this.#place, this];
    const request = { channelId, file: `${recordingsDir}/${name}.wav`, adopt };
    return this.#recordings.record(() =>
      recordingsDir === undefined ? undefined : new FreeSwitchRecording(this.#link, request),
    );
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#legs.hangup();
    const kill = () => this.#link.api('uuid_kill', this.channelId, CAUSE_NAMES[cause]);
    const isDone = await this.#link.clearUp(kill, this.#isHere);
    if (!isDone && this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  /** Being sent to the fallback again would begin it again: after a lost answer it is looked for there. */
  async release(): Promise<void> {
    this.#fallen = new CallerGone(0);
    await this.#legs.hangup();
    const fallback = [this.arrival.dialled, 'XML', FALLBACK_CONTEXT];
    const transfer = () => this.#link.api('uuid_transfer', this.channelId, ...fallback);
    const isDone = await this.#link.clearUp(transfer, this.#isHere, () => hasFallen(this.#link, this.channelId));
    if (isDone) await this.#end(this.#fallen);
    else if (this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  /** For a channel that is no more: its end may have been told before we listened. */
  async #endUntold(): Promise<void> {
    await delay(TOLD_WITHIN_MS);
    await this.#end(new CallerGone(0));
  }

  #onEvent(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'CHANNEL_HANGUP') void this.#end(new CallerGone(q850Of(event['Hangup-Cause'] ?? '')));
    if (name === 'CHANNEL_PARK') void this.#hold.keep();
    const other = event['Other-Leg-Unique-ID'] ?? event['Bridge-B-Unique-ID'];
    if (name === 'CHANNEL_BRIDGE' && other !== undefined) this.#legs.callerBridged(other);
    const room = event['Conference-Name'];
    if (name === 'CUSTOM' && event.Action === 'add-member' && room !== undefined) this.#legs.callerEntered(room);
  }

  /** After a gap in the events. */
  #onFound(channel: EslEvent): void {
    if (isInFallback(channel)) void this.#end(this.#fallen);
    else this.#legs.callerFound(channel);
  }

  /**
   * A hang-up from before we listened is told by nothing else. Nor is it when a connection breaks under a call that has
   * no memory yet: the dialplan takes it for one that nobody ever had.
   */
  async #whenLetGo(): Promise<void> {
    if (this.signal.aborted || !this.#link.isUp) return;
    const exists = await this.#link.api('uuid_exists', this.channelId).catch(() => 'true'); // a look at the PBX will tell
    if (exists === 'false') return this.#end(new CallerGone(0));
    const isAdrift = () => this.#isHere() && this.#link.isUp && !this.#hold.isHeld;
    for (let wait = LOOK_FIRST_MS; isAdrift(); wait = Math.min(2 * wait, LOOK_MOST_MS)) {
      await delay(wait, undefined, { ref: false });
      const isLost = isAdrift() && (await hasFallen(this.#link, this.channelId).catch(() => false)); // the next will tell
      if (isLost) return this.#end(this.#fallen);
    }
  }

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  async #end(reason: CallerGone | CallLost): Promise<void> {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort(reason);
    this.#playback?.gone();
    this.#recordings.gone();
    this.#legs.forgetRinging();
    this.#hold.letGo();
    await this.#legs.clear();
    this.#cleared.resolve();
  }

  #letGo(): void {
    this.#gone.abort(new CallLetGo());
    this.#legs.forgetRinging();
    this.#cleared.resolve();
  }
}
