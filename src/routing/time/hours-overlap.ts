/** Service hours that overlap: harmless to callers, but seldom meant. */
import { weekdayOf } from './zone-clock.ts';

const dayMinutes = 1440;

/** Minutes since midnight of the day it begins; `to` is past 1440 where it ends on the next day. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Dates that are not as their weekday, both included, as days since 1970-01-01. */
export interface DatedHours {
  readonly first: number;
  readonly last: number;
  readonly spans: readonly Span[];
}

const clock = (minutes: number): string =>
  [Math.floor((minutes % dayMinutes) / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
const show = ({ from, to }: Span): string => `\`${clock(from)}-${to === dayMinutes ? '24:00' : clock(to)}\``;

/** One line of a schedule. */
export interface HoursLine {
  /** The days, as they are written. */
  readonly key: string;
  readonly spans: readonly Span[];
}

export type DatedLine = DatedHours & HoursLine;

/** What is wrong between the lines of a day and of the day before; undefined: nothing. */
const overlapOf = (before: HoursLine | undefined, line: HoursLine): string | undefined => {
  const inOrder = line.spans.toSorted((one, other) => one.from - other.from);
  for (const [index, span] of inOrder.entries()) {
    const earlier = inOrder[index - 1];
    if (earlier && span.from < earlier.to) return `${show(span)} begins before ${show(earlier)} has ended`;
  }
  const [first] = inOrder;
  const night = before?.spans.find(({ to }) => first !== undefined && first.from + dayMinutes < to);
  if (first === undefined || night === undefined) return undefined;
  return `${show(first)} begins before ${show(night)} of the day before has ended`;
};

/**
 * @param weekly lines by weekday, Sunday first; undefined: no line names it
 * @param dated in order of dates
 * @param tell is called once for the later line of an overlap, with what is wrong
 */
export const findOverlaps = (
  weekly: readonly (HoursLine | undefined)[],
  dated: readonly DatedLine[],
  tell: (key: string, message: string) => void,
): void => {
  const told = new Set<HoursLine['key'] | HoursLine['spans']>(); // spans: `as mon` has those of Monday
  const compare = (before: HoursLine | undefined, line: HoursLine | undefined) => {
    const message = line && !told.has(line.key) && !told.has(line.spans) ? overlapOf(before, line) : undefined;
    if (line === undefined || message === undefined) return;
    told.add(line.key).add(line.spans);
    tell(line.key, message);
  };
  for (const [weekday, line] of weekly.entries()) compare(weekly[(weekday + 6) % 7], line);
  for (const [index, line] of dated.entries()) {
    const [before, after] = [dated[index - 1], dated[index + 1]];
    compare(before?.last === line.first - 1 ? before : weekly[weekdayOf(line.first - 1)], line);
    if (line.last > line.first) compare(line, line);
    if (after?.first !== line.last + 1) compare(line, weekly[weekdayOf(line.last + 1)]);
  }
};
