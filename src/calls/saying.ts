/** What agents are told alone, and whether the caller has heard an agent since. */
import { type HandOverWord, handOverPrompt } from '../routing/transfer-prompts.ts';
import type { Leg, Playback } from '../switch/port.ts';
import type { HandOver } from './transfer/state.ts';

/** An agent whom the caller has had for so long has been heard, in milliseconds. */
const HEARD_AFTER_MS = 3_000;

export class Saying {
  readonly #legOf: (id: string) => Leg | undefined;
  /** What an agent was told last. */
  #saying: Playback | undefined;

  constructor(legOf: (id: string) => Leg | undefined) {
    this.#legOf = legOf;
  }

  /** Whatever was said before is not said on. Resolves when it is over. */
  async whisper(leg: string, word: HandOverWord): Promise<void> {
    const former = this.#saying;
    this.#saying = this.#legOf(leg)?.whisperOverTalk('why', [handOverPrompt(word)]);
    await Promise.all([former?.stop(), this.#saying?.ended]);
  }

  /** Says why, then hangs up. */
  async dismiss(leg: string, word: HandOverWord): Promise<void> {
    await this.whisper(leg, word);
    await this.#legOf(leg)?.hangup();
  }

  /** Resolves when some seconds of talk, and whatever the agent is told first, are over: the agent has been heard. */
  async heard(): Promise<void> {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, HEARD_AFTER_MS).unref();
    await Promise.allSettled([later, this.#saying?.ended]);
  }
}

/** The agent whom the caller is yet to hear. */
export const unheardLeg = (state: HandOver): string | undefined =>
  state.stage === 'talk' && state.unheard ? state.origin.leg : undefined;
