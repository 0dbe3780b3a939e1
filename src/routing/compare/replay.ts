/**
 * Past calls through a candidate table: each is routed again from what was known when it arrived, at its own time, and the
 * differences are counted. Pure; it keeps counts and a few examples, never the calls.
 */
import { masked } from '../numbering.ts';
import { decide } from '../plan.ts';
import type { CallFacts } from '../routing.ts';
import type { Table } from '../table.ts';
import { type Answer, answerKey, answerOf, type ChangeKind, changeBetween, goesElsewhere } from './plan-change.ts';

export interface PastCall {
  readonly callId: string;
  readonly facts: CallFacts;
  /** When it arrived: the clock it is routed by. */
  readonly at: Date;
  /** What was decided then; undefined: not known, and an older table has to be asked instead. */
  readonly was: Answer | undefined;
}

export interface Example {
  readonly callId: string;
  /** Masked. */
  readonly caller: string;
}

/** Calls to one number from one region that would all have gone another way, in the same manner. */
export interface ReplayChange {
  /** The region then; for calls that were refused then, the region now. */
  readonly number: string | null;
  readonly region: string | null;
  readonly kinds: readonly ChangeKind[];
  /** e.g. `seats:12333-xiamen → queue:12345-xiamen` */
  readonly words: string;
  readonly before: Answer;
  readonly after: Answer;
  readonly calls: number;
  readonly examples: readonly Example[];
}

/** Calls to one number from one region. Both null: refused then and now. */
export interface ReplayCount {
  readonly number: string | null;
  readonly region: string | null;
  readonly calls: number;
  readonly changed: number;
}

export interface ReplayResult {
  readonly calls: number;
  readonly changed: number;
  /** The most frequent first. */
  readonly changes: readonly ReplayChange[];
  /** Every number and region that was called. */
  readonly counts: readonly ReplayCount[];
}

const examplesKept = 3;

interface Counting {
  readonly number: string | null;
  readonly region: string | null;
  calls: number;
  changed: number;
}

interface Counted {
  readonly before: Answer;
  readonly after: Answer;
  calls: number;
  readonly examples: Example[];
}

/** Counts one call after the other; `result` may be asked for at any time. */
export class Replay {
  readonly #table: Table;
  readonly #against: Table | undefined;
  readonly #changes = new Map<string, Counted>();
  readonly #counts = new Map<string, Counting>();

  /** @param against a table to compare with, instead of what was decided then. */
  constructor(table: Table, against?: Table) {
    this.#table = table;
    this.#against = against;
  }

  take(call: PastCall): void {
    const before = this.#against === undefined ? call.was : answerOf(decide(this.#against, call.facts, call.at));
    if (before === undefined) return;
    const after = answerOf(decide(this.#table, call.facts, call.at));
    const keys = [answerKey(before), answerKey(after)];
    const counting = this.#countingOf(before.number === null ? after : before);
    counting.calls++;
    if (keys[0] === keys[1]) return;
    counting.changed++;
    this.#count(keys.join('→'), before, after, call);
  }

  result(): ReplayResult {
    const counts = [...this.#counts.values()].map((each) => ({ ...each }));
    const changes = Array.from(this.#changes.values(), ({ before, after, calls, examples }): ReplayChange => {
      const { number, region } = before.number === null ? after : before;
      const { kinds, words } = changeBetween(before, after) ?? { kinds: [], words: '' };
      return { number, region, kinds, words, before, after, calls, examples: [...examples] };
    });
    return {
      calls: counts.reduce((sum, { calls }) => sum + calls, 0),
      changed: counts.reduce((sum, { changed }) => sum + changed, 0),
      changes: changes.sort((one, other) => other.calls - one.calls),
      counts: counts.sort((one, other) => other.calls - one.calls),
    };
  }

  #countingOf({ number, region }: Answer): Counting {
    const key = `${number} ${region}`;
    const counting = this.#counts.get(key) ?? { number, region, calls: 0, changed: 0 };
    this.#counts.set(key, counting);
    return counting;
  }

  #count(key: string, before: Answer, after: Answer, { callId, facts }: PastCall): void {
    const counted = this.#changes.get(key) ?? { before, after, calls: 0, examples: [] };
    this.#changes.set(key, counted);
    counted.calls++;
    if (counted.examples.length < examplesKept) counted.examples.push({ callId, caller: masked(facts.caller) });
  }
}

/** Routes past calls by a table, against what was decided then or against another table. */
export const replay = (calls: Iterable<PastCall>, table: Table, against?: Table): ReplayResult => {
  const counting = new Replay(table, against);
  for (const call of calls) counting.take(call);
  return counting.result();
};

/** Of the calls to a number of either table, how many would have reached somebody else. */
export const callsElsewhere = ({ changes, counts }: ReplayResult): { moved: number; total: number } => {
  const sum = (all: readonly { readonly calls: number }[]) => all.reduce((so, { calls }) => so + calls, 0);
  return {
    moved: sum(changes.filter(({ kinds }) => goesElsewhere(kinds))),
    total: sum(counts.filter(({ number }) => number !== null)),
  };
};

const count = (calls: number): string => `${calls.toLocaleString('en-US')} call${calls === 1 ? '' : 's'}`;

/** e.g. `12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen: 1,204 calls, e.g. pbx1-42 from 0592****1234` */
const changeLine = ({ number, region, words, calls, examples }: ReplayChange): string => {
  const shown = examples.map(({ callId, caller }) => `${callId} from ${caller}`).join(', ');
  return `${number} in ${region}: ${words}: ${count(calls)}, e.g. ${shown}`;
};

/** What would have changed, the most frequent first, and the sum. */
export const formatReplay = ({ calls, changed, changes, counts }: ReplayResult): string[] => {
  const numbers = Map.groupBy(
    counts.filter(({ number }) => number !== null),
    ({ number }) => number,
  );
  const still = [...numbers.values()].filter((of) => of.every((each) => each.changed === 0)).length;
  return [
    ...(changes.length === 0 ? ['nothing would have changed'] : changes.map(changeLine)),
    `${changed.toLocaleString('en-US')} of ${count(calls)} would have gone another way; ` +
      `${still} of ${numbers.size} numbers called are unchanged`,
  ];
};
