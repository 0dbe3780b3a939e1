/**
 * What a change of table moves, for the guard and for the history: the diff of the two tables, in one line and two counts.
 * The guards keep a change that moves too much from going live unless somebody said `--yes`.
 */
import { ChangeTooLarge } from '../../base/errors.ts';
import { diffTables, type TableDiff } from '../../routing/compare/diff.ts';
import { formatDiff } from '../../routing/compare/format-diff.ts';
import { goesElsewhere } from '../../routing/compare/plan-change.ts';
import type { Problem } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import type { Revision } from '../source/sources.ts';
import { type LostMembers, lostMembers, withLostMembers } from './lost-members.ts';

export interface Change {
  /** One line: what moves, and how much does not. */
  readonly summary: string;
  /** Numbers with a call that goes elsewhere or with lost members, and numbers added or removed. */
  readonly numbersMoved: number;
  /** Numbers of either table. */
  readonly numbersTotal: number;
}

export interface CallsMoved {
  /** Calls that would have gone elsewhere. */
  readonly moved: number;
  /** All calls of that time; 0: none is known. */
  readonly total: number;
}

/** Counts the calls of the last 24 hours that a change would have sent elsewhere. */
export type MovedCalls = (before: Table, after: Table) => Promise<CallsMoved>;

/** Finds prompts of a candidate that lack audio or are too long. @param file path that problems name */
export type MissingAudio = (before: Table, candidate: Revision, file: string) => Promise<readonly Problem[]>;

const TOLD_AT_MOST = 3;
const NUMBERS_LISTED_AT_MOST = 6;

/** @param at the clock by which both tables are asked. */
export const describeChange = (before: Table, after: Table, at: Date): Change => {
  const diff = diffTables(before, after, at);
  const elsewhere = diff.moves.flatMap(({ number, kinds }) => (goesElsewhere(kinds) ? [number] : []));
  const left = lostMembers(before, after);
  const moved = new Set([...elsewhere, ...diff.numbersAdded, ...diff.numbersRemoved, ...left.numbers]);
  const numbersUnchanged = diff.numbersUnchanged.filter((number) => !moved.has(number));
  const summary = inOneLine({ ...diff, numbersUnchanged }, left);
  return { summary, numbersMoved: moved.size, numbersTotal: diff.numbersMoved.length + diff.numbersUnchanged.length };
};

const inOneLine = (diff: TableDiff, left: LostMembers): string => {
  const lines = withLostMembers(formatDiff(diff, NUMBERS_LISTED_AT_MOST), left);
  const [told, unchanged] = [lines.slice(0, -1), lines.slice(-1)];
  const more = told.length - TOLD_AT_MOST;
  return [...told.slice(0, TOLD_AT_MOST), ...(more > 0 ? [`and ${more} more`] : []), ...unchanged].join('; ');
};

const percent = (share: number): string => `${Math.round(share * 100)}%`;

/**
 * @param mostNumbersMoved share of the numbers, 0 to 1.
 * @param scope share of the calls that the change is for: less than 1 for a canary.
 * @throws ChangeTooLarge, saying what would move.
 */
export function guardNumbers(
  { numbersMoved, numbersTotal, summary }: Change,
  mostNumbersMoved: number,
  scope = 1,
): void {
  const share = numbersTotal === 0 ? 0 : numbersMoved / numbersTotal;
  if (share * scope <= mostNumbersMoved) return;
  throw new ChangeTooLarge(
    `moves ${numbersMoved} of ${numbersTotal} numbers (${percent(share)}), more than ${percent(mostNumbersMoved)}, and so asks for --yes: ${summary}`,
  );
}

/**
 * As `guardNumbers`, for the calls of the last 24 hours; without any, no change is held up.
 *
 * @param mostCallsMoved share of those calls, 0 to 1.
 * @throws ChangeTooLarge, saying how many would have gone elsewhere.
 */
export function guardCalls({ moved, total }: CallsMoved, mostCallsMoved: number, summary: string, scope = 1): void {
  const share = total === 0 ? 0 : moved / total;
  if (share * scope <= mostCallsMoved) return;
  const [some, all] = [moved, total].map((calls) => calls.toLocaleString('en-US'));
  throw new ChangeTooLarge(
    `sends ${some} of ${all} calls of the last 24 hours elsewhere (${percent(share)}), more than ${percent(mostCallsMoved)}, and so asks for --yes: ${summary}`,
  );
}
