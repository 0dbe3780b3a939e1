/**
 * Service hours: what a week looks like, and the dates that are otherwise. Hours belong to the day on which they begin:
 * `fri: 22:00-06:00` ends on Saturday morning, whatever Saturday is. A day of the week that is not named is closed.
 */

import { type DatedHours, type DatedLine, findOverlaps, type HoursLine, type Span } from './hours-overlap.ts';
import { dayOf } from './moments.ts';
import { type WallTime, weekdayOf, weekdays } from './zone-clock.ts';

export type { Span } from './hours-overlap.ts';

const dayMinutes = 1440;

export interface Hours {
  readonly id: string;
  /** By weekday, Sunday first. */
  readonly weekly: readonly (readonly Span[])[];
  /** In order of dates, no two for one day. */
  readonly dated: readonly DatedHours[];
}

/** Something wrong with one line of a schedule. */
export interface HoursFault {
  readonly code: 'BAD_VALUE' | 'BAD_DATE_RANGE' | 'HOURS_TWICE' | 'HOURS_OVERLAP';
  readonly message: string;
  readonly key: string;
  readonly part: 'key' | 'value';
}

const weekdayNamed = (name: string): number => (weekdays as readonly string[]).indexOf(name);

/** `mon-fri, sun` → weekdays; a range may go over the week's end. */
const weekdaysIn = (key: string): readonly number[] =>
  key.split(',').flatMap((part) => {
    const [first = '', last = first] = part.trim().split('-');
    const from = weekdayNamed(first);
    const count = ((weekdayNamed(last) - from + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => (from + index) % 7);
  });

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** undefined: a span that begins and ends at the same time. */
const spansOf = (text: string): readonly Span[] | undefined => {
  const spans = text.split(',').map((part): Span => {
    const [from = 0, to = 0] = part.trim().split('-').map(minutesOf);
    return { from, to: to < from ? to + dayMinutes : to };
  });
  return spans.some(({ from, to }) => from === to) ? undefined : spans;
};

const isDate = (key: string): boolean => /^\d/.test(key);

/** Lines that give a date hours twice, each after the line before. @param dated in order of dates */
const sharingDates = (dated: readonly DatedLine[]): readonly (readonly [string, string])[] =>
  dated.flatMap(({ first, key }, index) => {
    const before = dated[index - 1];
    return before && first <= before.last ? [[before.key, key] as const] : [];
  });

/** Reads one schedule. @param lines days to times (`mon-fri` → `08:30-12:00`), each in the form that the table language lets pass. */
export const readHours = (
  id: string,
  lines: Readonly<Record<string, string>>,
): { hours: Hours; faults: readonly HoursFault[] } => {
  const faults: HoursFault[] = [];
  const weekly: (HoursLine | undefined)[] = Array.from({ length: 7 });
  const dated: DatedLine[] = [];
  const fault = (code: HoursFault['code'], message: string, key: string, part: 'key' | 'value' = 'key') =>
    faults.push({ code, message, key, part });

  const spansNamed = (key: string, text: string): readonly Span[] => {
    if (text === 'closed') return [];
    if (text.startsWith('as ')) return weekly[weekdayNamed(text.slice(3))]?.spans ?? [];
    const spans = spansOf(text);
    if (spans === undefined) fault('BAD_VALUE', `\`${text}\` begins and ends at the same time`, key, 'value');
    return spans ?? [];
  };

  const readWeek = (key: string, text: string) => {
    if (text.startsWith('as ')) fault('BAD_VALUE', '`as` is for dates; write the hours of the weekday', key, 'value');
    const spans = spansNamed(key, text);
    for (const weekday of weekdaysIn(key)) {
      if (weekly[weekday] !== undefined) fault('HOURS_TWICE', `${weekdays[weekday]} has hours above already`, key);
      weekly[weekday] ??= { key, spans };
    }
  };

  const readDates = (key: string, text: string) => {
    const [from = '', to = from] = key.split('..');
    const [first, last] = [dayOf(from), dayOf(to)];
    if (first === undefined || last === undefined) {
      fault('BAD_VALUE', `the calendar has no ${first === undefined ? from : to}`, key);
    } else if (last < first) fault('BAD_DATE_RANGE', `${to} is before ${from}`, key);
    else dated.push({ first, last, spans: spansNamed(key, text), key });
  };

  for (const [key, text] of Object.entries(lines)) if (!isDate(key)) readWeek(key, text);
  for (const [key, text] of Object.entries(lines)) if (isDate(key)) readDates(key, text);
  dated.sort((one, other) => one.first - other.first);
  for (const [before, key] of sharingDates(dated))
    fault('HOURS_TWICE', `\`${before}\` gives a date of it hours already`, key);
  findOverlaps(weekly, dated, (key, message) => fault('HOURS_OVERLAP', message, key, 'value'));
  return { hours: { id, weekly: weekly.map((line) => line?.spans ?? []), dated }, faults };
};

const datedOn = (dated: readonly DatedHours[], day: number): DatedHours | undefined => {
  let low = 0;
  let high = dated.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = dated[middle];
    if (entry === undefined || entry.first > day) high = middle;
    else if (entry.last < day) low = middle + 1;
    else return entry;
  }
  return undefined;
};

const spansOn = ({ weekly, dated }: Hours, day: number): readonly Span[] =>
  (dated.length === 0 ? undefined : datedOn(dated, day)?.spans) ?? weekly[weekdayOf(day)] ?? [];

/** Whether a schedule is open at a wall-clock time. */
export const isOpen = (hours: Hours, { day, minute }: WallTime): boolean => {
  for (const { from, to } of spansOn(hours, day)) if (from <= minute && minute < to) return true;
  for (const { to } of spansOn(hours, day - 1)) if (minute + dayMinutes < to) return true;
  return false;
};
