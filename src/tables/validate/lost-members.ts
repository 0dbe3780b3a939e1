/**
 * Destinations that lose all their members in a change. Calls still go there, but nobody who answered them is left, so the
 * guard counts the numbers that lead there as moved.
 */
import { destinationFor } from '../../routing/plan.ts';
import type { HotlineNumber, Table } from '../../routing/table.ts';

export interface LostMembers {
  /** Destinations that numbers lead to and that lose all members; with the skill if only that one loses them. */
  readonly places: readonly string[];
  /** Numbers that lead to them. */
  readonly numbers: readonly string[];
}

const NAMED_AT_MOST = 6;

/** Endpoints that answer at a destination; empty: the table does not know them. */
const answering = ({ queues, seats }: Table, to: string, skill: string | undefined): readonly string[] => {
  const queue = queues.get(to);
  if (queue === undefined) return seats.get(to)?.endpoints ?? [];
  if (queue.dial !== undefined) return [queue.dial];
  return skill === undefined ? queue.members : (queue.skillMembers.get(skill) ?? []);
};

const placeOf = (to: string, skill: string | undefined): string => (skill === undefined ? to : `${to} (${skill})`);

/** Without destinations that are gone: the diff reports those as moves. */
const emptied = (before: Table, after: Table): ReadonlySet<string> => {
  const keepsNobody = (to: string, skill?: string): boolean => {
    const [were, are] = [answering(before, to, skill), new Set(answering(after, to, skill))];
    return were.length > 0 && !were.some((each) => are.has(each));
  };
  const queues = [...before.queues.values()].filter(({ id }) => after.queues.has(id));
  const seats = [...before.seats.keys()].filter((id) => after.seats.has(id) && keepsNobody(id));
  const ofQueues = queues.flatMap(({ id, skills }) =>
    [undefined, ...skills].flatMap((skill) => (keepsNobody(id, skill) ? [placeOf(id, skill)] : [])),
  );
  return new Set([...seats, ...ofQueues]);
};

/** Destinations in the rules of a number, with the skill they ask for. */
const placesOf = ({ rules }: HotlineNumber, all: readonly string[]): readonly string[] =>
  rules.flatMap(({ connect, regions = all }) =>
    connect.flatMap(({ to, skill }) =>
      (to.includes('{') ? regions : ['']).map((region) => placeOf(destinationFor(to, region), skill)),
    ),
  );

/** By the rules of the old table, whose callers were answered there. */
export const lostMembers = (before: Table, after: Table): LostMembers => {
  const empty = emptied(before, after);
  if (empty.size === 0) return { places: [], numbers: [] };
  const regions = [...before.regions.keys()];
  const led = [...before.numbers.values()].flatMap((number) => {
    const places = placesOf(number, regions).filter((place) => empty.has(place));
    return places.length === 0 ? [] : [{ number: number.number, places }];
  });
  const places = new Set(led.flatMap((each) => each.places));
  return { places: [...empty].filter((place) => places.has(place)), numbers: led.map(({ number }) => number) };
};

/**
 * Puts a line before those of a diff, e.g. `nobody who answered stays in queue:12345-xiamen, to which 28 numbers lead`, and
 * drops `nothing moves`.
 */
export const withLostMembers = (lines: readonly string[], { places, numbers }: LostMembers): readonly string[] => {
  if (places.length === 0) return lines;
  const more = places.length - NAMED_AT_MOST;
  const named = `${places.slice(0, NAMED_AT_MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const lead = numbers.length === 1 ? '1 number leads' : `${numbers.length} numbers lead`;
  const first = `nobody who answered stays in ${named}, to which ${lead}`;
  return [first, ...lines.filter((line) => line !== 'nothing moves')];
};
