/** What moves at certain hours only, from a date on, or for the callers of a list only, is told without being asked for. */
import { expect, test } from 'vitest';
import { diffTables } from '../../../src/routing/compare/diff.ts';
import { formatDiff } from '../../../src/routing/compare/format-diff.ts';
import { listedCallers, sampleMoments } from '../../../src/routing/compare/sample-moments.ts';
import { liveText, tableOf } from './tables.ts';

/** A Tuesday morning, within office hours. */
const at = new Date('2026-11-24T10:00:00+08:00');
const parts = `hours:
  office:
    mon-fri: 08:30-12:00, 14:30-18:00
    2027-01-01: closed
callers:
  schools: ["05922150000", "0592216*"]
  firms: ["0592217*"]
`;

/** 12301 with further rules before its own. */
const ruled = (rules: string, more = '') =>
  tableOf(
    liveText
      .replace('\nnumbers:\n', `\n${parts}${more}\nnumbers:\n`)
      .replace(
        /("12301":\n(?: {4}\w+: .*\n)*?) {4}connect: .*\n/,
        `$1    because: 座席暂时保留\n    rules:\n${rules}      - connect: queue:12345-{region}\n`,
      )
      .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n'),
  );
const rule = (when: string, to: string) =>
  `      - when: { ${when} }\n        connect: [${to}, "queue:12345-{region}"]\n`;
const words = (before: string, after: string) =>
  formatDiff(diffTables(ruled(before), ruled(after), at)).filter((line) => line.startsWith('12301'));

test('a change outside of office hours is told, with a time at which it happens', () => {
  const office = rule('hours: office', 'seats:12348');
  expect(
    words(`${office}${rule('region: xiamen', 'seats:12348')}`, `${office}${rule('region: xiamen', 'seats:12328')}`),
  ).toEqual(['12301 in xiamen at 2026-11-24 12:00: seats:12348 → seats:12328, then queue:12345-xiamen as before']);
});

test('a cut-over that was written in advance is told, from its date on', () => {
  const [line] = words('', rule('region: xiamen, from: 2027-03-01', 'seats:12348'));
  expect(line).toBe('12301 in xiamen at 2027-03-01 00:00: queue:12345-xiamen → seats:12348, then queue:12345-xiamen');
});

test('a change for the callers of a list is told as such', () => {
  expect(words(rule('callers: schools', 'seats:12348'), rule('callers: schools', 'seats:12328'))).toEqual([
    '12301 in xiamen of callers in schools: seats:12348 → seats:12328, then queue:12345-xiamen as before',
  ]);
});

test('a caller who is put on a list is found', () => {
  const before = ruled(rule('callers: schools', 'seats:12348'));
  const list = { id: 'schools', starts: new Map(), numbers: new Set(['05922150000', '05952001234']) };
  const after = { ...before, callers: new Map([...before.callers, ['schools', list]]) };
  const lines = formatDiff(diffTables(before, after, at)).filter((line) => line.startsWith('12301'));
  expect(lines).toContain(
    '12301 in quanzhou of callers in schools: queue:12345-quanzhou → seats:12348, then queue:12345-quanzhou',
  );
});

test('one time is looked at for each way in which hours and dates stand, and one caller for each way of being listed', () => {
  const table = ruled(rule('hours: office, from: 2026-12-01', 'seats:12348'));
  const times = sampleMoments([table, table], at).map((instant) => instant.toISOString());
  // closed; closed and then open after the date
  expect(times).toEqual(['2026-11-24T04:00:00.000Z', '2026-11-30T16:00:00.000Z', '2026-12-01T00:30:00.000Z']);
  expect(listedCallers([table])).toEqual(['05922160000', '05922170000']);
});

test('tables that go by neither clock nor caller are looked at once', () => {
  const table = tableOf(liveText);
  expect([sampleMoments([table, table], at), listedCallers([table, table])]).toEqual([[], []]);
});

test('hundreds of hours and dates cost no more than two dozen looks', () => {
  const dated = Array.from({ length: 300 }, (_, day) => {
    const date = new Date(Date.UTC(2027, 0, 1 + day)).toISOString().slice(0, 10);
    return rule(`region: xiamen, from: ${date}, until: ${date}T12:00`, 'seats:12348');
  }).join('');
  const table = ruled(dated);
  expect(sampleMoments([table, table], at).length).toBeLessThanOrEqual(24);
});
