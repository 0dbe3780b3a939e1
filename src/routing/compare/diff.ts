/** Two tables compared in meaning: which calls go elsewhere, not which lines differ. */

import type { Table } from '../table.ts';
import { findMoves, type Move } from './moves.ts';
import { listedCallers, sampleMoments } from './sample-moments.ts';
import { type TableChange, tableChanges } from './table-change.ts';

/** The difference of two tables, as data; `format-diff.ts` makes lines of it. */
export interface TableDiff {
  readonly revisions: { readonly before: string; readonly after: string };
  /** Of the table after; `format-diff.ts` writes times in it. */
  readonly timeZone: string;
  /** Instants looked at, ISO 8601. */
  readonly instants: readonly string[];
  /** Every call that goes elsewhere, waits for another time or hears something else. */
  readonly moves: readonly Move[];
  /** Numbers with a move, those that are new or gone among them. */
  readonly numbersMoved: readonly string[];
  readonly numbersUnchanged: readonly string[];
  readonly numbersAdded: readonly string[];
  readonly numbersRemoved: readonly string[];
  readonly regionsAdded: readonly string[];
  readonly regionsRemoved: readonly string[];
  /** Regions in which a number that moves has calls, by number. */
  readonly regionsOf: Readonly<Record<string, readonly string[]>>;
  /** What else differs. */
  readonly changes: readonly TableChange[];
}

const missingIn = (keys: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...keys.keys()].filter((key) => !other.has(key));

/**
 * What changes when `after` takes the place of `before`. Complete for rules by region and trunk; for rules by the clock or by
 * caller, as complete as the instants and callers that are looked at.
 *
 * @param at the first instant to look at.
 * @param instants further ones, instead of the sample moments of the tables; a move that is not at all of them names its times.
 * @param callers further callers to try, as a carrier delivers them, instead of some from the tables' lists.
 */
export const diffTables = (
  before: Table,
  after: Table,
  at: Date,
  instants: readonly Date[] = sampleMoments([before, after], at),
  callers: readonly string[] = listedCallers([before, after]),
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
