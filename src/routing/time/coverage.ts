/**
 * Whether some times cover others: needed to say that a rule can never match, that hours leave a gap, or that everybody is
 * closed. Exact, because it looks at every moment at which anything changes: hours repeat weekly, so the nine days from each
 * exceptional date on show everything. Wall-clock time throughout.
 */
import { type Hours, isOpen, type Span } from './hours.ts';
import { wallTimeOf } from './zone-clock.ts';

const dayMs = 86_400_000;
const daysShown = 9;
/** Any Monday will do where no date is named. */
const someMonday = 20_458;
/** Most moments looked at for one question; where there would be more, no gap is reported. */
const mostMoments = 100_000;

/** When something holds: from, until (not included), and within any of these hours; milliseconds by the wall. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
  readonly hours: readonly Hours[] | undefined;
}

export const always: TimeSpan = { from: -Infinity, until: Infinity, hours: undefined };

const isWithin = (hours: readonly Hours[] | undefined, wallMs: number): boolean => {
  if (hours === undefined) return true;
  const wall = wallTimeOf(wallMs);
  return hours.some((each) => isOpen(each, wall));
};

/** A key for a span, to recognise a question that was answered before. */
const keyOf = ({ from, until, hours }: TimeSpan): string =>
  `${from}~${until}~${hours === undefined ? '' : hours.map(({ id }) => id).join(',')}`;

/** Whether one span alone covers another, as far as it shows without looking at moments. */
const coversPlainly = (cover: TimeSpan, covered: TimeSpan): boolean =>
  cover.from <= covered.from &&
  cover.until >= covered.until &&
  (cover.hours === undefined || covered.hours?.every((each) => cover.hours?.includes(each)) === true);

const spansOf = ({ weekly, dated }: Hours): readonly Span[] => [
  ...weekly.flat(),
  ...dated.flatMap(({ spans }) => spans),
];

/** Moments between two times at which hours may change, in order; empty: too many to look at. */
const momentsWithin = (from: number, until: number, hours: readonly Hours[]): readonly number[] => {
  const odd = hours.flatMap(({ dated }) => dated.flatMap(({ first, last }) => [first, last + 1]));
  const [begin, end] = [Math.floor(from / dayMs), Math.floor(until / dayMs)];
  const before = Number.isFinite(end) ? end - daysShown : Math.min(someMonday, ...odd.map((day) => day - daysShown));
  const starts = [Number.isFinite(begin) ? begin : before, ...odd].filter(
    (day) => (day >= begin || !Number.isFinite(begin)) && day <= end,
  );
  const days = new Set(starts.flatMap((day) => Array.from({ length: daysShown }, (_, index) => day + index)));
  const minutes = new Set([0, ...hours.flatMap(spansOf).flatMap((span) => [span.from % 1440, span.to % 1440])]);
  if (days.size * minutes.size > mostMoments) return [];
  const moments = [...days].flatMap((day) => Array.from(minutes, (minute) => day * dayMs + minute * 60_000));
  const inside = moments.filter((moment) => moment >= from && moment < until);
  return [...(Number.isFinite(from) ? [from] : []), ...inside].sort((one, other) => one - other);
};

const findUncovered = (covers: readonly TimeSpan[], wanted: TimeSpan): number | undefined => {
  const edges = covers.flatMap(({ from, until }) => [from, until]);
  const inside = [...new Set(edges)].filter((edge) => edge > wanted.from && edge < wanted.until);
  const cuts = [wanted.from, ...inside.sort((one, other) => one - other), wanted.until];
  for (const [index, until] of cuts.slice(1).entries()) {
    const from = cuts[index] ?? until;
    const holding = covers.filter((cover) => cover.from <= from && cover.until >= until);
    if (holding.some(({ hours }) => hours === undefined)) continue;
    const hours = [...new Set(holding.flatMap((cover) => cover.hours ?? []))];
    const looked = momentsWithin(from, until, [...new Set([...hours, ...(wanted.hours ?? [])])]);
    const gap = looked.find((moment) => isWithin(wanted.hours, moment) && !isWithin(hours, moment));
    if (gap !== undefined) return gap;
  }
  return undefined;
};

/** Answers questions about one table and remembers the answers. */
export class Coverage {
  readonly #answers = new Map<string, number | undefined>();

  /** The first moment of `wanted` that none of `covers` has, by the wall; undefined: there is none. */
  firstUncovered(covers: readonly TimeSpan[], wanted: TimeSpan): number | undefined {
    if (covers.some((cover) => coversPlainly(cover, wanted))) return undefined;
    const key = `${keyOf(wanted)}<${covers.map(keyOf).sort().join(';')}`;
    if (this.#answers.has(key)) return this.#answers.get(key);
    const answer = findUncovered(covers, wanted);
    this.#answers.set(key, answer);
    return answer;
  }
}
