/**
 * Who is to be called back, out of records. Pure. A case is one caller to one number; two views of a case, of whatever age
 * and told in whatever order, are joined into one, and joining twice changes nothing. So it can be rebuilt from records,
 * kept by several controllers, and sent again after Redis has lost it.
 */
import { z } from 'zod';
import { normalCaller } from '../../routing/numbering.ts';

/** Attempts remembered of one case: the first, and the last of them. */
const ATTEMPTS_AT_MOST = 50;
/** Calls that have arrived and not ended; more are forgotten, and then count as reached when they end. */
const ARRIVED_AT_MOST = 100_000;

const attemptShape = z.object({
  callId: z.string(),
  at: z.string(),
  reason: z.enum(['gave-up', 'no-answer', 'failure']),
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

export interface MissedEntry {
  /** Id of the first call that was missed. */
  readonly id: string;
  /** In the one form lists are kept in: area code with its 0, mobile of 11 digits. */
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
  /** Closes one by hand. @returns false: no such entry is open. */
  close(id: string, who: string): Promise<boolean>;
}

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

/** Undefined: nobody was missed, so nothing is settled. */
export function reduceCase(before: MissedCase | undefined, fact: MissedFact): MissedCase | undefined {
  if (fact.kind === 'missed') return before === undefined ? fact.case : join(before, fact.case);
  return before && join(before, { ...before, attempts: [], settledAt: fact.at });
}

/** Whether it may be forgotten: nothing has happened to it since. */
export const isOver = ({ attempts, settledAt }: MissedCase, since: Date): boolean =>
  time(attempts.at(-1)?.at ?? settledAt) < since.getTime();

/** As people see it; undefined: the caller was reached. */
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

const missedShape = z.object({
  type: z.literal('missed'),
  callId: z.string(),
  at: z.string(),
  number: z.string(),
  unit: z.string().nullable(),
  region: z.string().nullable(),
  reason: z.enum(['gave-up', 'no-answer', 'failure']),
  /** Older records do not have it: their call's `arrived` has. */
  caller: z.string().nullable().optional(),
});
const arrivedShape = z.object({ type: z.literal('arrived'), callId: z.string(), caller: z.string().nullable() });
const answeredShape = z.object({ type: z.literal('answered'), callId: z.string(), at: z.string(), number: z.string() });
const endedShape = z.object({
  type: z.literal('ended'),
  callId: z.string(),
  number: z.string(),
  caller: z.string().nullable(),
  arrivedAt: z.string(),
  waitedMs: z.number().nullable(),
  answeredBy: z.string().nullable(),
});
const neededShape = z.discriminatedUnion('type', [missedShape, arrivedShape, answeredShape, endedShape]);

/** Records → facts. Knows which callers are up, since not every record names the caller. */
export class MissedFacts {
  readonly #callers = new Map<string, string | null>();

  /** @param record of any age, or anything else. */
  of(record: unknown): MissedFact | undefined {
    const { data } = neededShape.safeParse(record);
    if (data === undefined) return undefined;
    if (data.type === 'arrived') return this.#arrived(data.callId, data.caller);
    if (data.type === 'missed') return this.#missed(data);
    if (data.type === 'answered') return settled(this.#callers.get(data.callId) ?? null, data.number, data.at);
    this.#callers.delete(data.callId);
    if (data.answeredBy === null) return undefined;
    return settled(data.caller, data.number, new Date(time(data.arrivedAt) + (data.waitedMs ?? 0)).toISOString());
  }

  #arrived(callId: string, caller: string | null): undefined {
    if (this.#callers.size < ARRIVED_AT_MOST) this.#callers.set(callId, caller);
  }

  /** Who withholds the number cannot be called back. */
  #missed(record: z.infer<typeof missedShape>): MissedFact | undefined {
    const { callId, at, number, unit, region, reason } = record;
    const caller = normalCaller(record.caller === undefined ? (this.#callers.get(callId) ?? null) : record.caller);
    if (caller === null) return undefined;
    const attempts = [{ callId, at, reason }];
    return { kind: 'missed', case: { caller, number, unit, region, attempts, settledAt: null } };
  }
}

const settled = (raw: string | null, number: string, at: string): MissedFact | undefined => {
  const caller = normalCaller(raw);
  return caller === null ? undefined : { kind: 'settled', key: keyOf({ caller, number }), at };
};
