/** Tables by the clock: a routing that has a table for the night stands in for rules by hours. */
import { expect, test, vi } from 'vitest';
import { diffTables } from '../../../src/routing/compare/diff.ts';
import { formatDiff } from '../../../src/routing/compare/format-diff.ts';
import type * as plan from '../../../src/routing/plan.ts';
import type { Table } from '../../../src/routing/table.ts';
import { liveTable, liveText, tableOf } from './tables.ts';

type WithNight = Table & { readonly night?: Table };

vi.mock('../../../src/routing/plan.ts', async (original) => {
  const actual = await original<typeof plan>();
  const decide: typeof plan.decide = (table: WithNight, facts, at) =>
    actual.decide(at.getUTCHours() >= 12 ? (table.night ?? table) : table, facts, at);
  return { ...actual, decide };
});

const morning = new Date('2026-10-01T09:00:00+08:00');
const noon = new Date('2026-10-01T12:00:00+08:00');
const night = new Date('2026-10-01T22:30:00+08:00');
const live = liveTable();
const withoutSeats = tableOf(liveText.replace('          - seats:12333-xiamen\n', ''));
const seatsByDay: WithNight = { ...live, night: withoutSeats };

test('a move at some of the instants names them, in the time zone of the table', () => {
  const diff = diffTables(live, seatsByDay, morning, [noon, night]);
  expect(diff.moves).toMatchObject([{ number: '12333', region: 'xiamen', always: false, at: [night.toISOString()] }]);
  expect(formatDiff(diff).filter((line) => !line.startsWith('also'))).toEqual([
    '12333 in xiamen at 2026-10-01 22:30: seats:12333-xiamen → queue:12345-xiamen',
    '31 numbers unchanged',
  ]);
});

test('a move at all of them names none', () => {
  const [line] = formatDiff(diffTables(live, withoutSeats, morning, [noon, night]));
  expect(line).toBe('12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen');
});

test('calls that move by day and calls that move by night are told apart', () => {
  const elsewhere = tableOf(liveText.replace('          - seats:12333-xiamen\n', '          - seats:12348\n'));
  const after: WithNight = { ...elsewhere, night: withoutSeats };
  expect(formatDiff(diffTables(live, after, morning, [noon, night])).filter((line) => /^\d+ in/.test(line))).toEqual([
    '12333 in xiamen at 2026-10-01 09:00, 2026-10-01 12:00: seats:12333-xiamen → seats:12348, then queue:12345-xiamen as before',
    '12333 in xiamen at 2026-10-01 22:30: seats:12333-xiamen → queue:12345-xiamen',
  ]);
});

test('an instant that nobody asked for is not looked at', () => {
  expect(diffTables(live, seatsByDay, morning, [noon]).moves).toEqual([]);
});
