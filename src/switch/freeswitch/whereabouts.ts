/** Where in the dialplan a caller's channel is, when nobody has told us. */
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';

/** Of `dialplan/freeswitch/generated/hotline-fallback.xml`, which goes on from there through contexts that begin alike. */
export const FALLBACK_CONTEXT = 'hotline-fallback';

export const isInFallback = (channel: EslEvent): boolean =>
  (channel['Caller-Context'] ?? '').startsWith(FALLBACK_CONTEXT);

/** Rejects with {@link EslError} when the PBX does not answer. */
export async function hasFallen(link: EslLink, channelId: string): Promise<boolean> {
  let channel: EslEvent = {};
  await link.attempt(async () => {
    channel = JSON.parse(await link.api('uuid_dump', channelId, 'json'));
  });
  return isInFallback(channel);
}

/** Reason of a call's abort signal: a fault between us and the PBX, and its dialplan has gone on to the fallback. */
export class CallLost extends Error {
  override readonly name = 'CallLost';
  constructor() {
    super('the dialplan has gone on with the call, to the fallback');
  }
}
