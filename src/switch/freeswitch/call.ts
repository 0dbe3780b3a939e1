/**
 * The caller's channel. The dialplan's `socket` application keeps it with us while nothing else does; a leg takes it
 * away from there, and when the leg has ended the dialplan brings it back, to us or to whoever controls calls then.
 */
import { setTimeout as delay } from 'node:timers/promises';
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
import { CAUSE_NAMES, q850Of } from './causes.ts';
import { EslError, type EslEvent, type HandedChannel } from './client.ts';
import { dialString } from './dial.ts';
import { legChannelId, playbackIdOf } from './ids.ts';
import { FreeSwitchLeg, isParked } from './leg.ts';
import type { EslLink } from './link.ts';
import { FreeSwitchPlayback, PLAYING_VARIABLE } from './playback.ts';
import { ChannelRecordings } from './recording.ts';
import { Ringback } from './ringback.ts';

export const MEMORY_VARIABLE = 'hotline_memory';
/** Address of the controller that has the call; the dialplan tries it first. */
export const CONTROLLER_VARIABLE = 'hotline_controller';

/** Ids of the legs dialled: FreeSWITCH's own list of channels is behind by a moment. */
export const LEGS_VARIABLE = 'hotline_legs';

/**
 * The dialplan sets it, so that a caller whom we refuse goes on. Once we have the caller it would do harm: a talk would be
 * torn apart, and a prompt be cut, by the end of our connection.
 */
const RESUME_VARIABLE = 'socket_resume';

/** A channel that was handed over is parked by then. */
const KEPT_AFTER_MS = 500;

/** A join that waits behind a prompt takes some 70 ms from the prompt's end on; after this it is commanded. */
const JOIN_WITHIN_MS = 2_000;

/** The hang-up of a channel that is no more has been told by then, if it is told at all. */
const TOLD_WITHIN_MS = 500;

const FALLBACK_CONTEXT = 'hotline-fallback';

/** What would break a command or its quoting, and what marks that. */
const BREAKS_A_WORD = /[%'\\\s\p{Cc}]/gu;

const percentEncode = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

export const encodeMemory = (memory: string): string => memory.replace(BREAKS_A_WORD, percentEncode);

export function decodeMemory(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // not what we wrote
  }
}

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
  readonly #legs = new Map<string, FreeSwitchLeg>();
  readonly #found: FreeSwitchLeg[] = [];
  readonly #handed = new Set<HandedChannel>();
  /** Settles when nothing of the call is left on the PBX, or when it is not ours to clear any more. */
  readonly #cleared = Promise.withResolvers<void>();
  readonly #isHere = (): boolean => !this.#gone.signal.aborted;
  readonly #ringback: Ringback;
  readonly #recordings: ChannelRecordings;
  #presentation: Presentation = { name: '', number: null, hotline: '', region: '' };
  #controller = '';
  #memory: string | undefined;
  #writing: Promise<void> | undefined;
  #playback: FreeSwitchPlayback | undefined;
  /** The leg the caller's channel was told to take once its prompt is over. */
  #next: FreeSwitchLeg | undefined;
  #bridged = Promise.withResolvers<void>();
  /** Channel id of the leg the caller is bridged with. */
  #bridgedWith: string | undefined;

  constructor(link: EslLink, place: CallPlace) {
    const { channel, switchName } = place;
    const id = channel['Unique-ID'] ?? '';
    this.channelId = id;
    this.id = `${switchName}-${id}`;
    this.arrival = {
      dialled: channel['Caller-Destination-Number'] ?? '',
      caller: channel['Caller-Caller-ID-Number'] || null,
      trunk: channel.variable_hotline_trunk || null,
    };
    this.#link = link;
    this.#place = place;
    this.#controller = channel[`variable_${CONTROLLER_VARIABLE}`] ?? '';
    this.#ringback = new Ringback(link, id);
    this.#recordings = new ChannelRecordings(link, id, place.recordingsDir);
    link.listen(id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onFound: (found) => this.#onBridged(found.variable_bridge_uuid),
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

  /** The dialplan has brought the channel: new, or back from a leg. */
  hold(handed: HandedChannel): void {
    this.#handed.add(handed);
    this.#controller = handed.controller;
    this.#link.route(this.channelId, handed.commands);
    void this.#keep(KEPT_AFTER_MS);
    void handed.closed.then(() => this.#whenLetGo(handed));
  }

  /** From now on a leg may take the caller, and our end costs no talk. */
  async #keep(afterMs = 0): Promise<void> {
    await delay(afterMs, undefined, { ref: false });
    if (this.#handed.size > 0) await this.#note(RESUME_VARIABLE);
  }

  /** What a former controller left: these legs live, and the caller is bridged with one of them, or with none. */
  takeOver(legs: readonly { id: string; channel: EslEvent }[]): void {
    for (const { id, channel } of legs) {
      const leg = this.#leg(id);
      this.#found.push(leg);
      if (this.#place.channel.variable_bridge_uuid === leg.channelId) this.#bridgedWith = leg.channelId;
      if (isParked(channel)) this.#next ??= leg; // it was told to the caller's channel by then
      leg.resume(channel);
    }
    if (!this.#place.channel[`variable_${PLAYING_VARIABLE}`]) void this.#ringAfterPrompt();
  }

  async answer(): Promise<void> {
    await this.#link.insist(() => this.#link.api('uuid_answer', this.channelId), this.#isHere);
  }

  present(presentation: Presentation): void {
    this.#presentation = presentation;
  }

  remember(memory: string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#writeMemory();
    return this.#writing;
  }

  async #writeMemory(): Promise<void> {
    await this.#note(CONTROLLER_VARIABLE, () => this.#controller);
    for (let written: string | undefined; written !== this.#memory && !this.signal.aborted; ) {
      await this.#note(MEMORY_VARIABLE, () => {
        written = this.#memory;
        return encodeMemory(written ?? '');
      });
    }
    this.#writing = undefined;
  }

  /** Sets a variable of the caller's channel, or takes it away. @param value read at each try, so that the latest gets there. */
  async #note(variable: string, value?: () => string): Promise<void> {
    const words = () => (value === undefined ? [variable] : [variable, value()]);
    await this.#link.clearUp(() => this.#link.api('uuid_setvar', this.channelId, ...words()), this.#isHere);
  }

  play(id: string, prompts: readonly string[], resume = false): Playback {
    const { channelId } = this;
    const files = this.#place.filesOf(prompts);
    const ready = resume ? undefined : this.#ringback.end();
    const isFollowed = this.#next !== undefined;
    const request = { id: playbackIdOf(channelId, id), channelId, files, resume, locked: true, isFollowed, ready };
    const playback = new FreeSwitchPlayback(this.#link, request);
    if (resume && this.#bridgedWith !== undefined) playback.over();
    void playback.ended.then(() => {
      if (this.#playback === playback) this.#playback = undefined;
      if (resume) void this.#ringAfterPrompt();
    });
    this.#playback = playback;
    return playback;
  }

  dial(id: string, target: LegTarget): Leg {
    const leg = this.#leg(id);
    const { channelId } = leg;
    const noted = this.#note(LEGS_VARIABLE, () => [...this.#legs.keys()].join(','));
    const facts = { channelId, callerId: this.channelId, callId: this.id, dialled: this.arrival.dialled };
    if (target.kind === 'seat') void this.#ringAfterPrompt();
    void leg.dial(dialString(target, this.#presentation, facts), noted);
    return leg;
  }

  record(name: string, resume = false): Recording {
    return this.#recordings.record(name, resume);
  }

  async hangup(cause: HangupCause): Promise<void> {
    await this.#hangupLegs();
    const kill = () => this.#link.api('uuid_kill', this.channelId, CAUSE_NAMES[cause]);
    const isDone = await this.#link.clearUp(kill, this.#isHere);
    if (!isDone && this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  async release(): Promise<void> {
    await this.#hangupLegs();
    const fallback = [this.arrival.dialled, 'XML', FALLBACK_CONTEXT];
    const transfer = () => this.#link.api('uuid_transfer', this.channelId, ...fallback);
    const isDone = await this.#link.clearUp(transfer, this.#isHere, () => this.#isReleased());
    if (isDone) await this.#end(new CallerGone(0));
    else if (this.#isHere()) void this.#endUntold();
    await this.#cleared.promise;
  }

  /** Being sent to the fallback again would begin it again. */
  async #isReleased(): Promise<boolean> {
    const dump = await this.#link.api('uuid_dump', this.channelId, 'json').catch((error: unknown) => {
      if (error instanceof EslError && error.isLate) return '{}';
      throw error;
    });
    return (JSON.parse(dump) as EslEvent)['Caller-Context'] === FALLBACK_CONTEXT;
  }

  /** For a channel that is no more: its end may have been told before we listened. */
  async #endUntold(): Promise<void> {
    await delay(TOLD_WITHIN_MS);
    await this.#end(new CallerGone(0));
  }

  /** Not queued behind the prompt: whoever ends a ringing that has not begun would end the prompt. */
  async #ringAfterPrompt(): Promise<void> {
    await Promise.resolve(); // a prompt may be begun in the same breath
    while (this.#playback !== undefined) await this.#playback.ended;
    const isTaken = this.#next !== undefined || this.#bridgedWith !== undefined;
    if (!isTaken && !this.signal.aborted && this.#legs.size > 0) this.#ringback.begin();
  }

  #leg(id: string): FreeSwitchLeg {
    const leg = new FreeSwitchLeg(this.#link, {
      id,
      channelId: legChannelId(this.channelId, id),
      filesOf: this.#place.filesOf,
      isThere: (there) => void this.#takeNext(there),
      join: (there) => this.#join(there),
    });
    this.#legs.set(id, leg);
    void leg.ended.then(() => {
      this.#legs.delete(id);
      if (this.#next === leg) this.#next = undefined;
      if (this.#bridgedWith === leg.channelId) this.#bridgedWith = undefined;
      if (this.#legs.size === 0) void this.#ringback.end();
    });
    return leg;
  }

  /**
   * Has the caller's channel take a leg in its own turn: behind a prompt, or at once. From then on no command of ours is
   * needed, nor are we. The first to answer in a prompt; after it the session says which of them.
   */
  async #takeNext(leg: FreeSwitchLeg): Promise<void> {
    if (this.#next !== undefined || this.#bridgedWith !== undefined) return;
    this.#next = leg;
    await this.#ringback.end();
    await this.#keep();
    const intercept = { application: 'intercept', argument: leg.channelId };
    const isWanted = () => this.#next === leg && this.#bridgedWith === undefined && this.#isHere();
    await this.#link.clearUp(() => this.#link.execute(this.channelId, intercept), isWanted);
  }

  async #join(leg: FreeSwitchLeg): Promise<void> {
    const isBridged = () => this.#bridgedWith === leg.channelId;
    if (this.#next === leg && !isBridged()) {
      const timeUp = new AbortController();
      await Promise.race([this.#bridged.promise, leg.ended, delay(JOIN_WITHIN_MS, undefined, timeUp)]);
      timeUp.abort();
    }
    if (!isBridged()) await this.#ringback.end();
    if (!isBridged()) await this.#keep();
    const isWanted = () => !isBridged() && this.#legs.has(leg.id) && this.#isHere();
    await this.#link.insist(() => this.#link.api('uuid_bridge', this.channelId, leg.channelId), isWanted);
  }

  #onEvent(event: EslEvent): void {
    const name = event['Event-Name'];
    if (name === 'CHANNEL_HANGUP') void this.#end(new CallerGone(q850Of(event['Hangup-Cause'] ?? '')));
    if (name === 'CHANNEL_BRIDGE') this.#onBridged(event['Other-Leg-Unique-ID'] ?? event['Bridge-B-Unique-ID']);
  }

  /** @param channelId of a leg that still lives, or of one that the caller was bridged with before. */
  #onBridged(channelId: string | undefined): void {
    if (![...this.#legs.values()].some((leg) => leg.channelId === channelId)) return;
    this.#ringback.forget();
    this.#playback?.over();
    this.#bridgedWith = channelId;
    this.#bridged.resolve();
    this.#bridged = Promise.withResolvers();
  }

  /** A hang-up from before we listened is told by nothing else. */
  async #whenLetGo(handed: HandedChannel): Promise<void> {
    this.#handed.delete(handed);
    this.#link.unroute(this.channelId, handed.commands);
    if (this.signal.aborted || !this.#link.isUp) return;
    const exists = await this.#link.api('uuid_exists', this.channelId).catch(() => 'true'); // a look at the PBX will tell
    if (exists === 'false') await this.#end(new CallerGone(0));
  }

  /** The caller is gone, or no longer ours: whatever the session does, nothing of the call stays behind. */
  async #end(reason: CallerGone): Promise<void> {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort(reason);
    this.#playback?.gone();
    this.#recordings.gone();
    this.#ringback.forget();
    for (const handed of this.#handed) {
      this.#link.unroute(this.channelId, handed.commands);
      handed.letGo();
    }
    const legs = [...this.#legs.values()];
    await this.#hangupLegs();
    await Promise.all(legs.map((leg) => leg.cleared));
    this.#cleared.resolve();
  }

  #letGo(): void {
    this.#gone.abort(new CallLetGo());
    this.#ringback.forget();
    this.#cleared.resolve();
  }

  async #hangupLegs(): Promise<void> {
    await Promise.all([...this.#legs.values()].map((leg) => leg.hangup()));
  }
}
