/**
 * Whether a number goes where its mode says (seed list): a merged number has no seats unless a reason is stated, a sub-centre
 * has seats in every region, and calls of every number can reach a 12345 queue.
 */

import type { NumberRules } from '../language/rules.ts';
import type { ReportAt } from './references.ts';

const isSeats = (to: string): boolean => to.startsWith('seats:');
const isQueue = (to: string): boolean => to.startsWith('queue:');

/** Regions whose calls never reach a destination of this kind. */
const regionsWithout = (
  { rules }: NumberRules,
  served: readonly (readonly string[])[],
  isKind: (to: string) => boolean,
): readonly string[] => {
  const without = new Set(served.flat());
  for (const [index, rule] of rules.entries()) {
    if (!rule.connect.some(({ to }) => isKind(to))) continue;
    for (const region of served[index] ?? []) without.delete(region);
    if (without.size === 0) break;
  }
  return [...without];
};

/** @param served by rule, the regions it takes calls from */
export const checkMode = (hotline: NumberRules, served: readonly (readonly string[])[], report: ReportAt): void => {
  const { number, entry, rules } = hotline;
  if (entry === undefined) return;
  if (entry.mode === 'merged' && entry.because === undefined) {
    const seats = rules.flatMap(({ connect }) => connect).find(({ to }) => isSeats(to));
    if (seats !== undefined) {
      const message = `${number} is merged, and \`${seats.to}\` keeps seats for it; state the reason as \`because\``;
      report('MODE_CONTRADICTED', message, seats.path);
    }
  }
  if (entry.mode === 'subcentre') {
    const without = regionsWithout(hotline, served, isSeats);
    const message = `${number} is a sub-centre, and calls from ${without.join(', ')} never get to its seats`;
    if (without.length > 0) report('MODE_CONTRADICTED', message, ['numbers', number, 'mode']);
  }
  const without = regionsWithout(hotline, served, isQueue);
  const message = `calls to ${number} from ${without.join(', ')} never get to a queue`;
  if (without.length > 0) report('REGION_WITHOUT_QUEUE', message, ['numbers', number], 'key');
};
