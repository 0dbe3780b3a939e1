/** Whether a chain of destinations serves a caller: it does not come back to a destination, and somebody is always open. */

import type { PlacedRule, PlacedTarget } from '../language/rules.ts';
import type { Sections } from '../language/sections.ts';
import { destinationFor } from '../plan.ts';
import { always, type TimeSpan } from '../time/coverage.ts';
import { formatWallTime, wallTimeOf } from '../time/zone-clock.ts';
import type { ReportAt } from './references.ts';
import { type Surroundings, spanOf } from './rule-reach.ts';

/** When a destination is open; undefined: the table does not have it, which is reported elsewhere. */
const servesAt = (id: string, { queues, seats }: Sections, around: Surroundings): TimeSpan | undefined => {
  const name = id.slice(id.indexOf(':') + 1);
  const entry = id.startsWith('seats:') ? seats.entries.get(name) : queues.entries.get(name);
  if (entry === undefined) return undefined;
  if (entry.hours === undefined) return always;
  const hours = around.hours.get(entry.hours);
  return hours && { ...always, hours: [hours] };
};

/** Reports the first destination that stands in the chain already; @returns whether there is one. */
export const checkLoop = (connect: readonly PlacedTarget[], region: string, report: ReportAt): boolean => {
  const tried = new Set<string>();
  for (const { to, skill, seconds, path } of connect) {
    const id = destinationFor(to, region);
    const key = `${id} ${skill ?? ''} ${seconds ?? ''}`;
    if (tried.has(key)) {
      const where = to.includes('{') || connect.some((other) => other.to.includes('{')) ? ` for ${region}` : '';
      const message = `\`${id}\` is tried above already${where}; write other seconds if it is meant`;
      report('OVERFLOW_LOOPS', message, path);
      return true;
    }
    tried.add(key);
  }
  return false;
};

/** A moment by the wall clock at which the rule holds and every destination is closed; undefined: there is none, or it is unknown. */
const whenAllClosed = (
  { connect }: PlacedRule,
  span: TimeSpan,
  region: string,
  sections: Sections,
  around: Surroundings,
): number | undefined => {
  const serving: TimeSpan[] = [];
  for (const { to } of connect) {
    const at = servesAt(destinationFor(to, region), sections, around);
    if (at === undefined || at === always) return undefined;
    serving.push(at);
  }
  return around.coverage.firstUncovered(serving, span);
};

/** Checks the chain of one rule for the regions it serves; a mistake is reported for the first of them. */
export const checkChain = (
  rule: PlacedRule,
  regions: readonly string[],
  sections: Sections,
  around: Surroundings,
  report: ReportAt,
): void => {
  const isTemplated = rule.connect.some(({ to }) => to.includes('{'));
  const tried = isTemplated ? regions : regions.slice(0, 1);
  if (rule.connect.length > 1) tried.some((region) => checkLoop(rule.connect, region, report));
  const span = rule.connect.length === 0 ? undefined : spanOf(rule, around);
  if (span === undefined) return;
  for (const region of tried) {
    const wallMs = whenAllClosed(rule, span, region, sections, around);
    if (wallMs === undefined) continue;
    const message = `nobody is reached from ${region} at ${formatWallTime(wallTimeOf(wallMs))}, for one: all are closed; end with a queue`;
    report('CHAIN_WITHOUT_HUMAN', message, [...rule.path, 'connect'], 'key');
    return;
  }
};
