/**
 * A leg of a call. It is created, added to a bridge of the call, and then dialled, in this order, so that it can be answered
 * and talk even with no controller (docs/decisions/0002, 0054). An agent's own call becomes a leg when we answer it.
 *
 *   staged ──StasisStart──▶ bridged ──dial──▶ dialled ──Ringing──▶ ringing ──Up──▶ answered
 *      └───────────────────────┴───────────────┴──────────────────────┴──ChannelDestroyed──▶ ended
 */
import { legEndCause, Q850 } from '../kit/causes.ts';
import type { Leg, LegEnd, Playback } from '../port.ts';
import { AriError, type AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import type { CallAudio } from './audio/audio.ts';
import { ConnectedAgent } from './connected-agent.ts';
import type { Dialling } from './dial.ts';
import { whisperChannelId } from './ids.ts';
import type { FoundLeg } from './inventory.ts';
import { AsteriskPlayback } from './playback.ts';
import type { Requests } from './requests.ts';
import { AsteriskWhisper } from './whisper.ts';

/** Asterisk's own ringing limit for an adopted leg; the controller's ends it long before. */
const UNKNOWN_TIMEOUT_SECONDS = 300;

export interface LegPlace {
  readonly id: string;
  readonly channelId: string;
  readonly callerId: string;
  readonly app: string;
  readonly mediaOf: (prompts: readonly string[]) => readonly string[];
  readonly audio: CallAudio;
  readonly requests: Requests;
}

export class AsteriskLeg implements Leg {
  readonly id: string;
  readonly ringing: Promise<void>;
  readonly outcome: Promise<{ answeredBy: string | null } | LegEnd>;
  readonly ended: Promise<LegEnd>;
  readonly #link: AriLink;
  readonly #place: LegPlace;
  readonly #rings = Promise.withResolvers<void>();
  readonly #answered = Promise.withResolvers<{ answeredBy: string | null }>();
  #entered = Promise.withResolvers<void>();
  readonly #ends = Promise.withResolvers<LegEnd>();
  #dialling: Dialling | undefined;
  #isAnswered = false;
  /** The PBX has had the channel: if it is not there now, it is gone. */
  #isMade = false;
  #isEnded = false;
  #hasRung = false;
  #cancelled = false;
  /** Set while we hang up a channel in order to make the leg anew: its end is not the leg's. */
  #discarded: PromiseWithResolvers<void> | undefined;
  #whisper: AsteriskPlayback | undefined;
  /** How many whispers over its talk this controller has begun. */
  #whispers = 0;
  #isQueue = false;
  /** The endpoint of the phone whose own call this was. */
  #takenInFrom: string | undefined;
  #isTakenIn = false;
  readonly #agent: ConnectedAgent;

  constructor(link: AriLink, place: LegPlace) {
    this.id = place.id;
    this.#link = link;
    this.#place = place;
    this.#agent = new ConnectedAgent(link, place.app, place.channelId);
    this.ringing = this.#rings.promise;
    this.ended = this.#ends.promise;
    this.outcome = Promise.race([this.#answered.promise, this.ended]);
    link.listen(place.channelId, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onMissing: () => this.#isMade && this.#gone(0),
    });
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get channelId(): string {
    return this.#place.channelId;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isQueue(): boolean {
    return this.#isQueue;
  }

  get isTakenIn(): boolean {
    return this.#isTakenIn;
  }

  /** Dials once `ready` has resolved. A step that the PBX refuses ends the leg. */
  async dial(dialling: Dialling, ready: Promise<unknown>): Promise<void> {
    this.#dialling = dialling;
    this.#isQueue = dialling.otherChannelId !== undefined;
    await this.#orEnd(async () => {
      await ready;
      while (!(await this.#makeAndRing(dialling))) await this.#discard();
    });
  }

  /** Adopts a leg as it is. One that was created but not yet added to a bridge and dialled, is dialled now. */
  async adopt({ state, bridgeId, isQueue, isTakenIn }: FoundLeg): Promise<void> {
    this.#isMade = true;
    this.#isQueue = isQueue;
    this.#isTakenIn = isTakenIn;
    this.#entered.resolve();
    this.#onState(state);
    if (isTakenIn && bridgeId === undefined) return this.#orEnd(() => this.#putInPlace());
    if (bridgeId !== undefined) return;
    await this.#orEnd(async () => {
      if (!(await this.#ring(UNKNOWN_TIMEOUT_SECONDS))) throw new Error('nobody knows whether it was dialled');
    });
  }

  /** An agent's own call becomes this leg. @param mark channel variables that say so to whoever adopts the call. */
  async takeIn(endpoint: string, mark: Readonly<Record<string, string>>): Promise<void> {
    this.#isMade = true;
    this.#isTakenIn = true;
    this.#takenInFrom = endpoint;
    const { channelId } = this.#place;
    await this.#orEnd(async () => {
      const marking = Object.entries(mark).map(([variable, value]) =>
        this.#link.insist('channels.setChannelVar', { channelId, variable, value }, () => this.#isWanted),
      );
      await Promise.all(marking);
      await this.#putInPlace();
      await this.#link.insist('channels.answer', { channelId }, () => this.#isWanted);
    });
  }

  async #orEnd(dial: () => Promise<void>): Promise<void> {
    try {
      await dial();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#link.log.warn({ channelId: this.#place.channelId, endpoint: this.#dialling?.endpoint }, reason);
      const cause = this.#cancelled ? 'cancelled' : 'unreachable';
      await this.drop();
      this.#end({ cause, q850: 0 });
    }
  }

  async #makeAndRing(dialling: Dialling): Promise<boolean> {
    await this.#make(dialling);
    await Promise.race([this.#entered.promise, this.ended]);
    return this.#ring(dialling.timeoutSeconds);
  }

  /** False when the answer was lost: `dial` is the one command that must not be given twice (docs/decisions/0011). */
  async #ring(timeoutSeconds: number): Promise<boolean> {
    if (!this.#isWanted) throw new Error('let go before it was dialled');
    await this.#putInPlace();
    try {
      await this.#link.attempt('channels.dial', { channelId: this.#place.channelId, timeout: timeoutSeconds });
    } catch (error) {
      if (!(error instanceof AriError && error.isUnanswered)) throw error;
      return this.#hasRung;
    }
    return true;
  }

  /** Hangs up a channel of which nobody knows whether it was dialled, to make it anew. */
  async #discard(): Promise<void> {
    const { channelId } = this.#place;
    this.#link.log.warn({ channelId }, 'nobody knows whether it was dialled; making it anew');
    const discarded = Promise.withResolvers<void>();
    this.#discarded = discarded;
    const wasThere = await this.#link.insist('channels.hangup', { channelId }, () => !this.#cancelled);
    if (wasThere) await discarded.promise;
    this.#discarded = undefined;
    this.#isMade = false;
    this.#entered = Promise.withResolvers();
  }

  get #isWanted(): boolean {
    return !this.#cancelled && !this.#isEnded;
  }

  async #make({ endpoint, variables, otherChannelId }: Dialling): Promise<void> {
    const { channelId, callerId, app } = this.#place;
    const making = {
      originator: callerId, // takes its formats from the caller: without one, a Local channel runs at 192 kHz
      endpoint,
      app,
      appArgs: 'leg',
      channelId,
      otherChannelId,
      variables,
    };
    const isNew = await this.#link.insist('channels.create', making, () => this.#isWanted);
    if (!isNew && !this.#isWanted) throw new Error('let go before it was made');
    this.#isMade = true; // not new: there since an earlier try, whose answer was lost
  }

  #putInPlace(): Promise<void> {
    return this.#place.audio.enter(this, () => this.#isWanted);
  }

  whisper(id: string, prompts: readonly string[]): Playback {
    const { channelId, mediaOf } = this.#place;
    const playbackId = `${channelId}-${id}`;
    this.#whisper = new AsteriskPlayback(this.#link, {
      id: playbackId,
      channelId,
      media: mediaOf(prompts),
      adopt: false,
    });
    return this.#whisper;
  }

  whisperOverTalk(id: string, prompts: readonly string[]): Playback {
    const { app, callerId, channelId, mediaOf } = this.#place;
    this.#whispers += 1;
    const snoopId = whisperChannelId(app, callerId, this.id, `${id}-${this.#whispers}`);
    const saying = new AsteriskWhisper(this.#link, { id: snoopId, app, channelId, media: mediaOf(prompts) });
    void this.ended.then(() => saying.gone());
    return saying;
  }

  /** Both have been in the bridge since before the leg rang; only a whisper can still keep them apart. */
  async join(): Promise<void> {
    await this.#whisper?.stop();
  }

  async hangup(): Promise<void> {
    await this.#place.requests.release(this);
    await this.drop();
  }

  /** Hangs up at once, without a last answer to the phone's REFER. */
  async drop(): Promise<void> {
    this.#cancelled = true;
    await this.#link.clearUp('channels.hangup', { channelId: this.#place.channelId }, () => !this.#isEnded);
  }

  #onEvent(event: AriEvent): void {
    if (event.type === 'StasisStart') this.#entered.resolve();
    else if (event.type === 'ChannelStateChange') this.#onState(event.channel?.state ?? '');
    else if (event.type === 'ChannelDestroyed') this.#gone(event.cause ?? 0);
    else if (event.type === 'StasisEnd' && this.#isTakenIn)
      this.#gone(Q850.normal); // of one that came in, the last we are told
    else if (event.type === 'ChannelDtmfReceived' || event.type === 'ChannelTransfer') {
      this.#place.requests.asked(this, event);
    }
  }

  #onState(state: string): void {
    if (state === 'Down') return;
    this.#hasRung = true;
    if (state === 'Ringing') this.#rings.resolve();
    if (state !== 'Up' || this.#isAnswered) return;
    this.#isAnswered = true;
    void this.#place.audio.settle();
    void this.#tellAnswered();
  }

  async #tellAnswered(): Promise<void> {
    const answeredBy = this.#takenInFrom ?? (await this.#agent.name(this.#dialling));
    this.#answered.resolve({ answeredBy });
    if (this.#isQueue && !this.#isEnded) await this.#agent.subscribe(answeredBy);
  }

  /** The channel is gone. @param q850 as the PBX said; 0 when nobody knows. */
  #gone(q850: number): void {
    if (this.#discarded !== undefined) this.#discarded.resolve();
    else this.#end({ cause: this.#cancelled ? 'cancelled' : legEndCause(q850, this.#isAnswered), q850 });
  }

  #end(end: LegEnd): void {
    this.#isEnded = true;
    this.#link.unlisten(this.#place.channelId);
    this.#agent.leave();
    this.#whisper?.gone();
    this.#ends.resolve(end);
    void this.#place.audio.settle();
  }
}
