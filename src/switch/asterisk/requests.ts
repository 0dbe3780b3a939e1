/** From what Asterisk tells of a phone's keys and REFERs to what a phone asks for. */
import type { PhoneRequest, RequestAnswer } from '../port.ts';
import type { AriEvent, ReferTo } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';

/** What Asterisk calls a REFER that was done. */
export const ANSWERED = 'channel_answered';

/** `states` of `transfer_progress`; the phone is told 100, 603, 200 and 503. */
const STATES: Readonly<Record<RequestAnswer, string>> = {
  accepted: 'channel_progress',
  refused: 'channel_declined',
  completed: ANSWERED,
  failed: 'channel_unavailable',
};

export interface AskingLeg {
  readonly id: string;
  readonly channelId: string;
  readonly isTakenIn: boolean;
}

/**
 * Tells a phone what becomes of its REFER. For a queue's agent it is said on our side of the queue's Local channel, and
 * travels through both halves to the phone's own, which no controller may command.
 */
export const answerRefer = (link: AriLink, { channelId }: AskingLeg, answer: RequestAnswer): Promise<void> =>
  link.clearUp('channels.transfer_progress', { channelId, states: STATES[answer] });

/** Who asks, and what is to be done once its REFER has been answered for good. */
export interface Asking {
  readonly leg: AskingLeg;
  isOver(): void;
}

/**
 * @param legAt the call's leg on a channel. @returns undefined: something that cannot be done on this call, of which the phone
 * is told so.
 */
export function requestOf(
  link: AriLink,
  { leg, isOver }: Asking,
  event: AriEvent,
  legAt: (channelId: string) => AskingLeg | undefined,
): PhoneRequest | undefined {
  if (event.type === 'ChannelDtmfReceived') return { kind: 'key', leg: leg.id, key: event.digit ?? '' };
  if (event.refer_to === undefined) return undefined;
  const answer = (said: RequestAnswer): Promise<void> => {
    if (said !== 'accepted') isOver();
    return answerRefer(link, leg, said);
  };
  const { destination, protocol_id } = event.refer_to.requested_destination;
  if (protocol_id === undefined) return { kind: 'refer', leg: leg.id, to: destination ?? '', answer };
  const pair = pairOf(leg, event.refer_to, legAt);
  if (pair !== undefined) return { kind: 'refer-attended', ...pair, answer };
  void answer('refused'); // it would join the caller with a call that is none of this call's
  return undefined;
}

/** Phones send it on either of their two calls. */
function pairOf(
  leg: AskingLeg,
  { destination_channel }: ReferTo,
  legAt: (channelId: string) => AskingLeg | undefined,
): { leg: string; consulted: string } | undefined {
  const other = destination_channel && legAt(destination_channel.id);
  if (other === undefined || other.isTakenIn === leg.isTakenIn) return undefined;
  return other.isTakenIn ? { leg: leg.id, consulted: other.id } : { leg: other.id, consulted: leg.id };
}
