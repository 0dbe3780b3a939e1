/** What agents ask by their phones on the call they are on: REFER, and keys. Refusals are spoken to them alone. */
import type { PhoneRequest } from '../switch/port.ts';
import { type FeatureCode, type Keys, NO_KEYS, press } from './transfer/feature-code.ts';
import type { Asker, CallAnswer, CallRequest } from './transfer/request.ts';
import type { HandOver } from './transfer/state.ts';

export interface PhoneRequestsParts {
  readonly state: () => HandOver;
  readonly now: () => number;
  /** @param whenDone told once what was accepted has come to its end. */
  readonly ask: (request: CallRequest, asker: Asker, whenDone?: (isDone: boolean) => void) => Promise<CallAnswer>;
  readonly sayRefusal: (leg: string, answer: CallAnswer) => void;
}

/** Keys that mean nothing: said, and told nobody, for nobody was to be handed on. */
const NO_CODE: CallAnswer = { refused: 'UNKNOWN_TARGET', to: null };

/** The phone as an asker. */
export const byPhone = (endpoint: string): Asker => ({ by: endpoint, via: 'phone', as: { endpoint } });

export class PhoneRequests {
  readonly #parts: PhoneRequestsParts;
  readonly #keys = new Map<string, Keys>();

  constructor(parts: PhoneRequestsParts) {
    this.#parts = parts;
  }

  async take(request: PhoneRequest): Promise<void> {
    if (request.kind === 'key') return this.#key(request.leg, request.key);
    const asked: CallRequest | undefined =
      request.kind === 'refer' ? { do: 'transfer', kind: 'blind', to: request.to } : this.#joins(request.consulted);
    if (asked === undefined) return request.answer('refused');
    const { promise: done, resolve } = Promise.withResolvers<boolean>();
    const answer = await this.#parts.ask(asked, this.#asker(request.leg), resolve);
    if ('refused' in answer) {
      this.#parts.sayRefusal(request.leg, answer);
      return request.answer('refused');
    }
    await request.answer('accepted');
    await request.answer((await done) ? 'completed' : 'failed');
  }

  /** Only whom the phone has really consulted through us. */
  #joins(consulted: string): CallRequest | undefined {
    const state = this.#parts.state();
    return 'second' in state && state.second === consulted ? { do: 'complete' } : undefined;
  }

  async #key(leg: string, key: string): Promise<void> {
    const { keys, code, isNoCode } = press(this.#keys.get(leg) ?? NO_KEYS, key, this.#parts.now());
    this.#keys.set(leg, keys);
    if (isNoCode) this.#parts.sayRefusal(leg, NO_CODE);
    if (code === undefined) return;
    const answer = await this.#parts.ask(this.#requestOf(code), this.#asker(leg));
    if ('refused' in answer) this.#parts.sayRefusal(leg, answer);
  }

  #requestOf(code: FeatureCode): CallRequest {
    if (code.do !== 'hold') return code;
    const state = this.#parts.state();
    return { do: state.stage === 'talk' && state.held ? 'resume' : 'hold' };
  }

  #asker(leg: string): Asker {
    const state = this.#parts.state();
    const party = 'target' in state && state.target.leg === leg ? state.target : state.origin;
    return { by: party.agent ?? party.to, via: 'phone', as: { leg } };
  }
}
