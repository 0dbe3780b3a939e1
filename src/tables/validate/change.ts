/**
 * What a change of table moves, for the guard and for the history: the diff of the two tables, in one line and two
 * counts. A large table is compared entry by entry first, and calls are tried only where something differs.
 */
import { diffInWords, diffTables, goesElsewhere, type TableDiff } from '../../routing/compare/diff.ts';
import { readDialled } from '../../routing/numbering.ts';
import type { Problem } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import type { Revision } from '../source/sources.ts';
import { type TakenAway, takenAway, withTakenAway } from '../taken-away.ts';

export interface Change {
  /** One line: what moves, and how much does not. */
  readonly summary: string;
  /** Numbers of which some call goes elsewhere, or where nobody stays who answered; new and dropped ones included. */
  readonly numbersMoved: number;
  /** Numbers of either table. */
  readonly numbersTotal: number;
}

export interface CallsMoved {
  /** Calls that would have gone elsewhere. */
  readonly moved: number;
  /** Calls there were; 0: none is known of. */
  readonly total: number;
}

/** Asks calls of the last 24 hours which of them a change would have sent elsewhere. */
export type MovedCalls = (before: Table, after: Table) => Promise<CallsMoved>;

/** Asks which prompts of a candidate would be silence to callers, or would keep them too long from an agent. @param file what its problems are told of. */
export type MissingAudio = (before: Table, candidate: Revision, file: string) => Promise<readonly Problem[]>;

const TOLD_AT_MOST = 3;
const NUMBERS_LISTED_AT_MOST = 6;

/** `rulesOf` is made from the rules. */
const plain = (key: string, value: unknown): unknown => {
  if (key === 'rulesOf') return undefined;
  return value instanceof Map || value instanceof Set ? [...value] : value;
};

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one, plain) === JSON.stringify(other, plain);

/** What decides for every number: a difference here has every number asked. */
const surroundings = ({ regions, trunks, mobilePrefixes, hours, callers, queues, seats, clock, apology }: Table) => [
  [regions, trunks, mobilePrefixes, hours, callers, clock.timeZone, apology],
  Array.from(queues.values(), ({ id, hours, waitSeconds }) => [id, hours, waitSeconds]),
  Array.from(seats.values(), ({ id, hours, ringSeconds }) => [id, hours, ringSeconds]),
];

/** Numbers whose entries differ, and those whose calls one table reads as a number that the other lacks. */
const numbersInQuestion = (before: Table, after: Table, numbers: ReadonlySet<string>): ReadonlySet<string> => {
  const differing = [...numbers].filter((each) => !isSame(before.numbers.get(each), after.numbers.get(each)));
  const readAs = differing.flatMap((each) =>
    [before, after].flatMap((table) => readDialled(each, table)?.number ?? []),
  );
  return new Set([...differing, ...readAs]);
};

const only = (table: Table, wanted: ReadonlySet<string>): Table => ({
  ...table,
  numbers: new Map([...table.numbers].filter(([number]) => wanted.has(number))),
});

/** The diff of two whole tables, with calls tried for those numbers only that can differ. */
const diffWhereNeeded = (before: Table, after: Table, at: Date, numbers: ReadonlySet<string>): TableDiff => {
  if (!isSame(surroundings(before), surroundings(after))) return diffTables(before, after, at);
  const wanted = numbersInQuestion(before, after, numbers);
  const diff = diffTables(only(before, wanted), only(after, wanted), at);
  const moved = new Set(diff.numbersMoved);
  return { ...diff, numbersUnchanged: [...numbers].filter((number) => !moved.has(number)) };
};

/** The same as the diff of all calls, and quick where two large tables differ little. */
export const changeDiff = (before: Table, after: Table, at: Date): TableDiff =>
  diffWhereNeeded(before, after, at, new Set([...before.numbers.keys(), ...after.numbers.keys()]));

/** @param at the clock by which both tables are asked. */
export const describeChange = (before: Table, after: Table, at: Date): Change => {
  const numbers = new Set([...before.numbers.keys(), ...after.numbers.keys()]);
  const diff = diffWhereNeeded(before, after, at, numbers);
  const elsewhere = diff.moves.flatMap(({ number, kinds }) => (goesElsewhere(kinds) ? [number] : []));
  const left = takenAway(before, after);
  const moved = new Set([...elsewhere, ...diff.numbersAdded, ...diff.numbersRemoved, ...left.numbers]);
  const numbersUnchanged = diff.numbersUnchanged.filter((number) => !moved.has(number));
  const summary = inOneLine({ ...diff, numbersUnchanged }, left);
  return { summary, numbersMoved: moved.size, numbersTotal: numbers.size };
};

const inOneLine = (diff: TableDiff, left: TakenAway): string => {
  const lines = withTakenAway(diffInWords(diff, NUMBERS_LISTED_AT_MOST), left);
  const [told, unchanged] = [lines.slice(0, -1), lines.slice(-1)];
  const more = told.length - TOLD_AT_MOST;
  return [...told.slice(0, TOLD_AT_MOST), ...(more > 0 ? [`and ${more} more`] : []), ...unchanged].join('; ');
};
