/**
 * What the records of a call add up to: one fold, for the board, the counters, the list of missed calls, the canary, and
 * the end of calls that no controller saw. Pure; it reads no clock and no file.
 */
import type { PastRecord } from './record.ts';

type Of<T extends PastRecord['type']> = Extract<PastRecord, { readonly type: T }>;
type Destination = Of<'ended'>['tried'][number];

/** `arrived`: nothing is dialled yet, or nothing any more. */
export const CALL_STATES = ['arrived', 'ringing', 'queued', 'talking'] as const;
export type CallState = (typeof CALL_STATES)[number];

/** What became of a call that is in the table. `lost`: the PBX died under it. */
export const OUTCOMES = ['answered', 'gave-up', 'no-answer', 'failure', 'lost', 'given-back'] as const;
export type Outcome = (typeof OUTCOMES)[number] | 'refused';

/** Whether an agent has the caller. `apart`: the agent speaks with a colleague, over music to the caller. */
type Talk = 'talks' | 'apart' | 'waits';

export interface CallView {
  readonly id: string;
  /** Number of the table; null: not in it. */
  readonly number: string | null;
  readonly region: string | null;
  /** As the carrier delivered it; null: withheld, or not known. */
  readonly caller: string | null;
  readonly switch: string;
  /** Unix milliseconds, as are all times here. */
  readonly arrivedAt: number;
  readonly state: CallState;
  /** When the state began. */
  readonly since: number;
  /** The caller hears a prompt. Phones may ring meanwhile. */
  readonly prompt: boolean;
  /** What is dialled, or where the agent is who talks. */
  readonly to: string | null;
  readonly agent: string | null;
  /** From INVITE to the first agent; null: there was none so far. */
  readonly waitedMs: number | null;
  /** Transfers that were completed. */
  readonly transfers: number;
  /** Of the last record. */
  readonly seq: number;
  readonly ms: number;
  /** Why nobody was reached, once that is told. */
  readonly missed: Of<'missed'>['reason'] | null;
  /** Null: the call is up. */
  readonly outcome: Outcome | null;
  /** The first time that an agent talked. */
  readonly answered: Of<'answered'> | null;
  readonly talk: Talk | null;
  readonly talkedMs: number;
  /** Destinations that rang for the caller, in order. */
  readonly tried: readonly Destination[];
  /** The same without the transfer that was asked for last, which may yet be refused. */
  readonly triedBefore: readonly Destination[];
}

export const timeOf = ({ at }: PastRecord): number => Date.parse(at);

const callerIn = (record: PastRecord): string | null => {
  const isNamed = record.type === 'arrived' || record.type === 'missed' || record.type === 'ended';
  return (isNamed ? record.caller : null) ?? null;
};

/** A call of which no record was seen before this one. */
const firstSeen = (record: PastRecord): CallView => ({
  id: record.callId,
  number: record.number,
  region: record.region,
  caller: null,
  switch: record.switch,
  arrivedAt: timeOf(record) - record.ms,
  state: 'arrived',
  since: timeOf(record),
  prompt: false,
  to: null,
  agent: null,
  waitedMs: null,
  transfers: 0,
  seq: -1,
  ms: record.ms,
  missed: null,
  outcome: null,
  answered: null,
  talk: null,
  talkedMs: 0,
  tried: [],
  triedBefore: [],
});

/** No agent has the caller now, not even one who talked before. */
const dialled = (call: CallView, state: CallState, to: string | null, since: number): CallView => ({
  ...call,
  state,
  to,
  agent: null,
  since,
});

/** Once a caller has talked, dialling the same destination again at once adds nothing. */
const withTried = (call: CallView, to: Destination | null): Pick<CallView, 'tried' | 'triedBefore'> => {
  const isAgain = to === null || (call.answered !== null && call.tried.at(-1) === to);
  const tried = isAgain ? call.tried : [...call.tried, to];
  return { tried, triedBefore: tried };
};

/** The caller waits from the moment a blind transfer is asked for, or a waiting caller is pulled back. */
const transferAsked = (call: CallView, { kind, to, at }: Of<'transferred'>): CallView => {
  const tried = { ...withTried(call, kind === 'pull-back' ? null : to), triedBefore: call.tried };
  const isWaiting = kind === 'blind' || call.state !== 'talking';
  const state = to?.startsWith('queue:') && kind !== 'pull-back' ? 'queued' : 'ringing';
  return { ...(isWaiting ? dialled(call, state, to, Date.parse(at)) : call), ...tried };
};

/** The agent who takes the call has an `answered` record, which may have come already. */
const transferCompleted = (call: CallView, { to, at }: Of<'transferred'>): CallView => ({
  ...call,
  ...(call.to === to ? {} : { to, agent: null, since: Date.parse(at) }),
  transfers: call.transfers + 1,
});

function talkAfter({ kind, stage, reason }: Of<'transferred'>): Talk | undefined {
  if (reason === 'ping-pong') return 'waits';
  if (stage === 'asked') return kind === 'blind' ? 'waits' : kind === 'attended' ? 'apart' : undefined;
  if (stage === 'returned' && kind === 'attended') return 'talks';
  if (stage === 'returned' && kind === 'pull-back') return 'waits'; // the agent who had the caller has hung up
  return stage === 'failed' && kind === 'blind' ? 'waits' : undefined;
}

function transferred(call: CallView, record: Of<'transferred'>): CallView {
  const next = { ...call, talk: talkAfter(record) ?? call.talk };
  if (record.stage === 'asked') return transferAsked(next, record);
  // A transfer that would go in a circle is refused right after it was asked for: nothing rang.
  const tried = record.reason === 'ping-pong' ? call.triedBefore : call.tried;
  const settled = { ...next, tried, triedBefore: tried };
  return record.stage === 'completed' ? transferCompleted(settled, record) : settled;
}

const answered = (call: CallView, record: Of<'answered'>): CallView => ({
  ...call,
  state: 'talking',
  prompt: false,
  to: record.to,
  agent: record.agent,
  since: timeOf(record),
  waitedMs: call.waitedMs ?? record.waitedMs,
  answered: call.answered ?? record,
  talk: 'talks',
});

/** How an end came about. `unseen`: no controller ran. `lost`: the PBX died under the call. `seen`: somebody hung up. */
export const endingOf = ({ cause, by }: Of<'ended'>): 'given-back' | 'unseen' | 'lost' | 'seen' => {
  if (cause === 'given-back' || cause === 'unseen') return cause;
  return by === 'switch' ? 'lost' : 'seen';
};

/** Where nobody saw the end, the reason for calling back tells what became of the call. */
const outcomeOf = (record: Of<'ended'>, missed: CallView['missed']): Outcome => {
  if (record.number === null) return 'refused';
  if (record.answeredBy !== null && missed === null) return 'answered';
  const ending = endingOf(record);
  return ending === 'given-back' || ending === 'lost' ? ending : (missed ?? 'no-answer');
};

/** Whether a caller who may expect an answer from us got none. */
export const isMissed = (outcome: Outcome | null): boolean =>
  outcome !== null && outcome !== 'answered' && outcome !== 'given-back' && outcome !== 'refused';

function after(before: CallView, record: PastRecord): CallView {
  const { seq, ms, number, region } = record;
  const talkedMs = before.talkedMs + (before.talk === 'talks' ? ms - before.ms : 0);
  const caller = callerIn(record) ?? before.caller;
  const call = { ...before, seq, ms, number, region, caller, talkedMs };
  switch (record.type) {
    case 'arrived':
    case 'recorded':
      return call;
    case 'routed':
      return { ...call, prompt: record.plan[1]?.do === 'play' };
    case 'prompted':
      return { ...call, prompt: false };
    case 'ringing':
    case 'queued':
      return { ...dialled(call, record.type, record.to, timeOf(record)), ...withTried(call, record.to) };
    case 'answered':
      return answered(call, record);
    case 'transferred':
      return transferred(call, record);
    case 'missed':
      return { ...call, missed: record.reason };
    case 'ended':
      return { ...call, outcome: outcomeOf(record, before.missed) };
    default:
      record satisfies never;
      return call;
  }
}

/** @param records all that are known of one call, in order. Undefined: there are none. */
export const viewOf = (records: readonly PastRecord[]): CallView | undefined =>
  records.reduce<CallView | undefined>((call, record) => after(call ?? firstSeen(record), record), undefined);

/** Calls whose end is remembered, so that a record that comes twice brings none of them back. */
const ENDED_AT_MOST = 10_000;

export interface Step {
  readonly before: CallView;
  readonly after: CallView;
  /** Another call that was given up to make room. */
  readonly dropped: string | undefined;
}

/** The calls that are up, the one that arrived first, first. Their number is bounded: the oldest is given up. */
export class CallViews {
  readonly #atMost: number;
  readonly #calls = new Map<string, CallView>();
  readonly #ended = new Set<string>();

  /** @param atMost more than any controller carries. */
  constructor(atMost = 50_000) {
    this.#atMost = atMost;
  }

  get size(): number {
    return this.#calls.size;
  }

  get all(): IteratorObject<CallView> {
    return this.#calls.values();
  }

  get(id: string): CallView | undefined {
    return this.#calls.get(id);
  }

  drop(id: string): void {
    this.#calls.delete(id);
  }

  /** Undefined: it came before. Records of a call are told apart by their `seq`. */
  take(record: PastRecord): Step | undefined {
    const { callId, type } = record;
    if (this.#ended.has(callId)) return undefined;
    const before = this.#calls.get(callId) ?? firstSeen(record);
    if (record.seq <= before.seq) return undefined;
    const call = after(before, record);
    if (type !== 'ended') return { before, after: call, dropped: this.#keep(call) };
    this.#calls.delete(callId);
    this.#ended.add(callId);
    const [oldest] = this.#ended;
    if (this.#ended.size > ENDED_AT_MOST && oldest !== undefined) this.#ended.delete(oldest);
    return { before, after: call, dropped: undefined };
  }

  #keep(call: CallView): string | undefined {
    this.#calls.set(call.id, call);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size <= this.#atMost || oldest === undefined) return undefined;
    this.#calls.delete(oldest);
    return oldest;
  }
}
