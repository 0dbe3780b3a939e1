/**
 * Which calls are left for each rule of a number once the rules above it have taken theirs, and which are left over.
 * Trunks and caller lists are looked at one by one, times as spans; only rules that ask for neither trunk nor caller
 * leave no call of their time behind.
 */

import type { PlacedRule } from '../language/rules.ts';
import { always, type Coverage, type TimeSpan } from '../time/coverage.ts';
import type { Hours } from '../time/hours.ts';

/** Of what a table declares, all that tells which calls there can be. */
export interface Surroundings {
  readonly regions: ReadonlySet<string>;
  /** Region of a trunk, where it has one. */
  readonly trunkRegions: ReadonlyMap<string, string | undefined>;
  readonly hours: ReadonlyMap<string, Hours>;
  readonly coverage: Coverage;
}

export interface Reach {
  /** By rule, the regions whose calls may still get to it. */
  readonly served: readonly (readonly string[])[];
  /** Regions that no rule takes calls of whatever their trunk and caller. */
  readonly uncovered: readonly string[];
  /** Regions that are without a rule at times, and such a time by the wall clock. */
  readonly gaps: readonly { readonly region: string; readonly wallMs: number }[];
}

/** More conditions in one rule, or more rules in one place, and it is taken as one that can match. */
const mostCompared = 64;

const anyone = '|';

/** When a rule holds; undefined: it names hours that nobody has, or dates the wrong way round. */
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

/** What the rules so far have taken of one region's calls: by trunk and caller list, when. */
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

/** Whether a rule with conditions gets any call of a region, given what is taken; then takes its own. */
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

/** Walks the rules from the top, as a call does. */
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
