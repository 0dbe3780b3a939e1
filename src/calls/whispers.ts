/** What agents are told alone, over the talk, one thing at a time. */
import { type TransferWord, transferPrompt } from '../routing/whispers.ts';
import type { Leg, Playback } from '../switch/port.ts';

/** An agent whom the caller has had for so long has been heard, in milliseconds. */
const HEARD_AFTER_MS = 3_000;

export class Whispers {
  #last: Playback | undefined;

  /** Stops what was said before. Resolves when this is over. */
  async say(leg: Leg | undefined, word: TransferWord): Promise<void> {
    const former = this.#last;
    this.#last = leg?.whisperOverTalk('why', [transferPrompt(word)]);
    await Promise.all([former?.stop(), this.#last?.ended]);
  }

  /** Says why, then hangs up. */
  async dismiss(leg: Leg | undefined, word: TransferWord): Promise<void> {
    await this.say(leg, word);
    await leg?.hangup();
  }

  /** Resolves when some seconds of talk, and whatever the agent is told first, are over: the agent has been heard. */
  async heard(): Promise<void> {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, HEARD_AFTER_MS).unref();
    await Promise.allSettled([later, this.#last?.ended]);
  }
}
