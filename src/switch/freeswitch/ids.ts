/**
 * Ids of what we make on FreeSWITCH. All begin with the caller's channel id, so that they are found again after a restart:
 * leg `caller~leg`, playback `caller~~play`. FreeSWITCH accepts any unique word as a channel id.
 */
const SEPARATOR = '~';

export const legChannelId = (callerId: string, leg: string): string => [callerId, leg].join(SEPARATOR);

export const playbackIdOf = (channelId: string, play: string): string => [channelId, '', play].join(SEPARATOR);

/** The caller's channel id and the leg's id in a channel id of ours; undefined for any other channel's. */
export function parseLegChannelId(channelId: string): { callerId: string; leg: string } | undefined {
  const [callerId, leg, ...rest] = channelId.split(SEPARATOR);
  if (callerId === undefined || leg === undefined || rest.length > 0) return undefined;
  return { callerId, leg };
}

/** The caller's channel id in any id made of it. */
export const callerIdOf = (id: string): string => id.split(SEPARATOR)[0] ?? id;

/** A media bug has no id of its own; each channel has one of a kind. @param kind its function in `MEDIA_BUG_STOP`. */
export const mediaBugIdOf = (channelId: string, kind: string): string => `${channelId} ${kind}`;
