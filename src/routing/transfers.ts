/**
 * 转接机制: whose agents may transfer a caller to whom (written as patterns, compiled to lists), and what an agent means by what
 * a phone or desktop sends: `(table, asked) → step or refusal`. What was sent is only ever compared with the table; nothing of
 * it gets into the answer.
 */
import { CallInQuestion } from './conditions.ts';
import { serves, stepsFor, stepTo } from './plan.ts';
import type { ConnectStep } from './steps.ts';
import type { DestinationId, Table } from './table.ts';

/** Whether an id fits a pattern, given as its parts between `*`. Each part is looked for once, so no pattern takes long. */
const fits = ([first = '', ...rest]: readonly string[], id: string): boolean => {
  const last = rest.at(-1);
  if (last === undefined) return id === first;
  if (!id.startsWith(first) || !id.endsWith(last) || id.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = id.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= id.length - last.length;
};

/** What `queue:12345-*` stands for. */
export const matching = (pattern: string, ids: readonly DestinationId[]): readonly DestinationId[] => {
  const parts = pattern.split('*');
  return ids.filter((id) => fits(parts, id));
};

/** Lists by who hands over. Those who are named once share their list. */
export const compileTransfers = (
  transfers: ReadonlyMap<string, string | readonly string[]>,
  ids: readonly DestinationId[],
): ReadonlyMap<string, readonly DestinationId[]> => {
  const compiled = new Map<string, readonly DestinationId[]>();
  for (const [from, to] of transfers) {
    const targets = [...new Set([to].flat().flatMap((pattern) => matching(pattern, ids)))];
    for (const id of matching(from, ids)) {
      const before = compiled.get(id);
      compiled.set(id, before === undefined ? targets : [...new Set([...before, ...targets])]);
    }
  }
  return compiled;
};

/** Where the agents of a destination may hand a caller to; never back to itself. */
export const transfersFrom = (table: Table, destination: string): readonly DestinationId[] =>
  (table.transfers.get(destination) ?? []).filter((id) => id !== destination);

export type TargetRefusal = 'UNKNOWN_TARGET' | 'NOT_ALLOWED' | 'AMBIGUOUS_TARGET' | 'TARGET_CLOSED';

export interface TargetAsked {
  /** Destination whose agent asks. */
  readonly from: DestinationId;
  /** As sent: not to be trusted with anything. */
  readonly to: string;
  /** Of the call. */
  readonly region: string;
  /** The hotline that the caller dialled. */
  readonly number: string;
  readonly at: Date;
}

export type TransferTarget = { readonly step: ConnectStep } | { readonly refused: TargetRefusal };

/** The hotline that all others are merged into. It is not a number of the table: every chain ends in its queues. */
const HOTLINE = '12345';

const LONGEST_ID = 128;

/** Seats of a number go by its name: `seats:12348`, `seats:12366-xiamen`. */
const isSeatsOf = (id: DestinationId, number: string): boolean =>
  id === `seats:${number}` || id.startsWith(`seats:${number}-`);

const isQueueOf = (id: DestinationId, number: string): boolean =>
  id === `queue:${number}` || id.startsWith(`queue:${number}-`);

const question = (table: Table, dialled: string, region: string, at: Date): CallInQuestion =>
  new CallInQuestion(table, { dialled, caller: null, trunk: null }, { id: region, from: 'default' }, at);

const ownRules = (table: Table, call: CallInQuestion, dialled: string): readonly DestinationId[] => {
  const number = table.numbers.get(dialled);
  return number === undefined ? [] : stepsFor(table, number, call).map(({ to }) => to);
};

/** The 12345 queues of a call, the best first: those that the dialled hotline's own rules name, then the region's. */
const hotlineQueues = (table: Table, call: CallInQuestion, number: string): readonly DestinationId[] => {
  const ofRegion: DestinationId = `queue:${HOTLINE}-${call.region.id}`;
  const all = [...ownRules(table, call, number), ofRegion].filter(
    (id) => isQueueOf(id, HOTLINE) && table.queues.has(id),
  );
  return [...new Set(all)];
};

class Looking {
  readonly #table: Table;
  readonly #asked: TargetAsked;
  readonly #call: CallInQuestion;
  readonly #allowed: readonly DestinationId[];

  constructor(table: Table, asked: TargetAsked) {
    const { to: dialled, region, from, at } = asked;
    this.#table = table;
    this.#asked = asked;
    this.#call = question(table, dialled, region, at);
    this.#allowed = transfersFrom(table, from);
  }

  find(): TransferTarget {
    const { to } = this.#asked;
    if (to.length > LONGEST_ID) return { refused: 'UNKNOWN_TARGET' };
    if (this.#isDestination(to)) return this.#one([to]);
    if (to === HOTLINE) return this.#one(hotlineQueues(this.#table, this.#call, this.#asked.number).slice(0, 1));
    const number = this.#table.numbers.get(to);
    return number === undefined ? { refused: 'UNKNOWN_TARGET' } : this.#number(to);
  }

  #isDestination(text: string): text is DestinationId {
    return this.#table.queues.has(text) || this.#table.seats.has(text);
  }

  /**
   * A number that keeps seats means those seats, never its overflow: the ones that its rules name for the region, or else
   * the ones with the region in their name, or else the only ones. A number without seats means the queue that its calls go to.
   */
  #number(to: string): TransferTarget {
    const own = ownRules(this.#table, this.#call, to);
    const seats = [...this.#table.seats.values()].map(({ id }) => id).filter((id) => isSeatsOf(id, to));
    const ownSeats = own.filter((id) => id.startsWith('seats:'));
    if (seats.length === 0 && ownSeats.length === 0) return this.#one(own.slice(0, 1));
    const allowed = seats.filter((id) => this.#allowed.includes(id));
    const withRegion = allowed.filter((id) => id === `seats:${to}-${this.#asked.region}`);
    const chosen = [ownSeats.filter((id) => this.#allowed.includes(id)), withRegion].find(({ length }) => length > 0);
    if (chosen) return this.#one(chosen);
    if (allowed.length === 0) return { refused: 'NOT_ALLOWED' };
    return allowed.length > 1 ? { refused: 'AMBIGUOUS_TARGET' } : this.#one(allowed);
  }

  /** The first candidate that is allowed and open. Every target that is returned has passed here. */
  #one(candidates: readonly DestinationId[]): TransferTarget {
    if (candidates.length === 0) return { refused: 'UNKNOWN_TARGET' };
    const allowed = candidates.filter((id) => this.#allowed.includes(id));
    if (allowed.length === 0) return { refused: 'NOT_ALLOWED' };
    const open = allowed.find((id) => serves(this.#table, id, this.#call));
    return open === undefined ? { refused: 'TARGET_CLOSED' } : { step: stepTo(this.#table, open) };
  }
}

/** Where an agent may transfer the caller to by this text: only to what the table allows this agent. */
export const transferTarget = (table: Table, asked: TargetAsked): TransferTarget => new Looking(table, asked).find();

/** Where a caller goes whom an agent has lost: the 12345 queue of the region. undefined: there is none, or it is closed. */
export const fallbackStep = (
  table: Table,
  { region, number, at }: Omit<TargetAsked, 'from' | 'to'>,
): ConnectStep | undefined => {
  const call = question(table, number, region, at);
  const open = hotlineQueues(table, call, number).find((id) => serves(table, id, call));
  return open === undefined ? undefined : stepTo(table, open);
};

/** Where a caller can go when the transfer failed, or when there were too many transfers. */
export interface WaysOut {
  /** The 12345 queue of the region; undefined: nowhere but to the apology. */
  readonly fallbackQueue: DestinationId | undefined;
  /** Hand-overs of one call without a minute of talk between them; the next one goes to the supervisors. */
  readonly mostTransfers: number;
  /** Their queue, open now; undefined: `fallbackQueue` instead. */
  readonly supervisors: DestinationId | undefined;
}

export const waysOut = (
  table: Table,
  { region, number, at }: { readonly region: string | null; readonly number: string | null; readonly at: Date },
): WaysOut => {
  const call = question(table, number ?? '', region ?? '', at);
  const { most, supervisors } = table.handOvers;
  return {
    fallbackQueue: number === null || region === null ? undefined : fallbackStep(table, { number, region, at })?.to,
    mostTransfers: most,
    supervisors: supervisors !== undefined && serves(table, supervisors, call) ? supervisors : undefined,
  };
};
