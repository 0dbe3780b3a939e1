/** What is written on the caller's channel: it outlives this process, and the dialplan reads it too. */
import type { EslLink } from './esl/link.ts';

export const MEMORY_VARIABLE = 'hotline_memory';
/** Address of the controller that has the call; the dialplan tries it first. */
export const CONTROLLER_VARIABLE = 'hotline_controller';

/** Who is to hear whom. */
export const SEATING_VARIABLE = 'hotline_seating';

/** Ids of the legs dialled: FreeSWITCH's own list of channels is behind by a moment. */
export const LEGS_VARIABLE = 'hotline_legs';

/** What would break a command or its quoting, and what marks that. */
const BREAKS_A_WORD = /[%'\\\s\p{Cc}]/gu;

const percentEncode = (character: string): string =>
  Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

export const encodeMemory = (memory: string): string => memory.replace(BREAKS_A_WORD, percentEncode);

export function decodeMemory(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return ''; // not what we wrote
  }
}

export class CallerNotes {
  readonly #link: EslLink;
  readonly #channelId: string;
  readonly #isHere: () => boolean;
  #memory: string | undefined;
  #writing: Promise<void> | undefined;

  /** @param isHere the channel is there to be written on. */
  constructor(link: EslLink, channelId: string, isHere: () => boolean) {
    this.#link = link;
    this.#channelId = channelId;
    this.#isHere = isHere;
  }

  /** Sets a variable of the channel, or takes it away. @param value read at each try, so that the latest gets there. */
  async set(variable: string, value?: () => string): Promise<void> {
    const words = () => (value === undefined ? [variable] : [variable, value()]);
    await this.#link.clearUp(() => this.#link.api('uuid_setvar', this.#channelId, ...words()), this.#isHere);
  }

  /** The latest wins; resolves when it is there. @param controller our address, which is noted beside it. */
  remember(memory: string, controller: () => string): Promise<void> {
    this.#memory = memory;
    this.#writing ??= this.#write(controller);
    return this.#writing;
  }

  async #write(controller: () => string): Promise<void> {
    await this.set(CONTROLLER_VARIABLE, controller);
    for (let written: string | undefined; written !== this.#memory && this.#isHere(); ) {
      await this.set(MEMORY_VARIABLE, () => {
        written = this.#memory;
        return encodeMemory(written ?? '');
      });
    }
    this.#writing = undefined;
  }
}
