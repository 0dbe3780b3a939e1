/** Where each channel of a call is, as FreeSWITCH's events say. Pure. */

import type { EslEvent } from '../esl/client.ts';
import type { Location } from './plan.ts';

/** Where a channel is, as a look at it shows. */
export function locationOf(channel: EslEvent): Location {
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

export class ChannelLocations {
  readonly #locations = new Map<string, Location>();

  /** @param callerId the caller is there from the beginning, alone. */
  constructor(callerId: string) {
    this.#locations.set(callerId, { at: 'wait' });
  }

  of(channelId: string): Location | undefined {
    return this.#locations.get(channelId);
  }

  /** Only of those that are there. */
  present(isThere: (channelId: string) => boolean): ReadonlyMap<string, Location> {
    return new Map([...this.#locations].filter(([id]) => isThere(id)));
  }

  set(channelId: string, location: Location): void {
    this.#locations.set(channelId, location);
  }

  /** Takes a channel as a look at it shows. One that is not answered is nowhere yet. */
  found(channel: EslEvent): void {
    const id = channel['Unique-ID'];
    if (id !== undefined && channel['Answer-State'] === 'answered') this.#locations.set(id, locationOf(channel));
  }

  bridged(one: string, other: string): void {
    for (const id of [one, other]) {
      const before = this.#locations.get(id);
      if (before?.at === 'pair' && before.with !== one && before.with !== other) this.#isLeft(before.with);
    }
    this.#locations.set(one, { at: 'pair', with: other });
    this.#locations.set(other, { at: 'pair', with: one });
  }

  entered(channelId: string, room: string): void {
    this.#leaves(channelId);
    this.#locations.set(channelId, { at: 'room', room });
  }

  /** Alone, and waiting. */
  waits(channelId: string): void {
    this.#leaves(channelId);
    this.#locations.set(channelId, { at: 'wait' });
  }

  ended(channelId: string): void {
    this.#leaves(channelId);
    this.#locations.delete(channelId);
  }

  #leaves(channelId: string): void {
    const before = this.#locations.get(channelId);
    if (before?.at === 'pair') this.#isLeft(before.with);
  }

  /** It goes by itself to where it waits. */
  #isLeft(channelId: string): void {
    if (this.#locations.get(channelId)?.at === 'pair') this.#locations.set(channelId, { at: 'moving' });
  }
}
