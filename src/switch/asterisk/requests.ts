/** What agents' phones ask for on a call, by keys and by REFER, and what we answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PhoneRequest, RequestAnswer } from '../port.ts';
import type { AriEvent, ReferTo } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';

export interface AskingLeg {
  readonly id: string;
  readonly channelId: string;
  readonly isTakenIn: boolean;
  readonly isAnswered: boolean;
}

/** Asterisk's name for a REFER that was carried out. */
const ANSWERED = 'channel_answered';

/** `states` of `transfer_progress`; the phone is told 100, 603, 200 and 503. */
const STATES: Readonly<Record<RequestAnswer, string>> = {
  accepted: 'channel_progress',
  refused: 'channel_declined',
  completed: ANSWERED,
  failed: 'channel_unavailable',
};

/** How long we wait until a phone has the outcome of its REFER before we hang it up; 2 to 20 ms seen. */
const TOLD_WITHIN_MS = 200;
/** A hang-up right after it can overtake it in the phone, which then believes that the transfer failed. */
const TOLD_BEFORE_MS = 50;

export class Requests {
  readonly #link: AriLink;
  readonly #legs: ReadonlyMap<string, AskingLeg>;
  /** By id, legs whose phones wait for the outcome of their REFER; resolves when Asterisk has sent the last answer. */
  readonly #open = new Map<string, PromiseWithResolvers<void>>();
  #told: ((request: PhoneRequest) => void) | undefined;

  /** @param legs those of the call, by id, as they come and go. */
  constructor(link: AriLink, legs: ReadonlyMap<string, AskingLeg>) {
    this.#link = link;
    this.#legs = legs;
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    this.#told = told;
  }

  /** An event of the leg's phone: a key, a REFER, or that Asterisk has passed our own answer on. */
  asked(leg: AskingLeg, event: AriEvent): void {
    if (event.state === ANSWERED) this.#open.get(leg.id)?.resolve();
    if (event.state !== undefined) return;
    const request = this.#requestOf(leg, event);
    if (request === undefined) return;
    if (request.kind !== 'key') this.#open.set(leg.id, Promise.withResolvers());
    if (this.#told !== undefined) this.#told(request);
    else if (request.kind !== 'key') void request.answer('refused');
  }

  /**
   * To be done before a leg is hung up. A phone that we hang up while its REFER is open has done its part, and we tell it so.
   * Otherwise Asterisk would answer 503 with the hang-up, and the agent would believe that the transfer failed.
   */
  async release(leg: AskingLeg): Promise<void> {
    const open = this.#open.get(leg.id);
    if (open === undefined || !leg.isAnswered) return;
    await this.#answer(leg, 'completed');
    await Promise.race([open.promise.then(() => delay(TOLD_BEFORE_MS)), delay(TOLD_WITHIN_MS)]);
    this.#open.delete(leg.id);
  }

  /**
   * Asterisk does not repeat a REFER that we missed during a gap in the events, and its phone would wait for ever. So every
   * phone is told that its REFER is refused; Asterisk ignores it for one that sent none.
   */
  refuseMissed(): void {
    for (const leg of this.#legs.values()) {
      if (leg.isAnswered && !this.#open.has(leg.id)) void this.#answer(leg, 'refused');
    }
  }

  /**
   * For a queue's agent we answer on our half of the queue's Local channel. The answer travels through both halves to the
   * phone's own channel, which no controller may command.
   */
  #answer({ channelId }: AskingLeg, answer: RequestAnswer): Promise<void> {
    return this.#link.clearUp('channels.transfer_progress', { channelId, states: STATES[answer] });
  }

  /** Undefined: it cannot be done on this call, and the phone has been told so. */
  #requestOf(leg: AskingLeg, event: AriEvent): PhoneRequest | undefined {
    if (event.type === 'ChannelDtmfReceived') return { kind: 'key', leg: leg.id, key: event.digit ?? '' };
    if (event.refer_to === undefined) return undefined;
    const answer = (said: RequestAnswer): Promise<void> => {
      if (said !== 'accepted') this.#open.delete(leg.id);
      return this.#answer(leg, said);
    };
    const { destination, protocol_id } = event.refer_to.requested_destination;
    if (protocol_id === undefined) return { kind: 'refer', leg: leg.id, to: destination ?? '', answer };
    const pair = this.#pairOf(leg, event.refer_to);
    if (pair !== undefined) return { kind: 'refer-attended', ...pair, answer };
    void answer('refused'); // it would join the caller with another call's leg
    return undefined;
  }

  /** A phone may send the REFER on either of its two calls. */
  #pairOf(leg: AskingLeg, { destination_channel }: ReferTo): { leg: string; consulted: string } | undefined {
    const other = [...this.#legs.values()].find(({ channelId }) => channelId === destination_channel?.id);
    if (other === undefined || other.isTakenIn === leg.isTakenIn) return undefined;
    return other.isTakenIn ? { leg: leg.id, consulted: other.id } : { leg: other.id, consulted: leg.id };
  }
}
