/** A number with a long list of rules, each for a time of its own: which one takes a call, and from which moment on. */
import { expect, test } from 'vitest';
import { decide } from '../../../src/routing/plan.ts';
import { liveText, tableOf } from './tables.ts';

const day = (number: number): string => `2027-01-${String(number).padStart(2, '0')}`;

const dated = Array.from(
  { length: 12 },
  (_, index) =>
    `      - when: { region: xiamen, from: ${day(index + 1)}, until: ${day(index + 2)} }\n        connect: { to: "queue:12345-{region}", seconds: ${index + 1} }`,
);
const table = tableOf(
  liveText
    .replace(
      /("12301":\n(?: {4}\w+: .*\n)*?) {4}connect: .*\n/,
      `$1    rules:\n${dated.join('\n')}\n      - connect: queue:12345-{region}\n`,
    )
    .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n'),
);

const ruleAt = (at: string, caller = '05922001234') => {
  const decided = decide(table, { dialled: '12301', caller, trunk: null }, new Date(`${at}+08:00`));
  return decided.number === null ? null : decided.rule;
};

test('each takes calls from its first moment on, and none at the moment it ends', () => {
  expect(table.numbers.get('12301')?.rulesOf).toBeDefined(); // long enough to be looked up
  expect(ruleAt('2026-12-31T23:59:59.999')).toBe(13);
  for (let number = 1; number <= 12; number++) {
    expect(ruleAt(`${day(number)}T00:00:00.000`)).toBe(number);
    expect(ruleAt(`${day(number)}T23:59:59.999`)).toBe(number);
  }
  expect(ruleAt('2027-01-13T00:00:00.000')).toBe(13);
  expect(ruleAt(`${day(5)}T12:00:00.000`, '05952001234')).toBe(13); // from Quanzhou
});
