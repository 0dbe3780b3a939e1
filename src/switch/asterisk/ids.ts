/**
 * Ids of what we make on Asterisk. All begin with our application and the caller's channel id, so that we find them after a restart:
 *
 *   bridge of caller and agents  app~caller             leg                  app~caller~leg
 *   bridge of those aside        app~caller~~aside      its queue's half     app~caller~leg~queue
 *   bridge of one leg alone      app~caller~~own~leg    its snoop channels   app~caller~leg~listens~other, …~whispers~…
 *   playback                     app~caller~~play       what is said to it   app~caller~leg~says~id
 *
 * A call that an agent's phone placed keeps the id that Asterisk gave it; a variable on its channel says which leg it has become.
 */

/** Channel variable of the caller: what was last remembered of the call. */
export const MEMORY_VARIABLE = 'HOTLINE_MEMORY';

/** Channel variable of a phone's own call that was taken in: whose leg it is. */
export const TAKEN_IN_VARIABLE = 'HOTLINE_LEG';

const SEPARATOR = '~';
const ASIDE = 'aside';
const OWN = 'own';
const QUEUE = 'queue';
const WHISPER = 'says';

const join = (...parts: readonly string[]): string => parts.join(SEPARATOR);

export const bridgeIdOf = (app: string, callerId: string): string => join(app, callerId);

export const asideBridgeId = (app: string, callerId: string): string => join(app, callerId, '', ASIDE);

export const ownBridgeId = (app: string, callerId: string, leg: string): string => join(app, callerId, '', OWN, leg);

export const legChannelId = (app: string, callerId: string, leg: string): string => join(app, callerId, leg);

export const playbackIdOf = (app: string, callerId: string, play: string): string => join(app, callerId, '', play);

/** The far half of a queue's Local channel, where `Queue()` runs and leaves its variables. */
export const queueHalfId = (legChannel: string): string => join(legChannel, QUEUE);

/** The leg's channel of a queue's half; undefined for anything else. */
export const legOfQueueHalf = (channelId: string): string | undefined =>
  channelId.endsWith(SEPARATOR + QUEUE) ? channelId.slice(0, -QUEUE.length - 1) : undefined;

/** A snoop channel by which a leg hears another leg and all it hears; with `whispers` that one hears it too. */
export interface Snoop {
  readonly leg: string;
  readonly does: 'listens' | 'whispers';
  /** Id of the other leg. */
  readonly at: string;
}

export const snoopChannelId = (app: string, callerId: string, { leg, does, at }: Snoop): string =>
  join(app, callerId, leg, does, at);

/** The snoop channel by which a leg is told something over its talk. */
export const whisperChannelId = (app: string, callerId: string, leg: string, id: string): string =>
  join(app, callerId, leg, WHISPER, id);

export const isWhisperChannelId = (app: string, channelId: string): boolean => {
  const [prefix, , , kind, ...rest] = channelId.split(SEPARATOR);
  return prefix === app && kind === WHISPER && rest.length === 1;
};

/** The caller's channel id and the leg's id in a channel id of ours; undefined for a caller's channel. */
export function parseLegChannelId(app: string, channelId: string): { callerId: string; leg: string } | undefined {
  const [prefix, callerId, leg, ...rest] = channelId.split(SEPARATOR);
  if (prefix !== app || callerId === undefined || leg === undefined || leg === '' || rest.length > 0) return undefined;
  return { callerId, leg };
}

export function parseSnoopChannelId(app: string, channelId: string): (Snoop & { callerId: string }) | undefined {
  const [prefix, callerId, leg, does, at, ...rest] = channelId.split(SEPARATOR);
  if (prefix !== app || !callerId || !leg || !at || rest.length > 0) return undefined;
  return does === 'listens' || does === 'whispers' ? { callerId, leg, does, at } : undefined;
}

/** The caller's channel id of a bridge of ours; undefined for another's. */
export function parseBridgeId(app: string, bridgeId: string): string | undefined {
  const [prefix, callerId, empty, kind, leg, ...rest] = bridgeId.split(SEPARATOR);
  if (prefix !== app || callerId === undefined || rest.length > 0) return undefined;
  if (empty === undefined || (empty === '' && kind === ASIDE && leg === undefined)) return callerId;
  return empty === '' && kind === OWN && leg !== undefined ? callerId : undefined;
}

/** What a phone's channel keeps of the leg it has become, as value of a channel variable. */
export const takenInValue = (callerId: string, leg: string): string => join(callerId, leg);

export function parseTakenIn(value: string): { callerId: string; leg: string } | undefined {
  const [callerId, leg, ...rest] = value.split(SEPARATOR);
  return callerId && leg && rest.length === 0 ? { callerId, leg } : undefined;
}
