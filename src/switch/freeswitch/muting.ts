/** Whose microphone is off. */
import type { EslLink } from './esl/link.ts';

/** Somebody on a call, by the name that a seating gives: `caller`, or a leg's id. */
export interface Muteable {
  readonly id: string;
  readonly channelId: string;
  readonly isThere: boolean;
}

export class Muting {
  readonly #link: EslLink;
  /** Channels whose microphone is off; undefined: nobody knows. */
  #now: Set<string> | undefined = new Set();

  constructor(link: EslLink) {
    this.#link = link;
  }

  /** A former controller may have muted anybody: all are commanded once more. */
  forget(): void {
    this.#now = undefined;
  }

  ended(channelId: string): void {
    this.#now?.delete(channelId);
  }

  /** @param wanted ids of those who are not to be heard. */
  async mute(all: readonly Muteable[], wanted: readonly string[]): Promise<void> {
    const now = this.#now ?? new Set(all.map(({ channelId }) => channelId));
    this.#now = now;
    for (const { id, channelId, isThere } of all) {
      const isMuted = wanted.includes(id);
      if (isMuted === now.has(channelId) || !isThere) continue;
      if (isMuted) now.add(channelId);
      else now.delete(channelId);
      const words = isMuted ? ['start', 'read', 'mute', '1'] : ['stop'];
      await this.#link.clearUp(() => this.#link.api('uuid_audio', channelId, ...words));
    }
  }
}
