/**
 * What a change of table moves, for the guard and for the history. The whole comparison is one function behind
 * {@link DescribeChange}, so that a better one is wired in by main alone.
 */
import { route } from '../routing/plan.ts';
import type { CallFacts } from '../routing/routing.ts';
import type { Table } from '../routing/table.ts';

export interface Change {
  /** One line: what moves, and how much does not. */
  readonly summary: string;
  /** Numbers of which some call goes elsewhere, new and dropped ones included. */
  readonly numbersMoved: number;
  /** Numbers of either table. */
  readonly numbersTotal: number;
}

/** @param at the clock by which both tables are asked. */
export type DescribeChange = (before: Table, after: Table, at: Date) => Change;

const TOLD_AT_MOST = 3;

/** A call that both tables place in `region`, where the table can be told to: by area code, else by trunk. */
const callTo = (table: Table, number: string, region: string): CallFacts => {
  const trunk = [...table.trunks.values()].find((each) => each.region === region)?.id ?? null;
  const areaCode = table.regions.get(region)?.areaCode;
  return { dialled: `${areaCode ?? ''}${number}`, caller: null, trunk: areaCode === undefined ? trunk : null };
};

const chain = (table: Table, facts: CallFacts, at: Date): string => {
  const steps = route(table, facts, at).plan.flatMap((step) => (step.do === 'connect' ? [step] : []));
  return steps.map(({ to, skill }) => (skill === undefined ? to : `${to} (skill ${skill})`)).join(', ') || 'refused';
};

/** Regions and trunks decide for every number, so a change there has every number asked. */
const samePlaces = (before: Table, after: Table): boolean =>
  JSON.stringify([[...before.regions], [...before.trunks]]) === JSON.stringify([[...after.regions], [...after.trunks]]);

/** Asks both tables where each number goes from each region. */
export const describeChange: DescribeChange = (before, after, at) => {
  const numbers = new Set([...before.numbers.keys(), ...after.numbers.keys()]);
  const regions = new Set([...before.regions.keys(), ...after.regions.keys()]);
  const isSame = samePlaces(before, after);
  const moves: string[] = [];
  let numbersMoved = 0;
  for (const number of numbers) {
    const was = before.numbers.get(number);
    if (isSame && was !== undefined && JSON.stringify(was) === JSON.stringify(after.numbers.get(number))) continue;
    const moved = [...regions].flatMap((region) => {
      const [from, to] = [before, after].map((table) => chain(table, callTo(table, number, region), at));
      return from === to ? [] : [`${number} in ${region}: ${from} → ${to}`];
    });
    if (moved.length > 0) numbersMoved += 1;
    moves.push(...moved);
  }
  return { summary: inOneLine(moves, numbers.size - numbersMoved), numbersMoved, numbersTotal: numbers.size };
};

const inOneLine = (moves: readonly string[], unchanged: number): string => {
  if (moves.length === 0) return `no call goes elsewhere; ${unchanged} numbers unchanged`;
  const more = moves.length - TOLD_AT_MOST;
  const told = moves.slice(0, TOLD_AT_MOST).join('; ');
  return `${told}${more > 0 ? `; and ${more} more` : ''}; ${unchanged} numbers unchanged`;
};
