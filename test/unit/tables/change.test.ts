/** What a change of table is said to move. */
import { expect, test } from 'vitest';
import { parseTable } from '../../../src/routing/parse.ts';
import type { Seats, Table } from '../../../src/routing/table.ts';
import { describeChange } from '../../../src/tables/validate/change.ts';
import { madeTable } from '../../bench/made-table.ts';
import { allMovedText, commented, liveText, movedText, othersText } from './texts.ts';

const AT = new Date('2026-11-24T02:00:00Z');
const tableOf = (text: string): Table => {
  const { table, problems } = parseTable({ file: 'routes.yaml', text });
  if (table === undefined) throw new Error(problems.map(({ message }) => message).join('; '));
  return table;
};
const change = (before: string, after: string) => describeChange(tableOf(before), tableOf(after), AT);

test('a change of one number is told in the words of `hotline diff`, in one line', () => {
  const { summary, ...counts } = change(liveText, movedText());
  expect(summary).toMatch(
    /^12301 everywhere: queue:12345-\{region\} → seats:12348, then queue:12345-\{region\}; .*31 numbers unchanged$/,
  );
  expect(summary).not.toContain('\n');
  expect(counts).toEqual({ numbersMoved: 1, numbersTotal: 32 });
});

test('what moves no call counts no number', () => {
  expect(change(liveText, commented('word'))).toEqual({
    summary: 'nothing moves; 32 numbers unchanged',
    numbersMoved: 0,
    numbersTotal: 32,
  });
});

test('a caller who hears another prompt, or waits longer, goes where she went', () => {
  const { summary, numbersMoved } = change(
    liveText,
    liveText.replaceAll(/waitSeconds: \d+/g, 'waitSeconds: 77').replace(/apology: .*/, 'apology: merged'),
  );
  expect(summary).not.toContain('nothing moves');
  expect(numbersMoved).toBe(0);
});

test('where none of the agents stays who answered, the numbers that lead there count as moved, and the summary says so', () => {
  const { summary, numbersMoved } = change(liveText, othersText());
  expect(numbersMoved).toBeGreaterThan(8);
  expect(summary).toMatch(
    /^nobody who answered stays in queue:12345-fuzhou, .*, to which \d+ numbers lead; also changed: /,
  );
  expect(summary).not.toContain('nothing moves');
  expect(summary).toContain(`${32 - numbersMoved} number`);
});

test('where one of the agents stays, or one came besides, nothing counts as moved', () => {
  const one = liveText.replaceAll(/members: \[([^,\]]+), [^\]]+\]/g, 'members: [$1, other-$1]');
  expect(one).not.toBe(liveText);
  expect(change(liveText, one)).toMatchObject({ numbersMoved: 0 });
  expect(change(liveText, one).summary).toMatch(/^nothing moves; /);
});

test('seats whose every endpoint is another are told with the numbers that lead to them, and no others', () => {
  const before = tableOf(liveText);
  const id = 'seats:12348';
  const seats = new Map(before.seats).set(id, { ...before.seats.get(id), endpoints: ['other'] } as Seats);
  const { summary, numbersMoved } = describeChange(before, { ...before, seats }, AT);
  expect(summary).toMatch(/^nobody who answered stays in seats:12348, to which 1 number leads; /);
  expect(numbersMoved).toBe(1);
});

test('a number that is new, or gone, counts as moved', () => {
  const more = madeTable(liveText, 1, 1);
  expect(change(liveText, more)).toMatchObject({ numbersMoved: 1, numbersTotal: 33 });
  expect(change(more, liveText)).toMatchObject({ numbersMoved: 1, numbersTotal: 33 });
});

test('a change of the regions is looked for in every number', () => {
  const before = tableOf(liveText);
  const regions = new Map([...before.regions].map(([id, region]) => [id, { ...region, areaCode: undefined }]));
  expect(describeChange(before, { ...before, regions }, AT).numbersMoved).toBe(32);
});

test('of many moves three are told, and of many numbers that move alike six are named', () => {
  const before = tableOf(liveText);
  const numbers = [...before.numbers].map(
    ([id, number], n) =>
      [id, { ...number, rules: [{ ...number.rules[0], connect: [{ to: `queue:q${n % 6}` }] }] }] as const,
  );
  const { summary } = describeChange(before, { ...before, numbers: new Map(numbers) } as unknown as Table, AT);
  expect(summary).toMatch(/; and \d+ more; 0 numbers unchanged$/);
  expect(change(liveText, allMovedText()).summary).toMatch(/\[(\d+ ){6}and \d+ more\]/);
});

test('one number of ten thousand is found without trying the calls of all', () => {
  const text = madeTable(liveText, 10_000, 1);
  const [before, after] = [tableOf(text), tableOf(text.replace('责任单位200000', '另一单位'))];
  const begun = process.cpuUsage(); // not by the clock: others use the machine too
  describeChange(before, after, AT);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1_000).toBeLessThan(1_500);
}, 60_000);
