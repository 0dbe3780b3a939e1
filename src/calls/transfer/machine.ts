/**
 * Handing a caller on: `(state, event) → state and effects`, one row of the table in docs/transfers.md after another.
 * Pure. Every leg's death at every stage has a result here, and none of them is a caller with nobody and nothing to hear.
 */
import type { WaysOut } from '../../routing/transfers.ts';
import { answered, heard, rings, supervising, unanswered } from './answers.ts';
import { gone } from './deaths.ts';
import type { Event, Taken } from './events.ts';
import type { On } from './moves.ts';
import { asked, comeBack, complete, hold, mute, pullBack, supervise, unsupervise } from './requests.ts';
import type { TransferState } from './state.ts';

export type { Effect, Event } from './events.ts';
export { isSeeking } from './state.ts';

const HANDLERS: { readonly [K in Event['is']]: On<K> } = {
  asked,
  complete,
  return: comeBack,
  hold: hold(true),
  resume: hold(false),
  mute: mute(true),
  unmute: mute(false),
  'pull-back': pullBack,
  supervise,
  supervising,
  unsupervise,
  rings,
  answered,
  unanswered,
  heard,
  gone,
};

/**
 * What an event makes of a conversation. Total: what does not fit the stage is refused, or changes nothing.
 * @param ways where a caller goes whom no agent has, or who was transferred too often.
 */
export const transition = (state: TransferState, event: Event, ways: WaysOut): Taken => {
  const handler = HANDLERS[event.is] as On<Event['is']>;
  return handler(state, event as never, ways);
};
