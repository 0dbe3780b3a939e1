/**
 * The conditions of a rule. Each is one entry of one list: whether it holds, and the words for it. `decide` asks only whether
 * it holds, `explain` asks for both. A condition that is added is added here, and nowhere else in planning.
 */
import { isListed, normalCaller } from './numbering.ts';
import type { CallFacts, RegionFound } from './routing.ts';
import type { Table, When } from './table.ts';
import { isOpen } from './time/hours.ts';
import { formatWallTime, type WallTime } from './time/zone-clock.ts';

/** A call, as the conditions of a rule see it. Wall time and normalised caller are worked out on first use, for few rules need them. */
export class CallInQuestion {
  readonly table: Table;
  readonly facts: CallFacts;
  readonly region: RegionFound;
  /** When the call arrived, in milliseconds since 1970; the clock is the caller's, never ours. */
  readonly at: number;
  #wallTime: WallTime | undefined;
  #caller: string | null | undefined;

  constructor(table: Table, facts: CallFacts, region: RegionFound, at: Date) {
    this.table = table;
    this.facts = facts;
    this.region = region;
    this.at = at.getTime();
  }

  /** By the wall clock of the table. */
  get wallTime(): WallTime {
    this.#wallTime ??= this.table.clock.wallTime(this.at);
    return this.#wallTime;
  }

  /** In the form caller lists are kept in; null: withheld. */
  get caller(): string | null {
    if (this.#caller === undefined) this.#caller = normalCaller(this.facts.caller);
    return this.#caller;
  }
}

export interface Verdict {
  readonly matched: boolean;
  readonly because: string;
}

interface Condition {
  /** undefined: the rule does not have this condition. */
  readonly holds: (rule: When, call: CallInQuestion) => boolean | undefined;
  readonly because: (rule: When, call: CallInQuestion, held: boolean) => string;
}

const words = (names: readonly string[] | undefined): string => (names ?? []).join(', ');

const region: Condition = {
  holds: ({ regions }, call) => regions?.includes(call.region.id),
  because: ({ regions }, call, held) =>
    held ? `region is ${call.region.id}` : `region is ${call.region.id}, this rule is for ${words(regions)}`,
};

const trunk: Condition = {
  holds: ({ trunks }, { facts }) => trunks && facts.trunk !== null && trunks.includes(facts.trunk),
  because: ({ trunks }, { facts }, held) => {
    const found = facts.trunk === null ? 'no trunk is told' : `trunk is ${facts.trunk}`;
    return held ? found : `${found}, this rule is for ${words(trunks)}`;
  },
};

const callers: Condition = {
  holds: (rule, call) =>
    rule.callers?.some((id) => {
      const list = call.table.callers.get(id);
      return list !== undefined && isListed(list, call.caller);
    }),
  because: (rule, { caller }, held) => {
    if (held) return `caller is in ${words(rule.callers)}`;
    return caller === null
      ? `caller withholds the number, this rule is for ${words(rule.callers)}`
      : `caller ${caller} is not in ${words(rule.callers)}`;
  },
};

/** Whether named hours are open; a name that the table does not have counts as closed. */
const isOpenNow = (id: string, { table, wallTime }: CallInQuestion): boolean => {
  const named = table.hours.get(id);
  return named !== undefined && isOpen(named, wallTime);
};

const hours: Condition = {
  holds: (rule, call) => rule.hours?.some((id) => isOpenNow(id, call)),
  because: (rule, { wallTime }, held) =>
    `${formatWallTime(wallTime)} is ${held ? 'within' : 'outside'} hours ${words(rule.hours)}`,
};

const from: Condition = {
  holds: (rule, { at }) => rule.from && at >= rule.from.ms,
  because: (rule, _, held) => `${held ? 'has held' : 'holds'} from ${rule.from?.written}${held ? '' : ' on, not yet'}`,
};

const until: Condition = {
  holds: (rule, { at }) => rule.until && at < rule.until.ms,
  because: (rule, _, held) => `${held ? 'holds' : 'held'} until ${rule.until?.written}${held ? '' : ', no more'}`,
};

/** The cheapest to check come first. */
const conditions: readonly Condition[] = [region, trunk, from, until, callers, hours];

/** Whether a rule takes a call. */
export const takes = (rule: When, call: CallInQuestion): boolean => {
  for (const { holds } of conditions) if (holds(rule, call) === false) return false;
  return true;
};

/** Whether a rule takes a call, and why: the first condition that fails, or all that hold. */
export const explainMatch = (rule: When, call: CallInQuestion): Verdict => {
  const held: string[] = [];
  for (const { holds, because } of conditions) {
    const matched = holds(rule, call);
    if (matched === false) return { matched, because: because(rule, call, false) };
    if (matched) held.push(because(rule, call, true));
  }
  return { matched: true, because: held.length === 0 ? 'takes every call' : held.join(', ') };
};

/** Whether a destination with these service hours is open at the time of a call. */
export const isServing = (id: string | undefined, call: CallInQuestion): boolean =>
  id === undefined || isOpenNow(id, call);

/** Why a destination with these hours is passed over. */
export const closedWords = (id: string | undefined, call: CallInQuestion): string =>
  hours.because({ ...asksNothing, hours: [id ?? ''] }, call, false);

/** A rule that takes every call. */
const asksNothing: When = {
  regions: undefined,
  trunks: undefined,
  hours: undefined,
  callers: undefined,
  from: undefined,
  until: undefined,
};
