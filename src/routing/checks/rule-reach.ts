/**
 * Which calls are left for each rule of a number after the rules above it, and which calls no rule takes. Trunks and caller
 * lists are looked at one by one, times as spans. Only a rule without trunk and caller takes every call of its time.
 */

import type { PlacedRule } from '../language/rules.ts';
import { always, type Coverage, type TimeSpan } from '../time/coverage.ts';
import type { Hours } from '../time/hours.ts';

/** What a table declares that decides which calls there can be. */
export interface Surroundings {
  readonly regions: ReadonlySet<string>;
  /** Region of a trunk, where it has one. */
  readonly trunkRegions: ReadonlyMap<string, string | undefined>;
  readonly hours: ReadonlyMap<string, Hours>;
  readonly coverage: Coverage;
}

export interface Reach {
  /** By rule, the regions whose calls may still reach it. */
  readonly served: readonly (readonly string[])[];
  /** Regions from which some call, by its trunk or caller, is taken by no rule at any time. */
  readonly uncovered: readonly string[];
  /** Regions without a rule at some time, and such a time by the wall clock. */
  readonly gaps: readonly { readonly region: string; readonly wallMs: number }[];
}

/** With more conditions in one rule, or more rules to compare, a rule is assumed to match. */
const mostCompared = 64;

const anyone = '|';

/** When a rule holds; undefined: it names hours that the table does not have, or its dates end before they begin. */
export const spanOf = ({ from, until, hours }: PlacedRule, around: Surroundings): TimeSpan | undefined => {
  const named = hours?.map((id) => around.hours.get(id));
  const known = named?.filter((each) => each !== undefined);
  if (known?.length !== named?.length || (from && until && until.ms <= from.ms)) return undefined;
  return {
    from: from?.wallMs ?? -Infinity,
    until: until?.wallMs ?? Infinity,
    hours: known,
  };
};

/** When the rules so far take calls of one region, by trunk and caller list. */
class Taken {
  readonly #spans = new Map<string, TimeSpan[]>();

  /** Of calls by a trunk and of a caller list, or of any; undefined: too many to compare. */
  by(trunk: string, caller: string): readonly TimeSpan[] | undefined {
    const lists = [...new Set([`${trunk}|${caller}`, `${trunk}|`, `|${caller}`, anyone])].map(
      (key) => this.#spans.get(key) ?? [],
    );
    return lists.reduce((sum, { length }) => sum + length, 0) > mostCompared ? undefined : lists.flat();
  }

  add(trunk: string, caller: string, span: TimeSpan): void {
    const key = `${trunk}|${caller}`;
    const spans = this.#spans.get(key);
    if (spans === undefined) this.#spans.set(key, [span]);
    else spans.push(span);
  }

  get ofAnyone(): readonly TimeSpan[] {
    return this.#spans.get(anyone) ?? [];
  }
}

const isWhole = ({ trunks, callers, hours, from, until }: PlacedRule): boolean =>
  (trunks ?? callers ?? hours ?? from ?? until) === undefined;

/** Whether a rule with conditions gets any call of a region after what is taken; then adds what it takes itself. */
const takeSome = (
  rule: PlacedRule,
  span: TimeSpan,
  region: string,
  taken: Taken,
  { trunkRegions, coverage }: Surroundings,
): boolean => {
  const [trunks, callers] = [rule.trunks ?? [''], rule.callers ?? ['']];
  if (trunks.length * callers.length > mostCompared) return true;
  let matches = false;
  for (const trunk of trunks) {
    const ofTrunk = trunkRegions.get(trunk);
    if (ofTrunk !== undefined && ofTrunk !== region) continue;
    for (const caller of callers) {
      const before: readonly TimeSpan[] | undefined = matches ? undefined : taken.by(trunk, caller);
      matches ||= before === undefined || coverage.firstUncovered(before, span) !== undefined;
      taken.add(trunk, caller, span);
    }
  }
  return matches;
};

/** Goes through the rules from the top, as a call does. */
export const reachOf = (rules: readonly PlacedRule[], around: Surroundings): Reach => {
  const open = new Map<string, Taken | undefined>(Array.from(around.regions, (region) => [region, undefined]));
  let isCertain = true;
  const serve = (rule: PlacedRule): readonly string[] => {
    const asked = rule.regions === undefined ? [...open.keys()] : rule.regions.filter((region) => open.has(region));
    if (isWhole(rule)) {
      for (const region of asked) open.delete(region);
      return asked;
    }
    const span = spanOf(rule, around);
    isCertain &&= span !== undefined;
    if (span === undefined) return asked;
    return asked.filter((region) => {
      const taken = open.get(region) ?? new Taken();
      open.set(region, taken);
      const matches = takeSome(rule, span, region, taken, around);
      const ofAnyone = taken.ofAnyone;
      const isFull = ofAnyone.length > 0 && ofAnyone.length <= mostCompared;
      if (isFull && around.coverage.firstUncovered(ofAnyone, always) === undefined) open.delete(region);
      return matches;
    });
  };
  const served = rules.map(serve);
  const left = isCertain ? [...open] : [];
  return {
    served,
    uncovered: left.flatMap(([region, taken]) => ((taken?.ofAnyone.length ?? 0) === 0 ? [region] : [])),
    gaps: left.flatMap(([region, taken]) => {
      const wallMs = taken?.ofAnyone.length ? around.coverage.firstUncovered(taken.ofAnyone, always) : undefined;
      return wallMs === undefined ? [] : [{ region, wallMs }];
    }),
  };
};
