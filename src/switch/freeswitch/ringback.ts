/**
 * The ringing an answered caller hears while phones ring: FreeSWITCH makes none by itself. One ring at a time, so that
 * a caller whose controller died is not kept ringing, but goes on to the next controller with the dialplan.
 */
import { playbackIdOf } from './ids.ts';
import type { EslLink } from './link.ts';

/** One ring of the Chinese network (GB/T 3380): 450 Hz, 1 s on, 4 s off. */
const ONE_RING = 'tone_stream://v=-15;%(1000,4000,450)';

export class Ringback {
  readonly #link: EslLink;
  readonly #channelId: string;
  readonly #id: string;
  #isWanted = false;

  constructor(link: EslLink, channelId: string) {
    this.#link = link;
    this.#channelId = channelId;
    this.#id = playbackIdOf(channelId, 'ringback');
  }

  /** From now on, one ring after another. Nothing else may be playing. */
  begin(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#link.listen('playback', this.#id, () => void this.#ring());
    void this.#ring();
  }

  /** Before anything else is done with the channel: a ring that still waits in it would sound in the talk. */
  async end(): Promise<void> {
    if (!this.#isWanted) return;
    this.forget();
    await this.#link.clearUp(this.#link.api('uuid_break', this.#channelId, 'all'));
  }

  /** The channel has been taken away from it. */
  forget(): void {
    this.#isWanted = false;
    this.#link.unlisten(this.#id);
  }

  async #ring(): Promise<void> {
    const ring = { application: 'playback', argument: ONE_RING, id: this.#id };
    if (this.#isWanted) await this.#link.clearUp(this.#link.execute(this.#channelId, ring));
  }
}
