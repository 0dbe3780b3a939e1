/** The difference of two tables, as data: what `diffTables` finds and `diffInWords` tells. */
import type { Move } from './moves.ts';
import type { TableChange } from './table-change.ts';

export interface TableDiff {
  readonly revisions: { readonly before: string; readonly after: string };
  /** Of the table after; times in words are told in it. */
  readonly timeZone: string;
  /** Instants looked at, ISO 8601. */
  readonly instants: readonly string[];
  /** Every call that goes elsewhere, or waits for another time, or hears something else. */
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
