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
  /** The ring that is being played; each has an id of its own, so that the end of another is not taken for its. */
  #id = '';
  #rings = 0;
  #isWanted = false;

  constructor(link: EslLink, channelId: string) {
    this.#link = link;
    this.#channelId = channelId;
  }

  /** From now on, one ring after another. Nothing else may be playing. */
  begin(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    void this.#ring();
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
    const onEvent = (): void => void this.#ring();
    this.#link.listen(this.#id, { kind: 'playback', onEvent, onMissing: () => void this.#ringAnew() });
    const ring = { application: 'playback', argument: ONE_RING, id: this.#id };
    await this.#link.clearUp(
      () => this.#link.execute(this.#channelId, ring),
      () => this.#isWanted,
    );
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
