/** Expectations about numbers that go by the clock need a time: without one they hold at one hour and fail at another. */

import type { NumberRules, PlacedRule } from '../language/rules.ts';
import type { Sections } from '../language/sections.ts';
import { destinationFor } from '../plan.ts';
import type { ReportAt } from './references.ts';

const hasHours = (id: string, { queues, seats }: Sections): boolean => {
  const name = id.slice(id.indexOf(':') + 1);
  return (id.startsWith('seats:') ? seats.entries.get(name) : queues.entries.get(name))?.hours !== undefined;
};

const goesByClock = ({ hours, from, until, connect }: PlacedRule, sections: Sections): boolean =>
  (hours ?? from ?? until) !== undefined ||
  connect.some(({ to }) =>
    to.includes('{')
      ? [...sections.regions.names].some((region) => hasHours(destinationFor(to, region), sections))
      : hasHours(to, sections),
  );

/** The number that a dialled string ends with; there is no compiled table yet to read it by. */
const calledBy = (to: string, numbers: ReadonlyMap<string, NumberRules>): NumberRules | undefined => {
  for (let index = 0; index < to.length; index++) {
    const called = numbers.get(to.slice(index));
    if (called !== undefined) return called;
  }
  return undefined;
};

/** Asks for `at` in every expectation whose answer the clock may change. */
export const checkStatedTimes = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt): void => {
  const byNumber = new Map(numbers.map((entry) => [entry.number, entry]));
  for (const [index, entry] of sections.expectations.entries()) {
    if (entry === undefined || entry.call.at !== undefined) continue;
    const called = calledBy(entry.call.to, byNumber);
    if (!called?.rules.some((rule) => goesByClock(rule, sections))) continue;
    const message = `${called.number} goes by the clock; say when, as \`at\``;
    report('EXPECTATION_WITHOUT_TIME', message, ['expectations', index, 'call']);
  }
};
