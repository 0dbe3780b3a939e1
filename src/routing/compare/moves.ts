/**
 * What moves between two tables: every sample call is routed by both of them, at every moment asked for, and calls that move in
 * the same way are gathered into one move.
 */

import { formatPlan } from '../format-plan.ts';
import { readDialled } from '../numbering.ts';
import { decide } from '../plan.ts';
import type { CallFacts, Decision, RegionSource } from '../routing.ts';
import type { Table } from '../table.ts';
import { type Answer, answerKey, answerOf, type ChangeKind, changeBetween, forAnyRegion } from './plan-change.ts';
import { sampleCalls } from './sample-calls.ts';
import { listsOf } from './sample-moments.ts';
import { isSame } from './table-change.ts';

/** A kind of call. */
export interface CallsFrom {
  readonly regionFrom: RegionSource;
  readonly trunk: string | null;
  /** Caller lists, of either table, that the caller is on; absent: none. */
  readonly callers?: readonly string[];
  /** One such call; `hotline explain` takes it. */
  readonly example: CallFacts;
}

/** Calls to one number from one region that all go elsewhere in the same way. */
export interface Move {
  readonly number: string;
  /** By the table before; by the one after for calls that were refused before. */
  readonly region: string;
  readonly regionAfter: string | null;
  /** How the region of these calls is known. */
  readonly from: readonly CallsFrom[];
  /** Which calls of the region: `on trunk exchange`; empty: every call. */
  readonly which: string;
  /** Instants looked at, ISO 8601, at which these calls move. */
  readonly at: readonly string[];
  /** Whether they move at every instant that was looked at. */
  readonly always: boolean;
  readonly kinds: readonly ChangeKind[];
  /** Plan in words; null: refused. */
  readonly before: string | null;
  readonly after: string | null;
  /** What differs: `seats:12333-xiamen → queue:12345-xiamen`. */
  readonly words: string;
  /** The same as a table writes it for every region: `queue:12345-{region} → …`. */
  readonly wordsForAnyRegion: string;
  readonly answers: { readonly before: Answer; readonly after: Answer };
}

/** Calls of one region that differ in the same way, and which of them at each instant. */
interface Differing {
  readonly before: Answer;
  readonly after: Answer;
  readonly callsAt: Map<Date, number[]>;
}

interface Cell {
  readonly calls: Map<number, CallsFrom>;
  readonly differing: Map<string, Differing>;
}

const sourceWords: Readonly<Record<RegionSource, string>> = {
  trunk: 'known by their trunk',
  'dialled-area-code': 'known by the area code dialled',
  'caller-area-code': "known by the caller's area code",
  'caller-mobile-prefix': "known by the caller's mobile prefix",
  default: 'that nothing tells the city of',
};

/** A carrier's list has thousands of prefixes: one stands for all that both tables treat alike. */
const sourceOf = ({ regionFrom, example }: CallsFrom): string =>
  regionFrom === 'caller-mobile-prefix'
    ? `${sourceWords[regionFrom]} (${example.caller?.slice(0, 7)} …)`
    : sourceWords[regionFrom];

const oneCall = (call: CallsFrom): string => {
  const source = call.trunk === null ? sourceOf(call) : `${sourceOf(call)} on trunk ${call.trunk}`;
  return call.callers === undefined ? source : `${source} of callers in ${call.callers.join(', ')}`;
};

/** Values of one trait (trunk, lists, source) that tell the moving calls from those that stay; empty: it does not tell them apart. */
const traitsThatTell = <T>(cell: Cell, moved: ReadonlySet<number>, traitOf: (call: CallsFrom) => T): readonly T[] => {
  const staying = new Set(Array.from(cell.calls, ([index, call]) => (moved.has(index) ? [] : [traitOf(call)])).flat());
  const moving = new Set(Array.from(moved, (index) => traitOf(cell.calls.get(index) as CallsFrom)));
  return [...moving].some((trait) => staying.has(trait)) ? [] : [...moving];
};

const whichCalls = (cell: Cell, moved: ReadonlySet<number>, from: readonly CallsFrom[]): string => {
  if (moved.size === cell.calls.size) return '';
  const trunks = traitsThatTell(cell, moved, ({ trunk }) => trunk).filter((trunk) => trunk !== null);
  if (trunks.length > 0) return `on trunk ${trunks.join(', ')}`;
  const lists = traitsThatTell(cell, moved, ({ callers = [] }) => callers.join(', '));
  if (lists.length > 0 && !lists.includes('')) return `of callers in ${lists.join(' or ')}`;
  const sources = traitsThatTell(cell, moved, sourceOf);
  const words = sources.length > 0 ? sources : from.map(oneCall);
  return words.length <= 3 ? words.join(' or ') : `${words.slice(0, 2).join(' or ')} or ${words.length - 2} other ways`;
};

/** Each kind of call once. */
const kindsOf = (calls: readonly CallsFrom[]): readonly CallsFrom[] => {
  const kinds = new Map<string, CallsFrom>();
  for (const call of calls) {
    const key = oneCall(call);
    if (!kinds.has(key)) kinds.set(key, call);
  }
  return [...kinds.values()];
};

/** Instants at which the same calls move, together. */
const byCalls = (callsAt: ReadonlyMap<Date, readonly number[]>): readonly (readonly [readonly number[], Date[]])[] => {
  const groups = new Map<string, readonly [readonly number[], Date[]]>();
  for (const [at, calls] of callsAt) {
    const key = calls.join();
    const group = groups.get(key) ?? ([calls, []] as const);
    group[1].push(at);
    groups.set(key, group);
  }
  return [...groups.values()];
};

const wordsOf = ({ number, plan }: Answer): string | null => (number === null ? null : formatPlan(plan));

const movesOf = (number: string, region: string, cell: Cell, clocks: number): readonly Move[] =>
  [...cell.differing.values()].flatMap(({ before, after, callsAt }) => {
    const { kinds = [], words = '' } = changeBetween(before, after) ?? {};
    const forAny = changeBetween(forAnyRegion(before, region), forAnyRegion(after, region));
    return byCalls(callsAt).map(([calls, instants]): Move => {
      const from = kindsOf(calls.flatMap((index) => cell.calls.get(index) ?? []));
      return {
        number,
        region,
        regionAfter: after.region,
        from,
        which: whichCalls(cell, new Set(calls), from),
        at: instants.map((at) => at.toISOString()),
        always: instants.length === clocks,
        kinds,
        before: wordsOf(before),
        after: wordsOf(after),
        words,
        wordsForAnyRegion: forAny?.words ?? '',
        answers: { before, after },
      };
    });
  });

/** How the region was found, by the table that found it: the other may know nothing of the caller. */
const regionSource = (...routings: readonly Decision[]): RegionSource =>
  routings.flatMap((each) => (each.number === null || each.region.from === 'default' ? [] : [each.region.from]))[0] ??
  'default';

interface Asking {
  readonly tables: readonly [Table, Table];
  readonly listed: (caller: string | null) => readonly string[];
}

/** Routes one call by both tables, and notes the difference under the region of the call. */
const look = (
  cells: Map<string, Cell>,
  { tables, listed }: Asking,
  [index, facts]: readonly [number, CallFacts],
  at: Date,
): void => {
  const [one, other] = [decide(tables[0], facts, at), decide(tables[1], facts, at)];
  const routed = one.number === null ? other : one;
  if (routed.number === null) return;
  const cell = cells.get(routed.region.id) ?? { calls: new Map(), differing: new Map() };
  cells.set(routed.region.id, cell);
  const callers = listed(facts.caller);
  cell.calls.set(index, {
    regionFrom: regionSource(one, other),
    trunk: facts.trunk,
    ...(callers.length > 0 && { callers }),
    example: facts,
  });
  const [before, after] = [answerOf(one), answerOf(other)];
  const keys = [answerKey(before), answerKey(after)];
  if (keys[0] === keys[1]) return;
  const key = keys.join('→');
  const differing = cell.differing.get(key) ?? { before, after, callsAt: new Map() };
  cell.differing.set(key, differing);
  const calls = differing.callsAt.get(at) ?? [];
  differing.callsAt.set(at, calls);
  calls.push(index);
};

/** Regions in which a number has calls, and what moves there. */
export interface NumberMoves {
  readonly number: string;
  readonly regions: readonly string[];
  readonly moves: readonly Move[];
}

/** By key of a table: whether a difference may send calls of every number elsewhere, of its own number only, or none. */
export type DecidesFor = 'every number' | 'its number' | 'nothing';

/** A key that is added to the table has to be added here, or tsc fails: one that is forgotten would let moves go unseen. */
export const DECIDES: Readonly<Record<keyof Table, DecidesFor>> = {
  revision: 'nothing',
  clock: 'every number',
  hours: 'every number',
  callers: 'every number',
  regions: 'every number',
  trunks: 'every number',
  prompts: 'nothing',
  queues: 'every number',
  seats: 'every number',
  numbers: 'its number',
  apology: 'every number',
  mobilePrefixes: 'every number',
  transfers: 'nothing',
  handOvers: 'nothing',
  expectations: 'nothing',
};

/** A key that this version does not know decides for every number, to be safe. */
const isEveryNumberAsked = (before: Table, after: Table): boolean => {
  const keys = Object.keys({ ...before, ...after }) as (keyof Table)[];
  return keys.some((key) => (DECIDES[key] ?? 'every number') === 'every number' && !isSame(before[key], after[key]));
};

/** Numbers whose calls may move: entries that differ, and what either table reads such a number as. */
const numbersInQuestion = (before: Table, after: Table, all: Iterable<string>): ReadonlySet<string> => {
  if (isEveryNumberAsked(before, after)) return new Set(all);
  const entryOf = (table: Table, number: string) => ({ ...table.numbers.get(number), rulesOf: undefined });
  const differing = Array.from(all).filter((each) => !isSame(entryOf(before, each), entryOf(after, each)));
  const readAs = differing.flatMap((each) =>
    [before, after].flatMap((table) => readDialled(each, table)?.number ?? []),
  );
  return new Set([...differing, ...readAs]);
};

/** All moves, number by number in the order of the tables. @param instants at least one. */
export const findMoves = (
  before: Table,
  after: Table,
  instants: readonly Date[],
  callers: readonly string[],
): readonly NumberMoves[] => {
  const tables = [before, after] as const;
  const asking = { tables, listed: listsOf(tables) };
  const callsTo = sampleCalls(tables, callers);
  const numbers = new Set([...before.numbers.keys(), ...after.numbers.keys()]);
  const inQuestion = numbersInQuestion(before, after, numbers);
  return Array.from(numbers, (number) => {
    if (!inQuestion.has(number)) return { number, regions: [], moves: [] };
    const cells = new Map<string, Cell>();
    for (const call of callsTo(number).entries()) for (const at of instants) look(cells, asking, call, at);
    const moves = Array.from(cells, ([region, cell]) => movesOf(number, region, cell, instants.length)).flat();
    return { number, regions: [...cells.keys()], moves };
  });
};
