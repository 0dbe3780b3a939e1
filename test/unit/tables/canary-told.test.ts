import { expect, test } from 'vitest';
import { tableControl } from '../../../src/wiring/table-control.ts';
import { bench, byHand, commented, given } from './rig.ts';

const chen = { ...byHand, who: 'chen' };
const tried = { ...given(commented('tried')), canary: { share: 0.5 } };

test('a saved file that ends a running canary says so in its answer, in the status and in the history', async () => {
  const { open, file } = await bench();
  const table = await open();
  const { canary } = await table.reload(tried);
  const words = `the canary ${canary?.revision} (50% of calls) takes no more calls`;
  expect((await table.reload(chen)).summary).toContain(words);
  expect((await tableControl(table, file, false).show()).summary).toContain(words);
  expect((await table.history(1))[0]?.summary).toContain(words);
});

test('a second canary says that the first takes no more calls', async () => {
  const table = await (await bench()).open();
  const { canary } = await table.reload(tried);
  const second = await table.reload({ ...given(commented('second')), canary: { share: 0.1 } });
  expect(second.summary).toContain(`the canary ${canary?.revision} (50% of calls) takes no more calls; 10% of calls`);
});

test('while a canary runs, the status and a conflict name who made the live table live, and the canary who began it', async () => {
  const { open, file } = await bench();
  const table = await open();
  await table.reload({ ...given(commented('live')), who: 'chen' });
  const { revision, when } = table.deployment;
  await table.reload({ ...tried, who: 'liu' });
  const shown = await tableControl(table, file, false).show();
  expect(shown).toMatchObject({ revision, who: 'chen', when, canary: { who: 'liu' } });
  await expect(table.reload({ ...byHand, ifMatch: 'abc' })).rejects.toThrow(`${revision} is, by chen, ${when}`);
});

test('a promoted canary is its promoter’s', async () => {
  const { open, file } = await bench();
  const table = await open();
  await table.reload(tried);
  await table.promote(chen);
  expect(await tableControl(table, file, false).show()).toMatchObject({ who: 'chen', canary: null });
});
