/**
 * The wait tone: what an answered caller hears while phones ring, or while others talk without the caller. FreeSWITCH plays
 * neither by itself. We play a piece at a time: if the controller dies, the dialplan soon takes the caller to the next one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EslLink } from './esl/link.ts';
import { playbackIdOf } from './ids.ts';

/** One ring of the Chinese network (GB/T 3380): 450 Hz, 1 s on, 4 s off. */
const ONE_RING = 'tone_stream://v=-15;%(1000,4000,450)';
/** What the engineer's own callers hear on hold. */
const MUSIC = `%[playback_timeout_sec=5]\${hold_music}`;
/** Longest stay in the dialplan's `socket` of a caller whose controller is gone: the dialplan goes on between two pieces. */
export const PIECE_MS = 5_000;
/** A piece that ended this much too soon was cut; the event of what cut it comes within {@link TOLD_WITHIN_MS}. */
const CUT_SOONER_MS = 300;
const TOLD_WITHIN_MS = 200;

export type Waiting = 'ringing' | 'music';

export class Ringback {
  readonly #link: EslLink;
  readonly #channelId: string;
  /** Of the piece that plays. Each piece has its own id, so that the end of another is not taken for its end. */
  #id = '';
  #rings = 0;
  #isWanted = false;
  #hears: Waiting = 'ringing';
  #begunAt = 0;

  constructor(link: EslLink, channelId: string) {
    this.#link = link;
    this.#channelId = channelId;
  }

  /** Plays one piece after another from now on. Nothing else may be playing. Resolves when FreeSWITCH has the first. */
  async begin(hears: Waiting = 'ringing'): Promise<void> {
    if (this.#isWanted && this.#hears === hears) return;
    const isOther = this.#isWanted;
    this.#isWanted = true;
    this.#hears = hears;
    await (isOther ? this.#ringAnew() : this.#ring());
  }

  /** Another phone rings: the caller hears that at once, not only after the pause of the ring before. */
  again(): void {
    if (this.#isWanted && this.#hears === 'ringing') void this.#ringAnew();
  }

  /** To be done before anything else with the channel: a ring that is still queued on it would sound in the talk. */
  async end(): Promise<void> {
    if (!this.#isWanted) return;
    this.forget();
    await this.#break();
  }

  /** The channel is bridged, or gone. */
  forget(): void {
    this.#isWanted = false;
    this.#link.unlisten(this.#id);
  }

  async #ring(): Promise<void> {
    this.#link.unlisten(this.#id);
    if (!this.#isWanted) return;
    this.#rings += 1;
    this.#id = playbackIdOf(this.#channelId, `ring${this.#rings}`);
    const id = this.#id;
    const onEvent = (): void => void this.#onEnded(id);
    this.#link.listen(this.#id, { kind: 'playback', onEvent, onMissing: () => void this.#ringAnew() });
    this.#begunAt = Date.now();
    const ring = { application: 'playback', argument: this.#hears === 'music' ? MUSIC : ONE_RING, id };
    await this.#link.clearUp(
      () => this.#link.execute(this.#channelId, ring),
      () => this.#isWanted,
    );
  }

  /** After a piece that was cut we wait before the next: it would sound in a talk that has just begun. */
  async #onEnded(id: string): Promise<void> {
    if (Date.now() - this.#begunAt < PIECE_MS - CUT_SOONER_MS) await delay(TOLD_WITHIN_MS, undefined, { ref: false });
    if (this.#id === id) await this.#ring();
  }

  /** Also after a gap in the events, when nobody knows whether it still rings. */
  async #ringAnew(): Promise<void> {
    this.#link.unlisten(this.#id);
    await this.#break();
    await this.#ring();
  }

  async #break(): Promise<void> {
    await this.#link.clearUp(() => this.#link.api('uuid_break', this.#channelId, 'all'));
  }
}
