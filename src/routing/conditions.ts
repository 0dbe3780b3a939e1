/**
 * What a rule may ask of a call. Each condition is one function in one list: hours, dates, trunks and caller lists
 * join the list when the language grows, and neither the plan nor `explain` changes.
 */
import type { CallFacts, RegionFound } from './routing.ts';
import type { Rule } from './table.ts';

/** Everything a condition may look at. */
export interface CallInQuestion {
  readonly facts: CallFacts;
  readonly region: RegionFound;
  /** When the call arrived; the clock is the caller's, never ours. */
  readonly at: Date;
}

export interface Verdict {
  readonly matched: boolean;
  readonly because: string;
}

/** undefined: the rule does not ask. */
type Condition = (rule: Rule, call: CallInQuestion) => Verdict | undefined;

const region: Condition = (rule, call) => {
  if (rule.regions === undefined) return undefined;
  if (rule.regions.includes(call.region.id)) return { matched: true, because: `region is ${call.region.id}` };
  return { matched: false, because: `region is ${call.region.id}, this rule is for ${rule.regions.join(', ')}` };
};

const conditions: readonly Condition[] = [region];

/** Whether a rule takes a call, and why: the first condition that fails, or all that hold. */
export const judge = (rule: Rule, call: CallInQuestion): Verdict => {
  const holds: string[] = [];
  for (const condition of conditions) {
    const verdict = condition(rule, call);
    if (verdict === undefined) continue;
    if (!verdict.matched) return verdict;
    holds.push(verdict.because);
  }
  return { matched: true, because: holds.length === 0 ? 'takes every call' : holds.join(', ') };
};
