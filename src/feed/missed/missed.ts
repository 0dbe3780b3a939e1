/**
 * Who is to be called back, by the records. Pure. A case is one caller to one number. Two views of a case are joined into one,
 * whatever their age and order, and joining twice changes nothing. So a case can be rebuilt from records, kept by several
 * controllers, and sent again after Redis has lost it.
 */
import { z } from 'zod';
import { CallViews } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import { normalCaller } from '../../routing/numbering.ts';

/** Attempts kept of one case: the first, and the latest. */
const ATTEMPTS_AT_MOST = 50;
/** Calls that are up and remembered. */
const ARRIVED_AT_MOST = 100_000;

const attemptShape = z.object({
  callId: z.string(),
  at: z.string(),
  /** One of another version is told as a failure. */
  reason: z.enum(['gave-up', 'no-answer', 'failure']).catch('failure'),
});

export const caseShape = z.object({
  caller: z.string(),
  number: z.string(),
  unit: z.string().nullable(),
  region: z.string().nullable(),
  attempts: z.array(attemptShape),
  /** When the caller was reached, or the case closed by hand; ISO 8601. Attempts before are settled. */
  settledAt: z.string().nullable(),
});

export type MissedCase = Readonly<z.infer<typeof caseShape>>;

/** A caller who reached nobody, and is to be called back. */
export interface MissedEntry {
  /** Id of the first call that was missed. */
  readonly id: string;
  /** Normal form: area code with its 0, or a mobile number of 11 digits. */
  readonly caller: string;
  /** Hotline number the caller wanted. */
  readonly number: string;
  readonly unit: string | null;
  readonly region: string | null;
  /** Why the last attempt reached nobody. */
  readonly reason: 'gave-up' | 'no-answer' | 'failure';
  readonly attempts: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface MissedCalls {
  /** Those still open, the longest waiting first. */
  list(): Promise<readonly MissedEntry[]>;
  /** Closes an entry by hand. @returns false if no such entry is open. */
  close(id: string, who: string): Promise<boolean>;
}

type MissedRecord = Extract<PastRecord, { readonly type: 'missed' }>;

export type MissedFact =
  | { readonly kind: 'missed'; readonly case: MissedCase }
  | { readonly kind: 'settled'; readonly key: string; readonly at: string };

export const keyOf = ({ caller, number }: { readonly caller: string; readonly number: string }): string =>
  `${number} ${caller}`;

const time = (at: string | null): number => (at === null ? Number.NEGATIVE_INFINITY : Date.parse(at));

const laterOf = (a: string | null, b: string | null): string | null => (time(a) >= time(b) ? a : b);

const withoutMiddle = <T>(all: readonly T[]): T[] =>
  all.length <= ATTEMPTS_AT_MOST ? [...all] : [...all.slice(0, 1), ...all.slice(1 - ATTEMPTS_AT_MOST)];

export function join(a: MissedCase, b: MissedCase): MissedCase {
  const settledAt = laterOf(a.settledAt, b.settledAt);
  const byCall = new Map([...a.attempts, ...b.attempts].map((each) => [each.callId, each]));
  const open = [...byCall.values()].filter(({ at }) => time(at) > time(settledAt));
  const attempts = withoutMiddle(open.toSorted((x, y) => time(x.at) - time(y.at) || (x.callId < y.callId ? -1 : 1)));
  const { caller, number, unit, region } =
    time(b.attempts.at(-1)?.at ?? null) > time(a.attempts.at(-1)?.at ?? null) ? b : a;
  return { caller, number, unit, region, attempts, settledAt };
}

/** The case after a fact. Undefined: nobody was missed, so there is nothing to settle. */
export function reduceCase(before: MissedCase | undefined, fact: MissedFact): MissedCase | undefined {
  if (fact.kind === 'missed') return before === undefined ? fact.case : join(before, fact.case);
  return before && join(before, { ...before, attempts: [], settledAt: fact.at });
}

/** Whether a case may be forgotten: nothing has happened to it since. */
export const isOver = ({ attempts, settledAt }: MissedCase, since: Date): boolean =>
  time(attempts.at(-1)?.at ?? settledAt) < since.getTime();

/** A case as people see it; undefined: the caller was reached. */
export function entryOf({ attempts, caller, number, unit, region }: MissedCase): MissedEntry | undefined {
  const [first, last] = [attempts[0], attempts.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const { reason, at: lastAt } = last;
  const of = { caller, number, unit, region, reason };
  return { id: first.callId, ...of, attempts: attempts.length, firstAt: first.at, lastAt };
}

/** The longest waiting first. */
export const entriesOf = (cases: Iterable<MissedCase>): readonly MissedEntry[] =>
  [...cases].flatMap((each) => entryOf(each) ?? []).toSorted((a, b) => time(a.firstAt) - time(b.firstAt));

/** Records → facts. Not every record names the caller, so it follows the calls that are up. */
export class MissedFacts {
  readonly #calls = new CallViews(ARRIVED_AT_MOST);

  of(record: PastRecord): MissedFact | undefined {
    const call = this.#calls.take(record)?.after;
    const { number } = record;
    if (call === undefined || number === null) return undefined;
    if (record.type === 'missed') return missed(record, number, call.caller);
    if (record.type === 'answered') return settled(call.caller, number, record.at);
    if (record.type !== 'ended' || record.answeredBy === null) return undefined;
    return settled(call.caller, number, new Date(time(record.arrivedAt) + (record.waitedMs ?? 0)).toISOString());
  }
}

/** A caller who withholds the number cannot be called back. */
const missed = (record: MissedRecord, number: string, raw: string | null): MissedFact | undefined => {
  const { callId, at, unit, region, reason } = record;
  const caller = normalCaller(raw);
  if (caller === null) return undefined;
  const attempts = [{ callId, at, reason }];
  return { kind: 'missed', case: { caller, number, unit, region, attempts, settledAt: null } };
};

const settled = (raw: string | null, number: string, at: string): MissedFact | undefined => {
  const caller = normalCaller(raw);
  return caller === null ? undefined : { kind: 'settled', key: keyOf({ caller, number }), at };
};
