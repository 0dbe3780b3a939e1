/**
 * Moments and callers at which two tables may differ. Of all moments at which hours open or close, or a rule's date comes: one
 * for each combination of open hours and past dates. Of all listed callers: one for each combination of lists.
 */
import { isListed, normalCaller } from '../numbering.ts';
import type { Table } from '../table.ts';
import { type Hours, isOpen } from '../time/hours.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A week shows every weekday, and one day more what goes over midnight. */
const DAYS_AHEAD = 8;
const MOST_LOOKED_AT = 5_000;
/** Calls are tried at each of them, so only the first of very many are taken. */
const MOST_INSTANTS = 24;
const MOST_CALLERS = 32;

/** The first item of each kind. */
const firstOfEach = <T>(all: readonly T[], kindOf: (one: T) => string, atMost: number): readonly T[] => {
  const kinds = new Map<string, T>();
  for (const each of all.slice(0, MOST_LOOKED_AT)) {
    const kind = kindOf(each);
    if (!kinds.has(kind)) kinds.set(kind, each);
    if (kinds.size >= atMost) break;
  }
  return [...kinds.values()];
};

const minutesOf = ({ weekly, dated }: Hours): readonly number[] =>
  [...weekly, ...dated.map(({ spans }) => spans)].flat().flatMap(({ from, to }) => [from % 1440, to % 1440]);

const oddDaysOf = ({ dated }: Hours): readonly number[] => dated.flatMap(({ first, last }) => [first, last + 1]);

/** The moments at which rules begin and end to hold. */
const datesOf = ({ numbers }: Table): readonly number[] =>
  Array.from(numbers.values(), ({ rules }) => rules).flatMap((rules) =>
    rules.flatMap(({ from, until }) => [from?.ms ?? [], until?.ms ?? []].flat()),
  );

const edgesOf = (table: Table, at: Date): readonly number[] => {
  const { clock } = table;
  const hours = [...table.hours.values()];
  if (hours.length === 0) return datesOf(table);
  const today = Math.floor(clock.wallMs(at.getTime()) / DAY_MS);
  const soon = Array.from({ length: DAYS_AHEAD }, (_, ahead) => today + ahead);
  const days = new Set([...soon, ...hours.flatMap(oddDaysOf).filter((day) => day > today)]);
  const minutes = new Set([0, ...hours.flatMap(minutesOf)]);
  const looked = [...days].slice(0, Math.ceil(MOST_LOOKED_AT / minutes.size));
  const edges = looked.flatMap((day) =>
    Array.from(minutes, (minute) => clock.instantOf(day * DAY_MS + minute * MINUTE_MS)),
  );
  return [...edges, ...datesOf(table)];
};

/** A key for a moment: which hours are open then, and how many dates have passed. */
const stateAt = (tables: readonly Table[], dates: readonly number[]) => {
  const sorted = [...new Set(dates)].sort((one, other) => one - other);
  return (instant: number): string => {
    const open = tables.map(({ clock, hours }) =>
      Array.from(hours.values(), (each) => Number(isOpen(each, clock.wallTime(instant)))).join(''),
    );
    return `${open.join(' ')} ${sorted.findIndex((date) => date > instant)}`;
  };
};

/** Further moments to look at, after `at`. */
export const sampleMoments = (tables: readonly Table[], at: Date): readonly Date[] => {
  const edges = new Set(tables.flatMap((table) => edgesOf(table, at)));
  if (edges.size === 0) return [];
  const later = [...edges].filter((edge) => edge > at.getTime()).sort((one, other) => one - other);
  const kindOf = stateAt(tables, tables.flatMap(datesOf));
  const [, ...further] = firstOfEach([at.getTime(), ...later], kindOf, MOST_INSTANTS);
  return further.map((instant) => new Date(instant));
};

const LENGTH_OF_A_NUMBER = 11;

/** Names of the lists, in any of the tables, that a caller is on. */
export const listsOf = (tables: readonly Table[]): ((caller: string | null) => readonly string[]) => {
  const lists = tables.flatMap(({ callers }) => [...callers.values()]);
  if (lists.length === 0) return () => [];
  return (caller) => {
    const normal = normalCaller(caller);
    return [...new Set(lists.flatMap((list) => (isListed(list, normal) ? [list.id] : [])))];
  };
};

/** One caller for each combination of lists, to try besides those of each region. */
export const listedCallers = (tables: readonly Table[]): readonly string[] => {
  const lists = tables.flatMap(({ callers }) => [...callers.values()]);
  const all = lists.flatMap(({ numbers, starts }) => [
    ...[...starts.values()].flatMap((beginnings) =>
      [...beginnings].map((start) => start.padEnd(LENGTH_OF_A_NUMBER, '0')),
    ),
    ...numbers,
  ]);
  const kindOf = (caller: string): string => lists.map((list) => Number(isListed(list, normalCaller(caller)))).join('');
  return firstOfEach([...new Set(all)], kindOf, MOST_CALLERS);
};
