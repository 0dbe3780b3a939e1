/** The file against what is live, asked for again and again by whoever has the table's page open. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ValidationThread } from '../../../src/tables/validate/thread.ts';
import { inlineValidator, type Validator } from '../../../src/tables/validate/validator.ts';
import { bench, brokenText, byHand, liveText, movedText, othersText } from './rig.ts';

/** A bench that counts how often the file is validated, and sets the clock. */
async function counted(validator: Validator = inlineValidator) {
  const seen = { validated: 0, now: Date.parse('2026-11-24T02:00:00Z') };
  const compareFile: Validator['compareFile'] = (...asked) => {
    seen.validated += 1;
    return validator.compareFile(...asked);
  };
  const made = await bench();
  const live = await made.open({ validator: { ...inlineValidator, compareFile }, now: () => seen.now });
  return { ...made, live, seen };
}

test('a page that is open all day has the file validated once a minute, and not each time it asks', async () => {
  const { live, seen } = await counted();
  for (let n = 0; n < 10; n++) expect((await live.candidate()).revision).toBe(live.table.revision);
  await Promise.all([live.candidate(), live.candidate()]);
  expect(seen.validated).toBe(1);
  seen.now += 61_000;
  await live.candidate();
  expect(seen.validated).toBe(2);
});

test('a change of the file is told at once, and so is the way back', async () => {
  const { live, write, seen } = await counted();
  await live.candidate();
  await write(movedText());
  expect(await live.candidate()).toMatchObject({
    numbersMoved: 1,
    moves: expect.arrayContaining([expect.stringMatching(/^12301 /), '31 numbers unchanged']),
  });
  await write(othersText());
  const others = await live.candidate();
  expect(others.moves[0]).toMatch(/^nobody who answered stays in /);
  expect(others.moves).not.toContain('nothing moves');
  expect(others.numbersMoved).toBeGreaterThan(8);
  await write(brokenText());
  expect(await live.candidate()).toMatchObject({ revision: null, moves: [], numbersTotal: 32 });
  await write(liveText);
  expect(await live.candidate()).toMatchObject({ revision: live.table.revision, moves: [] });
  expect(seen.validated).toBe(5);
});

test('once the changed table is live, nothing moves by it any more', async () => {
  const { live, write } = await counted();
  await write(movedText());
  expect((await live.candidate()).numbersMoved).toBe(1);
  await live.reload({ ...byHand, yes: true });
  expect(await live.candidate()).toMatchObject({ revision: live.table.revision, moves: [] });
});

test('a prefix list that changes beside the table is seen as well', async () => {
  const { live, folder, write, seen } = await counted();
  await write(liveText.replace('# mobilePrefixes: mobile-prefixes.csv', 'mobilePrefixes: prefixes.csv'));
  await writeFile(join(folder, 'prefixes.csv'), '1391111,fuzhou\n');
  const first = (await live.candidate()).revision;
  await writeFile(join(folder, 'prefixes.csv'), '1391111,xiamen\n');
  const second = (await live.candidate()).revision;
  expect([first, second]).toEqual([expect.any(String), expect.any(String)]);
  expect(first).not.toBe(second);
  expect(seen.validated).toBe(2);
});

test('a service validates it on a thread of its own, to the same result, whatever its size', async () => {
  const validator = new ValidationThread();
  onTestFinished(() => validator.stop());
  const { file, write, live } = await counted(validator);
  await write(movedText());
  const there = await live.candidate();
  const { table } = live;
  const kept = await live.textOf(table.revision);
  const here = await inlineValidator.compareFile({ table, kept }, file, Date.parse('2026-11-24T02:00:00Z'));
  expect(there).toEqual(here);
  await expect(validator.compareFile({ table, kept }, `${file}.gone`, 0)).rejects.toMatchObject({
    code: 'FILE_UNREADABLE',
  });
});
