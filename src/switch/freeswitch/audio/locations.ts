/** Where each channel of a call is, as FreeSWITCH's events say. Pure. */

import type { EslEvent } from '../esl/client.ts';
import type { Place } from './plan.ts';

/** Where a channel is, as a look at it shows. */
export function placeOf(channel: EslEvent): Place {
  const partner = channel.variable_signal_bond;
  if (partner !== undefined && partner !== '') return { at: 'pair', with: partner };
  const application = channel.variable_current_application;
  const room = channel['Caller-Destination-Number'];
  if (application === 'conference' && room !== undefined) return { at: 'room', room };
  const to = channel.variable_current_application_data;
  if (application === 'eavesdrop' && to !== undefined) {
    return { at: channel.variable_eavesdrop_whisper_bleg === 'true' ? 'whisper' : 'listen', to };
  }
  return { at: 'wait' };
}

export class Places {
  readonly #places = new Map<string, Place>();

  /** @param callerId the caller is there from the beginning, alone. */
  constructor(callerId: string) {
    this.#places.set(callerId, { at: 'wait' });
  }

  of(channelId: string): Place | undefined {
    return this.#places.get(channelId);
  }

  /** Only of those that are there. */
  present(isThere: (channelId: string) => boolean): ReadonlyMap<string, Place> {
    return new Map([...this.#places].filter(([id]) => isThere(id)));
  }

  set(channelId: string, place: Place): void {
    this.#places.set(channelId, place);
  }

  /** Takes a channel as a look at it shows. One that is not answered is nowhere yet. */
  found(channel: EslEvent): void {
    const id = channel['Unique-ID'];
    if (id !== undefined && channel['Answer-State'] === 'answered') this.#places.set(id, placeOf(channel));
  }

  bridged(one: string, other: string): void {
    for (const id of [one, other]) {
      const before = this.#places.get(id);
      if (before?.at === 'pair' && before.with !== one && before.with !== other) this.#isLeft(before.with);
    }
    this.#places.set(one, { at: 'pair', with: other });
    this.#places.set(other, { at: 'pair', with: one });
  }

  entered(channelId: string, room: string): void {
    this.#leaves(channelId);
    this.#places.set(channelId, { at: 'room', room });
  }

  /** Alone, and waiting. */
  waits(channelId: string): void {
    this.#leaves(channelId);
    this.#places.set(channelId, { at: 'wait' });
  }

  ended(channelId: string): void {
    this.#leaves(channelId);
    this.#places.delete(channelId);
  }

  #leaves(channelId: string): void {
    const before = this.#places.get(channelId);
    if (before?.at === 'pair') this.#isLeft(before.with);
  }

  /** It goes by itself to where it waits. */
  #isLeft(channelId: string): void {
    if (this.#places.get(channelId)?.at === 'pair') this.#places.set(channelId, { at: 'moving' });
  }
}
