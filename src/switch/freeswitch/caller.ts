/**
 * The caller's channel: variables written on it, what is played to it, and which leg it is bridged with or takes next. The
 * dialplan's `socket` application keeps it with us ({@link OutboundSession}) while no leg has it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, doublingMs } from '../../base/backoff.ts';
import type { AudioPlan } from '../port.ts';
import { CONTROLLER_VARIABLE, encodeMemory, MEMORY_VARIABLE } from './channel-variables.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { OutboundSession } from './esl/outbound-session.ts';
import { playbackIdOf } from './ids.ts';
import { lookAt } from './inventory.ts';
import { FreeSwitchPlayback } from './playback.ts';
import { Ringback } from './ringback.ts';

/** Of `dialplan/freeswitch/generated/hotline-fallback.xml`, whose further contexts begin with the same word. */
const FALLBACK_CONTEXT = 'hotline-fallback';

/** FreeSWITCH takes a leg about 70 ms after the prompt's end. If it has not by then, we command the bridge. */
const JOIN_WITHIN_MS = 2_000;

/** Looks at where the channel went, when its session has ended and no event says why. */
const LOOK: Backoff = { firstMs: 200, mostMs: 2_000 };

/** The dialplan has gone on with the channel, to the fallback. */
export const isInFallback = (channel: EslEvent): boolean =>
  (channel['Caller-Context'] ?? '').startsWith(FALLBACK_CONTEXT);

/** Number that was dialled; the dialplan finds the caller again by it. */
export const dialledOf = (channel: EslEvent): string =>
  channel.variable_hotline_dialled ?? channel['Caller-Destination-Number'] ?? '';

/** A leg of the call, as whoever works on the whole call sees it. */
export interface CallLeg {
  readonly id: string;
  readonly channelId: string;
  readonly ended: Promise<unknown>;
  readonly isAnswered: boolean;
  /** It waits in a queue: it can be joined already, though no agent has answered yet. */
  readonly isQueued: boolean;
  /** It can be joined. */
  readonly isThere: boolean;
  /** Whose phone answered; null when nobody knows, or nobody has. */
  readonly endpoint: string | null;
  /** The channel is that of the leg's phone. */
  isOn(channelId: string): boolean;
}

export class CallerChannel {
  readonly id: string;
  readonly dialled: string;
  readonly session: OutboundSession;
  readonly #link: EslLink;
  readonly #signal: AbortSignal;
  readonly #ringback: Ringback;
  #memory: string | undefined;
  #writing: Promise<void> | undefined;
  #prompt: FreeSwitchPlayback | undefined;
  /** The leg that the channel was told to take when its prompt is over. */
  #next: CallLeg | undefined;
  /** Channel id of the leg that it is bridged with. */
  #bridgedWith: string | undefined;
  #bridged = Promise.withResolvers<void>();

  /** @param channel as FreeSWITCH shows it. @param signal aborts when the channel is gone, or another controller's. */
  constructor(link: EslLink, channel: EslEvent, signal: AbortSignal) {
    this.#link = link;
    this.#signal = signal;
    this.id = channel['Unique-ID'] ?? '';
    this.dialled = dialledOf(channel);
    this.session = new OutboundSession(link, this.id, channel[`variable_${CONTROLLER_VARIABLE}`] ?? '');
    this.#ringback = new Ringback(link, this.id);
  }

  get isHere(): boolean {
    return !this.#signal.aborted;
  }

  readonly #isHere = (): boolean => this.isHere;

  async answer(): Promise<void> {
    await this.#link.insist(() => this.#link.api('uuid_answer', this.id), this.#isHere);
  }

  /** @param cause as FreeSWITCH names it. @returns false when the channel is gone, or FreeSWITCH refuses. */
  kill(cause: string): Promise<boolean> {
    return this.#link.clearUp(() => this.#link.api('uuid_kill', this.id, cause), this.#isHere);
  }

  /** Sent there twice, it would begin the fallback again: after a lost answer we look first. @returns as {@link kill}. */
  sendToFallback(): Promise<boolean> {
    const transfer = () => this.#link.api('uuid_transfer', this.id, this.dialled, 'XML', FALLBACK_CONTEXT);
    return this.#link.clearUp(transfer, this.#isHere, () => this.#hasFallen());
  }

  /**
   * Looks for the end of a channel whose session has ended. No event tells of a hang-up from before we listened, nor of a
   * session that broke before the call had a memory: the dialplan then goes on to the fallback as if no controller had been
   * there. Undefined: it lives, and has a session again or is no longer ours.
   */
  async findEnd(): Promise<'hung-up' | 'in-fallback' | undefined> {
    if (!this.isHere || !this.#link.isUp) return undefined;
    const exists = await this.#link.api('uuid_exists', this.id).catch(() => 'true'); // the look after a gap will tell
    if (exists === 'false') return 'hung-up';
    const isAdrift = () => this.isHere && this.#link.isUp && !this.session.isHeld;
    for (const wait of doublingMs(LOOK)) {
      if (!isAdrift()) break;
      await delay(wait, undefined, { ref: false });
      const isLost = isAdrift() && (await this.#hasFallen().catch(() => false)); // the next look will tell
      if (isLost) return 'in-fallback';
    }
    return undefined;
  }

  /** Rejects with {@link EslError} when the PBX does not answer. */
  async #hasFallen(): Promise<boolean> {
    return isInFallback((await lookAt(this.#link, this.id)) ?? {});
  }

  /** Sets a variable of the channel, or removes it. @param value read at each try, so that the latest is written. */
  async set(variable: string, value?: () => string): Promise<void> {
    const words = () => (value === undefined ? [variable] : [variable, value()]);
    await this.#link.clearUp(() => this.#link.api('uuid_setvar', this.id, ...words()), this.#isHere);
  }

  /** Writes our own address on the channel: the dialplan tries that controller first. */
  setController(): Promise<void> {
    return this.set(CONTROLLER_VARIABLE, () => this.session.controller);
  }

  /** The latest wins; resolves when it is written. */
  remember(memory: string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#writeMemory();
    return this.#writing;
  }

  async #writeMemory(): Promise<void> {
    await this.setController();
    for (let written: string | undefined; written !== this.#memory && this.isHere; ) {
      await this.set(MEMORY_VARIABLE, () => {
        written = this.#memory;
        return encodeMemory(written ?? '');
      });
    }
    this.#writing = undefined;
  }

  /** What is played to the caller now. */
  get prompt(): FreeSwitchPlayback | undefined {
    return this.#prompt;
  }

  /** @param files host paths on the PBX. @param adopt attach to one that is under way. */
  play(id: string, files: readonly string[], adopt: boolean): FreeSwitchPlayback {
    const ready = adopt ? undefined : this.endRinging();
    const isFollowed = this.#next !== undefined;
    const request = {
      id: playbackIdOf(this.id, id),
      channelId: this.id,
      files,
      adopt,
      locked: true,
      isFollowed,
      ready,
    };
    const prompt = new FreeSwitchPlayback(this.#link, request);
    if (adopt && this.#bridgedWith !== undefined) prompt.over();
    void prompt.ended.then(() => {
      if (this.#prompt === prompt) this.#prompt = undefined;
    });
    this.#prompt = prompt;
    return prompt;
  }

  /** The caller waits alone, and hears this from now on, unless a prompt is under way. */
  async wait(hears: AudioPlan['waitTone']): Promise<void> {
    if (this.#prompt === undefined && this.isHere) await this.#ringback.begin(hears);
  }

  /** Ringing, unless a leg has the caller or is about to. */
  ring(): void {
    if (!this.#isTaken && this.isHere) void this.#ringback.begin();
  }

  /** Another phone rings. */
  ringAgain(): void {
    this.#ringback.again();
  }

  /** To be done before anything else is played. */
  endRinging(): Promise<void> {
    return this.#ringback.end();
  }

  /** The channel is gone, or another controller's. */
  gone(): void {
    this.#ringback.forget();
  }

  /** A leg has the caller, or is about to. */
  get #isTaken(): boolean {
    return this.#next !== undefined || this.#bridgedWith !== undefined;
  }

  /** What a former controller did. @param isNext the channel was told to take the leg by then. */
  adoptLeg(leg: CallLeg, isBridged: boolean, isNext: boolean): void {
    if (isBridged) this.#bridgedWith = leg.channelId;
    if (isNext) this.#next ??= leg;
  }

  /** It waits alone. */
  waits(): void {
    this.#next = undefined;
    this.#bridgedWith = undefined;
  }

  /** It talks with several. */
  entersRoom(): void {
    this.#ringback.forget();
    this.waits();
  }

  bridgedWith(leg: CallLeg): void {
    this.#ringback.forget();
    void this.session.keep();
    this.#prompt?.over();
    this.#bridgedWith = leg.channelId;
    this.#bridged.resolve();
    this.#bridged = Promise.withResolvers();
  }

  legEnded(leg: CallLeg): void {
    if (this.#next === leg) this.#next = undefined;
    if (this.#bridgedWith === leg.channelId) this.#bridgedWith = undefined;
  }

  /** To be done before the channel is bridged: neither its ringing nor the end of our session may disturb the talk. */
  async readyToJoin(): Promise<void> {
    await this.#ringback.end();
    await this.session.keep();
  }

  /**
   * Has the channel take a leg in its own turn: behind a prompt, or at once. From then on it needs no command of ours, nor
   * that we live.
   */
  async takeNext(leg: CallLeg): Promise<void> {
    if (this.#isTaken) return;
    this.#next = leg;
    await this.readyToJoin();
    const intercept = { application: 'intercept', argument: leg.channelId };
    const isWanted = () => this.#next === leg && this.#bridgedWith === undefined && this.isHere;
    await this.#link.clearUp(() => this.#link.execute(this.id, intercept), isWanted);
  }

  /** Resolves when the two talk. @param isThere the leg lives. */
  async join(leg: CallLeg, isThere: () => boolean): Promise<void> {
    const isBridged = () => this.#bridgedWith === leg.channelId;
    if (this.#next === leg && !isBridged()) {
      const timeUp = new AbortController();
      await Promise.race([this.#bridged.promise, leg.ended, delay(JOIN_WITHIN_MS, undefined, timeUp)]);
      timeUp.abort();
    }
    if (!isBridged()) await this.readyToJoin();
    const isWanted = () => !isBridged() && isThere() && this.isHere;
    await this.#link.insist(() => this.#link.api('uuid_bridge', this.id, leg.channelId), isWanted);
  }
}
