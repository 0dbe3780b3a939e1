/**
 * What is written on a leg's channel, for the dialplan to read: where it goes when it is answered, or the next time it is
 * alone. It goes there with nobody in control even.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { CallLeg } from '../caller.ts';
import type { EslLink } from '../esl/link.ts';
import type { Place } from './plan.ts';

/** A leg that is being dialled has a channel by then. */
const MADE_TRIES_MS = [0, 50, 200, 500, 1_000];

/** Variables of the leg's channel, by which the dialplan reads where it goes. */
export type LegRoute = Readonly<Record<string, string>>;

function sayOf(place: Place | undefined): LegRoute {
  if (place?.at === 'pair') return { hotline_goes: 'pair', hotline_with: place.with };
  if (place?.at === 'room') return { hotline_goes: 'room', hotline_with: place.room };
  if (place?.at !== 'listen' && place?.at !== 'whisper') return { hotline_goes: 'wait' };
  const whispers = String(place.at === 'whisper');
  return { hotline_goes: place.at, hotline_with: place.to, eavesdrop_whisper_bleg: whispers };
}

export class Directions {
  readonly #link: EslLink;
  /** What each ringing leg was told, by its id. */
  readonly #told = new Map<string, string>();

  constructor(link: EslLink) {
    this.#link = link;
  }

  /** For one that is about to be dialled. @returns what it is to be dialled with. */
  invite(leg: CallLeg, place: Place | undefined): LegRoute {
    const said = sayOf(place);
    this.#told.set(leg.id, JSON.stringify(said));
    return said;
  }

  /** For those that ring, where it is not what they were told last. */
  tellRinging(legs: Iterable<CallLeg>, want: ReadonlyMap<string, Place>): void {
    for (const leg of legs) {
      if (leg.isAnswered || leg.isQueued) continue;
      const said = sayOf(want.get(leg.channelId));
      if (this.#told.get(leg.id) === JSON.stringify(said)) continue;
      this.#told.set(leg.id, JSON.stringify(said));
      void this.#tell(leg, said);
    }
  }

  async say(channelId: string, place: Place): Promise<void> {
    await this.#write(channelId, sayOf(place));
  }

  ended(leg: CallLeg): void {
    this.#told.delete(leg.id);
  }

  async #tell(leg: CallLeg, said: LegRoute): Promise<void> {
    const isWanted = () => this.#told.get(leg.id) === JSON.stringify(said) && !leg.isAnswered;
    for (const wait of MADE_TRIES_MS) {
      if (wait > 0) await delay(wait);
      if (!isWanted() || (await this.#write(leg.channelId, said))) return;
    }
  }

  /** Under names that it was not dialled with: FreeSWITCH writes those on it once more when it is answered. */
  async #write(channelId: string, said: LegRoute): Promise<boolean> {
    const { hotline_goes = 'wait', hotline_with = '', eavesdrop_whisper_bleg = 'false' } = said;
    const told = { goes: hotline_goes, with: hotline_with, whispers: eavesdrop_whisper_bleg };
    const text = Object.entries(told).map(([name, value]) => `hotline_told_${name}=${value}`);
    return this.#link.clearUp(() => this.#link.api('uuid_setvar_multi', channelId, text.join(';')));
  }
}
