import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hoursChanges } from '../../../src/routing/compare/hours-change.ts';
import { readTable } from '../../../src/routing/parse.ts';
import { type Hours, isOpen, readHours } from '../../../src/routing/time/hours.ts';
import { readMoment } from '../../../src/routing/time/moments.ts';
import { formatWallTime, ZoneClock } from '../../../src/routing/time/zone-clock.ts';

const shanghai = new ZoneClock('Asia/Shanghai');
const newYork = new ZoneClock('America/New_York');

const hoursOf = (shape: Record<string, string>): Hours => {
  const { hours, faults } = readHours('office', shape);
  expect(faults).toEqual([]);
  return hours;
};

const office = hoursOf({
  'mon-fri': '08:30-12:00, 14:30-18:00',
  '2026-10-01..2026-10-08': 'closed',
  '2026-10-10': 'as mon',
  '2026-10-11': '09:00-10:00',
});

const openAt = (hours: Hours, time: string, clock = shanghai): boolean =>
  isOpen(hours, clock.wallTime(Date.parse(time)));

describe('a time zone', () => {
  test.each([
    ['CST', 'CST` is not the time zone of a place'],
    ['Asia/Shangai', 'did you mean `Asia/Shanghai`?'],
  ])('%s is refused: it must be the name of a place, spelt as it is', async (timeZone, said) => {
    const text = (await readFile('config/routes.yaml', 'utf8')).replace(/^timeZone:.*/m, `timeZone: ${timeZone}`);
    const draft = readTable({ file: 'routes.yaml', text });
    expect(draft.problems.map(({ message }) => message).join()).toContain(said);
  });
});

test('what differs between two schedules is told by day and date, in the words of a table', () => {
  const later = hoursOf({
    'mon-fri': '08:30-12:00, 14:00-18:00',
    sat: '22:00-06:00',
    '2026-10-01..2026-10-08': 'closed',
    '2026-10-10': 'as mon',
    '2026-12-25': 'closed',
  });
  expect(hoursChanges(office, later)).toEqual([
    {
      days: 'mon, tue, wed, thu, fri, 2026-10-10',
      before: '08:30-12:00, 14:30-18:00',
      after: '08:30-12:00, 14:00-18:00',
    },
    { days: 'sat', before: 'closed', after: '22:00-06:00' },
    { days: '2026-10-11', before: '09:00-10:00', after: undefined },
    { days: '2026-12-25', before: undefined, after: 'closed' },
  ]);
});

describe('service hours', () => {
  for (const [time, open] of [
    ['2026-11-24T08:29:59+08:00', false],
    ['2026-11-24T08:30:00+08:00', true],
    ['2026-11-24T11:59:59+08:00', true],
    ['2026-11-24T12:00:00+08:00', false],
    ['2026-11-24T06:30:00Z', true],
    ['2026-11-28T09:00:00+08:00', false],
    ['2026-09-30T17:00:00+08:00', true],
    ['2026-10-01T09:00:00+08:00', false],
    ['2026-10-08T09:00:00+08:00', false],
    ['2026-10-09T09:00:00+08:00', true],
    ['2026-10-10T09:00:00+08:00', true],
    ['2026-10-11T09:30:00+08:00', true],
    ['2026-10-11T15:00:00+08:00', false],
  ] as const) {
    test(`are ${open ? 'open' : 'closed'} at ${time}`, () => expect(openAt(office, time)).toBe(open));
  }

  test('go over midnight, and belong to the day on which they begin', () => {
    const night = hoursOf({ fri: '22:00-06:00', '2026-11-21': 'closed' });
    expect(openAt(night, '2026-11-20T23:00:00+08:00')).toBe(true);
    expect(openAt(night, '2026-11-21T05:59:00+08:00')).toBe(true);
    expect(openAt(night, '2026-11-21T06:00:00+08:00')).toBe(false);
    expect(openAt(night, '2026-11-21T23:00:00+08:00')).toBe(false);
  });

  test('go over the end of the week, and to the end of the day', () => {
    const weekend = hoursOf({ 'sat-mon': '00:00-24:00' });
    const open = ['21', '22', '23', '24'].map((day) => openAt(weekend, `2026-11-${day}T23:59:00+08:00`));
    expect(open).toEqual([true, true, true, false]);
  });

  test('keep to the clock on the wall when summer time comes and goes', () => {
    const morning = hoursOf({ 'mon-sun': '09:00-10:00' });
    expect(openAt(morning, '2026-03-07T14:30:00Z', newYork)).toBe(true); // UTC-5
    expect(openAt(morning, '2026-03-08T13:30:00Z', newYork)).toBe(true); // UTC-4 since that night
    expect(openAt(morning, '2026-03-08T14:30:00Z', newYork)).toBe(false);
  });

  test('say what is wrong with a line', () => {
    const faults = (shape: Record<string, string>) => readHours('office', shape).faults.map(({ message }) => message);
    expect(faults({ mon: '09:00-09:00' })).toEqual(['`09:00-09:00` begins and ends at the same time']);
    expect(faults({ mon: 'as tue' })).toEqual(['`as` is for dates; write the hours of the weekday']);
    expect(faults({ '2026-02-30': 'closed' })).toEqual(['the calendar has no 2026-02-30']);
  });
});

describe('the clock on the wall', () => {
  test('is what Intl says, whatever was asked before', () => {
    for (const clock of [shanghai, newYork, new ZoneClock('Asia/Kathmandu'), new ZoneClock('UTC')]) {
      const format = new Intl.DateTimeFormat('sv-SE', {
        timeZone: clock.timeZone,
        dateStyle: 'short',
        timeStyle: 'short',
      });
      const times = fc.integer({ min: Date.parse('1980-01-01'), max: Date.parse('2040-01-01') });
      fc.assert(
        fc.property(times, (instant) => {
          expect(formatWallTime(clock.wallTime(instant)).slice(4)).toBe(format.format(instant));
        }),
        { numRuns: 300 },
      );
    }
  });

  test('is read as the first of two times in autumn, and an hour on where spring skips it', () => {
    const read = (text: string) => new Date(readMoment(text, newYork)?.ms ?? 0).toISOString();
    expect(read('2026-11-01T01:30')).toBe('2026-11-01T05:30:00.000Z');
    expect(read('2026-03-08T02:30')).toBe('2026-03-08T07:30:00.000Z');
    expect(read('2026-07-01')).toBe('2026-07-01T04:00:00.000Z');
    expect(read('2026-07-01T08:00+08:00')).toBe('2026-07-01T00:00:00.000Z');
  });

  test('has no 30 February, no 25 o’clock and no yesterday', () => {
    for (const text of ['2026-02-30', '2026-01-01T25:00', 'yesterday', '', '2026-1-1'])
      expect(readMoment(text, shanghai)).toBeUndefined();
  });
});
