/**
 * What an answered caller hears while phones ring, or while others talk aside: FreeSWITCH makes neither by itself. A piece
 * at a time, so that a caller whose controller died is not kept waiting, but goes on to the next controller with the dialplan.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { EslLink } from './esl/link.ts';
import { playbackIdOf } from './ids.ts';

/** One ring of the Chinese network (GB/T 3380): 450 Hz, 1 s on, 4 s off. */
const ONE_RING = 'tone_stream://v=-15;%(1000,4000,450)';
/** What the engineer's own callers hear on hold. */
const MUSIC = `%[playback_timeout_sec=5]\${hold_music}`;
/** How long a caller whose controller is gone may stay in the dialplan's `socket`: it goes on between two pieces. */
export const PIECE_MS = 5_000;
/** A piece that ended sooner was cut: whoever cut it is told of by then. */
const CUT_SOONER_MS = 300;
const TOLD_WITHIN_MS = 200;

export type Waiting = 'ringing' | 'music';

export class Ringback {
  readonly #link: EslLink;
  readonly #channelId: string;
  /** The ring that is being played; each has an id of its own, so that the end of another is not taken for its. */
  #id = '';
  #rings = 0;
  #isWanted = false;
  #hears: Waiting = 'ringing';
  #begunAt = 0;

  constructor(link: EslLink, channelId: string) {
    this.#link = link;
    this.#channelId = channelId;
  }

  /** From now on, one piece after another. Nothing else may be playing. Resolves when FreeSWITCH has the first. */
  async begin(hears: Waiting = 'ringing'): Promise<void> {
    if (this.#isWanted && this.#hears === hears) return;
    const isOther = this.#isWanted;
    this.#isWanted = true;
    this.#hears = hears;
    await (isOther ? this.#ringAnew() : this.#ring());
  }

  /** Another phone rings: the caller hears that at once, not when a former ring's pause is over. */
  again(): void {
    if (this.#isWanted && this.#hears === 'ringing') void this.#ringAnew();
  }

  /** Before anything else is done with the channel: a ring that still waits in it would sound in the talk. */
  async end(): Promise<void> {
    if (!this.#isWanted) return;
    this.forget();
    await this.#break();
  }

  /** The channel has been taken away from it. */
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

  /** One that was cut is not followed at once: it would sound in a talk that has just begun. */
  async #onEnded(id: string): Promise<void> {
    if (Date.now() - this.#begunAt < PIECE_MS - CUT_SOONER_MS) await delay(TOLD_WITHIN_MS, undefined, { ref: false });
    if (this.#id === id) await this.#ring();
  }

  /** After a gap nobody knows whether it still rings. */
  async #ringAnew(): Promise<void> {
    this.#link.unlisten(this.#id);
    await this.#break();
    await this.#ring();
  }

  async #break(): Promise<void> {
    await this.#link.clearUp(() => this.#link.api('uuid_break', this.#channelId, 'all'));
  }
}
