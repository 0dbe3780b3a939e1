/** Two tables compared in meaning: which calls go elsewhere, not which lines differ. */

import type { Table } from '../table.ts';
import { findMoves } from './moves.ts';
import { tableChanges } from './table-change.ts';
import type { TableDiff } from './table-diff.ts';
import { tellingCallers, tellingInstants } from './telling.ts';

export { diffInWords } from './diff-words.ts';
export { goesElsewhere } from './plan-change.ts';
export type { TableDiff } from './table-diff.ts';

const missingIn = (keys: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...keys.keys()].filter((key) => !other.has(key));

/**
 * What changes when `after` takes the place of `before`. Complete for rules that ask by region and trunk; for rules
 * that ask by the clock or by caller, as complete as the instants and callers that are looked at.
 *
 * @param at a clock to look at. @param instants further ones, in the place of those by which the tables can be told apart;
 * a move that is not at all of them names its times.
 * @param callers callers to try besides, as a carrier delivers them, in the place of some from the tables' lists.
 */
export const diffTables = (
  before: Table,
  after: Table,
  at: Date,
  instants: readonly Date[] = tellingInstants([before, after], at),
  callers: readonly string[] = tellingCallers([before, after]),
): TableDiff => {
  const clocks = Array.from(new Set([at, ...instants].map(Number)), (time) => new Date(time));
  const numbers = findMoves(before, after, clocks, callers);
  const moved = numbers.filter(({ moves }) => moves.length > 0);
  return {
    revisions: { before: before.revision, after: after.revision },
    timeZone: after.clock.timeZone,
    instants: clocks.map((each) => each.toISOString()),
    moves: moved.flatMap(({ moves }) => moves),
    numbersMoved: moved.map(({ number }) => number),
    numbersUnchanged: numbers.filter(({ moves }) => moves.length === 0).map(({ number }) => number),
    numbersAdded: missingIn(after.numbers, before.numbers),
    numbersRemoved: missingIn(before.numbers, after.numbers),
    regionsAdded: missingIn(after.regions, before.regions),
    regionsRemoved: missingIn(before.regions, after.regions),
    regionsOf: Object.fromEntries(moved.map(({ number, regions }) => [number, regions])),
    changes: tableChanges(before, after),
  };
};
