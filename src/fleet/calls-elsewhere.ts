/**
 * Requests for calls that another controller of the fleet holds: any controller takes them, so that they may come through a
 * load balancer, and the one that holds the call answers.
 *
 *   asked here ──not ours──▶ `asked` to all ──holder──▶ `taken`, then `answered`, to whoever asked
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ServiceUnreachable } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { answerShape, askingShape, type CallAnswer, type CallControl, requestShape } from '../requests/request.ts';

/** What this controller has itself. */
export interface HeldCalls extends CallControl {
  has(call: string): boolean;
}

/** What the fleet talks by. Says nothing of a message that is lost. */
export interface FleetBus {
  /** Resolves once it hears; whatever is said from then on is told. */
  hear(channel: string, told: (text: string) => void): Promise<void>;
  say(channel: string, text: string): Promise<void>;
  stop(): Promise<void>;
}

const ASKED = 'hotline:calls:asked';
const answersFor = (controller: string): string => `hotline:calls:answers:${controller}`;

/** Nobody who says so by then has the call; a message takes a few milliseconds. */
const TAKEN_WITHIN_MS = 700;
/** Of one that was taken. */
const ANSWERED_WITHIN_MS = 5_000;

const askedShape = z.object({
  id: z.string(),
  from: z.string(),
  call: z.string(),
  /** Undefined: another version's, which this one does not know. */
  wish: requestShape.optional().catch(undefined),
  asking: askingShape.optional().catch(undefined),
});

const answeredShape = z.object({
  id: z.string(),
  /** Without it: taken, and not answered yet. */
  answer: answerShape.exactOptional(),
});

const NOT_UNDERSTOOD: CallAnswer = { refused: 'NOT_NOW', to: null };

interface Waiting {
  readonly taken: PromiseWithResolvers<void>;
  readonly answered: PromiseWithResolvers<CallAnswer>;
}

function read<T>(shape: z.ZodType<T>, text: string): T | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export class FleetCalls implements CallControl {
  readonly #local: HeldCalls;
  readonly #bus: FleetBus;
  readonly #log: Logger;
  /** Ours among the controllers, in this life. */
  readonly #me = randomUUID();
  readonly #waiting = new Map<string, Waiting>();

  constructor(local: HeldCalls, bus: FleetBus, log: Logger) {
    this.#local = local;
    this.#bus = bus;
    this.#log = log;
  }

  async start(): Promise<void> {
    await Promise.all([
      this.#bus.hear(ASKED, (text) => void this.#serve(text)),
      this.#bus.hear(answersFor(this.#me), (text) => this.#told(text)),
    ]);
  }

  stop(): Promise<void> {
    return this.#bus.stop();
  }

  /** Undefined: no controller that can be reached has it. Rejects with {@link ServiceUnreachable} when one has, and is silent. */
  async ask(...[call, wish, asking]: Parameters<CallControl['ask']>): Promise<CallAnswer | undefined> {
    const ours = await this.#local.ask(call, wish, asking);
    if (ours !== undefined) return ours;
    const id = randomUUID();
    const waiting = { taken: Promise.withResolvers<void>(), answered: Promise.withResolvers<CallAnswer>() };
    this.#waiting.set(id, waiting);
    try {
      await this.#bus.say(ASKED, JSON.stringify({ id, from: this.#me, call, wish, asking }));
      const isTaken = waiting.taken.promise.then(() => true);
      if (!(await within(TAKEN_WITHIN_MS, isTaken))) return undefined;
      const answer = await within(ANSWERED_WITHIN_MS, waiting.answered.promise);
      if (answer === undefined) throw new ServiceUnreachable(`the controller that has ${call} does not answer`);
      return answer;
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Another's request; one for a call that is not here is another's to answer. */
  async #serve(text: string): Promise<void> {
    const asked = read(askedShape, text);
    if (asked === undefined || asked.from === this.#me || !this.#local.has(asked.call)) return;
    const { id, from, call, wish, asking } = asked;
    await this.#bus.say(answersFor(from), JSON.stringify({ id }));
    try {
      const answer = wish && asking ? await this.#local.ask(call, wish, asking) : NOT_UNDERSTOOD;
      if (answer !== undefined) await this.#bus.say(answersFor(from), JSON.stringify({ id, answer }));
    } catch (error) {
      this.#log.error({ call, reason: String(error) }, 'a request of another controller could not be served');
    }
  }

  #told(text: string): void {
    const { id, answer } = read(answeredShape, text) ?? {};
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    waiting?.taken.resolve();
    if (answer !== undefined) waiting?.answered.resolve(answer);
  }
}

async function within<T>(ms: number, awaited: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, ms, undefined);
  const first = await Promise.race([awaited, late]);
  clearTimeout(timer);
  return first;
}
