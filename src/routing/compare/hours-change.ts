/** What differs between two schedules, in the words a table is written in. */
import type { Hours } from '../time/hours.ts';
import type { DatedHours, Span } from '../time/hours-overlap.ts';
import { weekdays } from '../time/zone-clock.ts';

export interface HoursChange {
  /** Days and dates to which the same happened: `mon, tue`, `2026-10-01..2026-10-08`. */
  readonly days: string;
  /** Undefined: no such date. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

const dayMinutes = 1440;

const time = (minute: number): string => {
  const ofDay = minute > dayMinutes ? minute - dayMinutes : minute;
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`;
};

const formatSpans = (spans: readonly Span[]): string =>
  spans.map(({ from, to }) => `${time(from)}-${time(to)}`).join(', ') || 'closed';

const date = (day: number): string => new Date(day * dayMinutes * 60_000).toISOString().slice(0, 10);

const datesOf = ({ first, last }: DatedHours): string =>
  first === last ? date(first) : `${date(first)}..${date(last)}`;

const linesOf = ({ weekly, dated }: Hours): ReadonlyMap<string, string> =>
  new Map([
    ...weekdays.map((day, index) => [day, formatSpans(weekly[index] ?? [])] as const),
    ...dated.map((each) => [datesOf(each), formatSpans(each.spans)] as const),
  ]);

/** Days alike are told together. */
export const hoursChanges = (before: Hours, after: Hours): readonly HoursChange[] => {
  const [was, is] = [linesOf(before), linesOf(after)];
  const days = [...new Set([...was.keys(), ...is.keys()])].filter((day) => was.get(day) !== is.get(day));
  const alike = Map.groupBy(days, (day) => `${was.get(day)} → ${is.get(day)}`);
  return [...alike.values()].map((each) => {
    const [first = ''] = each;
    return { days: each.join(', '), before: was.get(first), after: is.get(first) };
  });
};
