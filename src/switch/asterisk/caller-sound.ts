/**
 * What a caller hears who is alone. Music on hold and ringing are both ended by Asterisk itself when a phone answers that
 * is the only one in the caller's bridge, so neither outlives its time when nobody is in control (see `docs/decisions/`).
 */
import type { AriLink } from './ari/link.ts';

export type Sound = 'none' | 'ringing' | 'music';

const STARTS = { ringing: 'channels.ring', music: 'channels.startMoh' } as const;
const STOPS = { ringing: 'channels.ringStop', music: 'channels.stopMoh' } as const;

export class CallerSound {
  readonly #link: AriLink;
  readonly #channelId: string;
  readonly #isWanted: () => boolean;
  #now: Sound | 'unknown' = 'none';

  constructor(link: AriLink, channelId: string, isWanted: () => boolean) {
    this.#link = link;
    this.#channelId = channelId;
    this.#isWanted = isWanted;
  }

  /** A former controller may have begun one, or another sound has put an end to it. */
  unknown(): void {
    this.#now = 'unknown';
  }

  /** Rejects with `AriError` when the PBX refuses; what is heard then is not known. */
  async become(sound: Sound): Promise<void> {
    const former = this.#now;
    if (former === sound) return;
    this.#now = sound;
    try {
      if (sound !== 'none') await this.#do(STARTS[sound]);
      else await this.#do(former === 'ringing' ? STOPS.ringing : STOPS.music); // either ends the other too
    } catch (error) {
      this.unknown();
      throw error;
    }
  }

  async #do(
    operation: 'channels.ring' | 'channels.startMoh' | 'channels.ringStop' | 'channels.stopMoh',
  ): Promise<void> {
    await this.#link.insist(operation, { channelId: this.#channelId }, this.#isWanted);
  }
}
