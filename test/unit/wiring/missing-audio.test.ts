/** A table whose callers would meet silence does not go live. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_VOICE } from '../../../src/prompts/tools.ts';
import { missingAudioOf } from '../../../src/wiring/change-guards.ts';
import { put, tone } from '../prompts/audio.ts';
import { bench, given, liveText } from '../tables/rig.ts';

const withPrompt = liveText
  .replace('\nprompts:\n', '\nprompts:\n  holiday: { text: 今天放假。 }\n')
  .replace(/("12301":\n(?: {4}\w+: .*\n)*? {4}prompt: )merged/, '$1holiday')
  .replace(/\nexpectations:[\s\S]*$/, '\nexpectations: []\n');

const opened = async (built: readonly string[]) => {
  const { folder, open } = await bench();
  const dir = join(folder, 'prompts');
  await mkdir(dir);
  for (const id of built) await writeFile(join(dir, `${id}.wav`), '');
  return {
    dir,
    table: await open({ missingAudio: missingAudioOf(() => ({ dir, supplied: dir, voice: DEFAULT_VOICE })) }),
  };
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

const LONG = '尊敬的市民您好本热线自即日起整体并入政务服务便民热线您的来电将由话务员接听请不要挂机。'.repeat(2);
const saying = (text: string) => withPrompt.replace('text: 今天放假。', `text: ${text}`);

test('a prompt before an agent that takes too long to say refuses the table as check does, built or not', async () => {
  const { dir, table } = await opened(['merged', 'busy', 'holiday']);
  const { revision } = table.table;
  const refusedWith = async (text: string): Promise<unknown> =>
    table.reload({ ...given(saying(text)), yes: true }).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(await refusedWith(LONG)).toMatchObject({
    code: 'TABLE_REFUSED',
    problems: [{ code: 'PROMPT_TOO_LONG', severity: 'error', file: 'given', column: 3 }],
  });
  await put(join(dir, 'holiday.wav'), tone(20, 0.5));
  expect(await refusedWith('今天放假。')).toMatchObject({
    problems: [{ code: 'PROMPT_TOO_LONG', message: expect.stringContaining('lasts 20.0 s') }],
  });
  expect(table.table.revision).toBe(revision);
  await put(join(dir, 'holiday.wav'), tone(5, 0.5));
  expect(await refusedWith('今天放假。')).toBeUndefined();
});

test('where a build has to be told where to put them, the refusal says so', async () => {
  const { folder, open } = await bench();
  const dir = join(folder, 'lab');
  await mkdir(dir);
  await writeFile(join(dir, 'merged.wav'), '');
  const missingAudio = missingAudioOf(() => ({ dir, supplied: dir, voice: DEFAULT_VOICE, out: dir }));
  const table = await open({ missingAudio });
  const message = expect.stringContaining(`run hotline prompts build --out ${dir}`);
  await expect(table.reload({ ...given(withPrompt), yes: true })).rejects.toMatchObject({ problems: [{ message }] });
});
