/** Answers whoever asks for something on a conversation: judges it, has it done, keeps the answer under the asker's key. */
import type { RecordFields } from '../records/record.ts';
import type { DestinationId, Table } from '../routing/table.ts';
import type { PhoneCall } from '../switch/port.ts';
import { askedFrom, askingOf, isStranger, refusalOf } from './asking.ts';
import { shortKey } from './short-key.ts';
import type { Story } from './story.ts';
import type { Told } from './transfer/events.ts';
import type { Event, Refusal } from './transfer/machine.ts';
import type { Asker, CallAnswer, CallRequest } from './transfer/request.ts';
import type { HandOver, Stage } from './transfer/state.ts';

/** Answers kept under their keys: an asker who hears nothing asks again at once, not after two others. */
const ANSWERS_KEPT = 2;

export interface AnsweringParts {
  readonly story: Story;
  readonly table: Table;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** The controller is about to stop: nobody is handed on any more. */
  readonly isStopping: () => boolean;
  /** Waits, or throws when the session has to leave the call. */
  readonly orGone: <T>(awaited: Promise<T>) => Promise<T>;
  readonly state: () => HandOver;
  /** @param answers what the state keeps, in one with what the event makes of it: killed, neither is done without the other. */
  readonly take: (
    event: Event,
    answers: (stage: Stage) => HandOver['answers'],
  ) => Promise<{ readonly refused?: Refusal }>;
  /** Of the state, in place of what was kept before. Resolves when it is remembered. */
  readonly keep: (answers: HandOver['answers']) => Promise<void>;
  readonly newLegId: () => string;
  /** Agents' own calls that are to be taken in, by the leg they become. */
  readonly phones: Map<string, PhoneCall>;
}

export interface Wish {
  readonly request: CallRequest;
  readonly asker: Asker;
  /** The agent's own call, to be taken in. */
  readonly own?: PhoneCall;
  /** Told once what was accepted has come to its end. */
  readonly whenDone?: (isDone: boolean) => void;
}

export class Answering {
  readonly #parts: AnsweringParts;
  /** Whoever asked by REFER and is to be told what became of it. */
  #whenDone: ((isDone: boolean) => void) | undefined;

  constructor(parts: AnsweringParts) {
    this.#parts = parts;
  }

  /** To be called in its turn among the events of the call; what is refused changes nothing. */
  async answer(wish: Wish): Promise<CallAnswer> {
    const { request, asker } = wish;
    const { state } = this.#parts;
    const key = asker.key === undefined ? undefined : shortKey(asker.key);
    const before = state().answers.find(([each]) => each === key);
    if (key !== undefined && before) return answerFrom(before);
    const answer = await this.#decide(wish, key);
    if ('refused' in answer && isStranger(asker, state())) return answer;
    const told = 'refused' in answer ? refusalOf(request, asker, answer.refused, answer.to) : undefined;
    if (told) await this.#tellRefused({ ...told, from: askedFrom(asker, state()) });
    // Before the asker hears it: whoever takes the call over gives the same answer.
    if (key !== undefined && 'refused' in answer) await this.#parts.keep(this.#with(key, answer.refused, answer.to));
    return answer;
  }

  /** A step of a hand-over was told. */
  told(stage: Told): void {
    if (stage === 'asked' || stage === 'consulting') return;
    this.#whenDone?.(stage === 'completed');
    this.#whenDone = undefined;
  }

  async #decide({ request, asker, own, whenDone }: Wish, key: string | undefined): Promise<CallAnswer> {
    const { story, table, now, isStopping, state, newLegId, phones, take } = this.#parts;
    const { number, region } = story.memory;
    const newLeg = newLegId();
    const of = { state: state(), table, number: number ?? '', region: region ?? '', newLeg };
    const asking = askingOf(request, asker, { ...of, at: now() }, own !== undefined);
    if ('refused' in asking) return { ...asking, to: null };
    if (isStopping() && isHandingOn(asking.event, state())) return { refused: 'NOT_NOW', to: asking.to };
    const waitedBefore = this.#whenDone;
    if (whenDone) this.#whenDone = whenDone;
    if (own) phones.set(newLeg, own);
    const { refused } = await take(asking.event, (stage) => this.#with(key, stage, asking.to));
    const isUnused = phones.delete(newLeg);
    if (refused === undefined) {
      if (own && isUnused) void own.refuse([]).catch(() => undefined); // nobody needs it: it hangs up by itself at worst
      return { stage: state().stage, to: asking.to };
    }
    this.#whenDone = waitedBefore;
    return { refused, to: asking.to };
  }

  async #tellRefused(told: RecordFields<'transferred'>): Promise<void> {
    const { story, orGone } = this.#parts;
    await orGone(story.tellMoved([() => story.tell('transferred', told)], () => story.move({})));
  }

  /** The answers that are kept, with one more. */
  #with(key: string | undefined, said: string, to: DestinationId | null): HandOver['answers'] {
    const { answers } = this.#parts.state();
    return key === undefined
      ? answers
      : [...answers, [key, said, to] as [string, string, typeof to]].slice(-ANSWERS_KEPT);
  }
}

/** Would begin what this controller does not see the end of. Coming back to the caller is none of it. */
const isHandingOn = ({ is }: Event, { stage }: HandOver): boolean =>
  is === 'asked' || (is === 'pull-back' && stage === 'talk');

const isRefusal = (text: string): text is Refusal => text === text.toUpperCase();

const answerFrom = ([, said, to]: HandOver['answers'][number]): CallAnswer =>
  isRefusal(said) ? { refused: said, to } : { stage: said as Stage, to };
