/** A table whose callers would meet silence does not go live. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missingAudioOf } from '../../src/missing-audio.ts';
import { bench, given, liveText } from './tables/rig.ts';

const withPrompt = liveText
  .replace('\nprompts:\n', '\nprompts:\n  holiday: { text: 今天放假。 }\n')
  .replace(/("12301":\n(?: {4}\w+: .*\n)*? {4}prompt: )merged/, '$1holiday')
  .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');

const opened = async (built: readonly string[]) => {
  const { folder, open } = await bench();
  const dir = join(folder, 'prompts');
  await mkdir(dir);
  for (const id of built) await writeFile(join(dir, `${id}.wav`), '');
  return { dir, table: await open({ missingAudio: missingAudioOf({ dir, supplied: dir }) }) };
};

test('a prompt that is new and has no audio refuses the table, at the place of the prompt; built, it goes', async () => {
  const { dir, table } = await opened(['merged', 'busy']);
  const { revision } = table.table;
  const refused = await table.reload({ ...given(withPrompt), yes: true }).catch((error: unknown) => error);
  const line = withPrompt.slice(0, withPrompt.indexOf('  holiday:')).split('\n').length;
  expect(refused).toMatchObject({
    code: 'TABLE_REFUSED',
    message: expect.stringContaining('prompt holiday has no audio'),
    problems: [{ code: 'PROMPT_MISSING', severity: 'error', file: 'given', line, column: 3 }],
  });
  expect(table.table.revision).toBe(revision);
  await writeFile(join(dir, 'holiday.wav'), '');
  expect(await table.reload({ ...given(withPrompt), yes: true })).toMatchObject({ outcome: 'accepted' });
});

test('where no audio is kept beside the controller, nobody can tell, and nothing is held up', async () => {
  const { table } = await opened([]);
  expect(await table.reload({ ...given(withPrompt), yes: true })).toMatchObject({ outcome: 'accepted' });
});
