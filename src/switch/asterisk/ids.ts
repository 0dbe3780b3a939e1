/**
 * Ids of what we make on Asterisk, all told by the caller's channel id, so that they are found again after a restart:
 * bridge `app~caller`, leg `app~caller~leg`, playback `app~caller~~play`.
 */
const SEPARATOR = '~';

export const bridgeIdOf = (app: string, callerId: string): string => [app, callerId].join(SEPARATOR);

export const legChannelId = (app: string, callerId: string, leg: string): string =>
  [app, callerId, leg].join(SEPARATOR);

export const playbackIdOf = (app: string, callerId: string, play: string): string =>
  [app, callerId, '', play].join(SEPARATOR);

/** The far half of a queue's Local channel, where `Queue()` runs and leaves its variables. */
export const queueHalfId = (legChannel: string): string => `${legChannel}${SEPARATOR}queue`;

/** The caller's channel id and the leg's id in a channel id of ours; undefined for a caller's channel. */
export function parseLegChannelId(app: string, channelId: string): { callerId: string; leg: string } | undefined {
  const [prefix, callerId, leg, ...rest] = channelId.split(SEPARATOR);
  if (prefix !== app || callerId === undefined || leg === undefined || rest.length > 0) return undefined;
  return { callerId, leg };
}

/** The caller's channel id of a bridge of ours; undefined for another's. */
export function parseBridgeId(app: string, bridgeId: string): string | undefined {
  const [prefix, callerId, ...rest] = bridgeId.split(SEPARATOR);
  return prefix === app && rest.length === 0 ? callerId : undefined;
}
