/**
 * The one door for whatever is asked of a conversation: by a desktop or the command line, by REFER, keys, or an agent's own
 * call. Each request, in its turn among the events of the call, becomes an event of the machine or a refusal; what is refused
 * changes nothing. Phones hear alone why they were refused.
 */

import { type Refusal, spokenRefusal } from '../requests/refusals.ts';
import { type Asker, answerShape, type CallAnswer, type CallRequest } from '../requests/request.ts';
import type { DestinationId, Table } from '../routing/table.ts';
import type { PhoneCall, PhoneRequest } from '../switch/port.ts';
import type { CallLog } from './call-log.ts';
import type { Conversation, RequestContext } from './conversation.ts';
import type { Event } from './transfer/events.ts';
import { type FeatureCode, type Keys, NO_KEYS, press } from './transfer/feature-code.ts';
import type { Stage, TransferState } from './transfer/state.ts';
import { askedFrom, isStranger, refusalOf, verdictOf } from './transfer/verdict.ts';

/** Answers kept under their keys: an asker who hears nothing asks again at once, not after two others. */
const ANSWERS_KEPT = 2;

const TOO_LATE: CallAnswer = { refused: 'NOT_NOW', to: null };

export interface RequestHandlerParts {
  readonly conversation: Conversation;
  readonly callLog: CallLog;
  readonly table: Table;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The controller is about to stop: no transfer begins any more. */
  readonly isStopping: () => boolean;
  /** Waits, or throws when the session has to leave the call. */
  readonly orGone: <T>(awaited: Promise<T>) => Promise<T>;
}

interface Wish extends Pick<RequestContext, 'own' | 'whenDone'> {
  readonly request: CallRequest;
  readonly asker: Asker;
}

export class RequestHandler {
  readonly #parts: RequestHandlerParts;
  /** Keys pressed so far, by leg. */
  readonly #keys = new Map<string, Keys>();

  constructor(parts: RequestHandlerParts) {
    this.#parts = parts;
  }

  get state(): TransferState {
    return this.#parts.conversation.state;
  }

  /** Never rejects. */
  async ask(request: CallRequest, asker: Asker, more: Pick<Wish, 'own' | 'whenDone'> = {}): Promise<CallAnswer> {
    const { conversation } = this.#parts;
    return (await conversation.turns.take(() => this.#answer({ request, asker, ...more }))) ?? TOO_LATE;
  }

  /** An agent's own call: consults whom it dialled. */
  consult(own: PhoneCall): Promise<CallAnswer> {
    return this.ask({ do: 'transfer', kind: 'attended', to: own.dialled }, byPhone(own.endpoint), { own });
  }

  /** An agent's own call: takes the caller back. */
  takeBack(own: PhoneCall): Promise<CallAnswer> {
    return this.ask({ do: 'pull-back' }, byPhone(own.endpoint), { own });
  }

  /** What an agent's phone asks for on the call it is on. */
  phoned(request: PhoneRequest): void {
    this.#parts.conversation.turns.beside(this.#phoned(request));
  }

  async #phoned(request: PhoneRequest): Promise<void> {
    const { leg } = request;
    if (request.kind === 'key') return this.#pressed(leg, request.key);
    const asked = request.kind === 'refer' ? transferTo(request.to) : joining(request.consulted, this.state);
    const { promise: done, resolve: whenDone } = Promise.withResolvers<boolean>();
    const isAccepted = asked !== undefined && (await this.#askedBy(leg, asked, whenDone));
    await request.answer(isAccepted ? 'accepted' : 'refused');
    if (isAccepted) await request.answer((await done) ? 'completed' : 'failed');
  }

  async #pressed(leg: string, key: string): Promise<void> {
    const { keys, code, isNoCode } = press(this.#keys.get(leg) ?? NO_KEYS, key, this.#parts.now());
    this.#keys.set(leg, keys);
    if (isNoCode) this.#sayRefusal(leg, 'UNKNOWN_TARGET'); // no record, as no transfer was asked for
    if (code) await this.#askedBy(leg, requestOf(code, this.state));
  }

  /** @returns whether it was accepted */
  async #askedBy(leg: string, request: CallRequest, whenDone?: RequestContext['whenDone']): Promise<boolean> {
    const { state } = this;
    const party = 'target' in state && state.target.leg === leg ? state.target : state.origin;
    const asker = { by: party.agent ?? party.to, via: 'phone', as: { leg } } as const;
    const answer = await this.ask(request, asker, { whenDone });
    if ('refused' in answer) this.#sayRefusal(leg, answer.refused);
    return !('refused' in answer);
  }

  #sayRefusal(leg: string, refused: Refusal): void {
    this.#parts.conversation.whisper(leg, spokenRefusal(refused));
  }

  async #answer(wish: Wish): Promise<CallAnswer> {
    const { conversation, callLog, orGone } = this.#parts;
    const { request, asker } = wish;
    const key = asker.key === undefined ? undefined : shortKey(asker.key);
    const before = this.state.answers.find(([each]) => each === key);
    if (key !== undefined && before) return answerFrom(before);
    const answer = await this.#decide(wish, key);
    if (!('refused' in answer) || isStranger(asker, this.state)) return answer;
    const told = refusalOf(request, asker, answer.refused, answer.to);
    if (told) await orGone(callLog.refused({ ...told, from: askedFrom(asker, this.state) }));
    // Before the asker hears it: whoever adopts the call gives the same answer.
    if (key !== undefined) await conversation.keep(this.#answersWith(key, answer.refused, answer.to));
    return answer;
  }

  async #decide({ request, asker, own, whenDone }: Wish, key: string | undefined): Promise<CallAnswer> {
    const { conversation, callLog, table, now, isStopping } = this.#parts;
    const { number, region } = callLog.checkpoint;
    const newLeg = conversation.newLegId();
    const of = { state: this.state, table, number: number ?? '', region: region ?? '', newLeg, at: now() };
    const verdict = verdictOf(request, asker, of, own !== undefined);
    if ('refused' in verdict) return { ...verdict, to: null };
    const { event, to } = verdict;
    if (isStopping() && isHandingOn(event, this.state)) return { refused: 'NOT_NOW', to };
    const answers = key === undefined ? undefined : (stage: Stage) => this.#answersWith(key, stage, to);
    const refused = await conversation.take(event, { answers, own, whenDone });
    return refused === undefined ? { stage: this.state.stage, to } : { refused, to };
  }

  /** The answers that are kept, with one more. */
  #answersWith(key: string, said: string, to: DestinationId | null): TransferState['answers'] {
    return [...this.state.answers, [key, said, to] as [string, string, typeof to]].slice(-ANSWERS_KEPT);
  }
}

/** The phone as an asker. */
const byPhone = (endpoint: string): Asker => ({ by: endpoint, via: 'phone', as: { endpoint } });

const transferTo = (to: string): CallRequest => ({ do: 'transfer', kind: 'blind', to });

/** REFER with Replaces joins only whom the phone has really consulted through us. */
const joining = (consulted: string, state: TransferState): CallRequest | undefined =>
  'second' in state && state.second === consulted ? { do: 'complete' } : undefined;

const requestOf = (code: FeatureCode, state: TransferState): CallRequest => {
  if (code.do !== 'hold') return code;
  return { do: state.stage === 'talk' && state.held ? 'resume' : 'hold' };
};

/** Would begin what this controller does not see the end of. Coming back to the caller is none of it. */
const isHandingOn = ({ is }: Event, { stage }: TransferState): boolean =>
  is === 'asked' || (is === 'pull-back' && stage === 'talk');

const answerFrom = ([, said, to]: TransferState['answers'][number]): CallAnswer =>
  answerShape.parse(said === said.toUpperCase() ? { refused: said, to } : { stage: said, to });

const FNV_PRIME = 0x01000193;

const fnv1a = (text: string, seed: number): number => {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
};

/**
 * 16 hex digits of a key of any length (FNV-1a, twice). Only a few keys of one call are ever compared, and whoever makes two
 * that fit gets the answer to a request of their own: nothing is guarded by it.
 */
const shortKey = (key: string): string =>
  [fnv1a(key, 0x811c9dc5), fnv1a(`${key}~`, 0x9747b28c)].map((half) => half.toString(16).padStart(8, '0')).join('');
