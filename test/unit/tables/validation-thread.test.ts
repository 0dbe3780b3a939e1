/** Tables are checked beside the event loop, and to the same result. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decide } from '../../../src/routing/plan.ts';
import { ValidationThread } from '../../../src/tables/validate/thread.ts';
import { inlineValidator } from '../../../src/tables/validate/validator.ts';
import { madeTable } from '../../bench/made-table.ts';
import { bench, byHand, given, liveText } from './rig.ts';

const AT = Date.parse('2026-11-24T02:00:00Z');
const many = madeTable(liveText, 60, 25);
const sources = (text: string) => ({ table: { file: 'routes.yaml', text } });

let thread: ValidationThread;
beforeAll(() => {
  thread = new ValidationThread();
});
afterAll(() => thread.stop());

for (const [what, text] of Object.entries({
  'many numbers': many,
  'a number of 700 rules': madeTable(liveText, 1, 700),
})) {
  test(`a table with ${what} comes over from the thread as it was compiled there`, async () => {
    const [there, here] = [await thread.validate(sources(text), AT), await inlineValidator.validate(sources(text), AT)];
    expect(there.problems).toEqual(here.problems);
    expect(there.revision?.kept).toEqual(here.revision?.kept);
    const [one, other] = [there.revision?.table, here.revision?.table];
    if (one === undefined || other === undefined) throw new Error('the table should be good');
    expect(one).toEqual(other);
    for (const number of other.numbers.keys()) {
      for (const dialled of [number, `0592${number}`]) {
        const facts = { dialled, caller: '05922160001', trunk: 'exchange' };
        expect(decide(one, facts, new Date(AT))).toEqual(decide(other, facts, new Date(AT)));
      }
    }
  });
}

test('what is wrong with a large table is told as it is told of a small one', async () => {
  const broken = many.replace('regions:', 'regionen:');
  const [there, here] = [
    await thread.validate(sources(broken), AT),
    await inlineValidator.validate(sources(broken), AT),
  ];
  expect(here.problems.length).toBeGreaterThan(0);
  expect(there.revision).toBeUndefined();
  expect(there.problems).toEqual(here.problems);
});

test('a change of a large table is told in the words it would have been told in here', async () => {
  const after = many
    .replaceAll('- seats:12348', '- seats:12328')
    .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');
  const [one, other] = await Promise.all([many, after].map((text) => inlineValidator.validate(sources(text), AT)));
  if (!one?.revision || !other?.revision) throw new Error('both should be good');
  const there = await new ValidationThread().describe(one.revision, other.revision, AT);
  expect(there).toEqual(await inlineValidator.describe(one.revision, other.revision, AT));
  expect(there.numbersMoved).toBeGreaterThan(60);
});

test('a large file that is not there is told as such', async () => {
  await expect(thread.validateFile('/nowhere/routes.yaml', AT)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('a table that takes too long is refused, the old one stays, and the next is validated', async () => {
  const limits = { mostMs: 5 };
  const validator = new ValidationThread(limits);
  const table = await (await bench()).open({ validator });
  const { revision } = table.table;
  const refused = await table.reload(given(many)).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'TABLE_REFUSED',
    problems: [
      { code: 'TABLE_TOO_LARGE', file: 'given', line: 1, column: 1, message: 'takes longer than 0.005 s to check' },
    ],
  });
  expect(table.table.revision).toBe(revision);
  limits.mostMs = 60_000;
  expect(await table.reload({ ...given(`${liveText}# next\n`), yes: true })).toMatchObject({ outcome: 'accepted' });
});

test('while a table of 10,000 rules is read and goes live, no call waits for it', {
  retry: 2,
  timeout: 60_000,
}, async () => {
  const { open, write, folder } = await bench();
  const table = await open({ validator: thread });
  await writeFile(join(folder, 'routes.yaml'), madeTable(liveText, 400, 25));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  expect(await table.reload({ ...byHand, yes: true })).toMatchObject({ outcome: 'accepted' });
  delay.disable();
  const [p99Ms, longestMs] = [delay.percentile(99), delay.max].map((nanoseconds) => nanoseconds / 1e6);
  expect(table.table.numbers.size).toBe(432);
  expect(p99Ms).toBeLessThan(50);
  expect(longestMs).toBeLessThan(200);
  await write(liveText);
});
