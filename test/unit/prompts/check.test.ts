import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { buildPrompts } from '../../../src/prompts/build.ts';
import { type CheckOptions, checkPrompts } from '../../../src/prompts/check.ts';
import { foldersOf, type PromptFolders, promptFiles } from '../../../src/prompts/library.ts';
import { placesBy, promptProblems } from '../../../src/prompts/problems.ts';
import { formatProblem } from '../../../src/routing/problems.ts';
import type { Prompt } from '../../../src/routing/table.ts';
import { readYaml } from '../../../src/routing/yaml/text.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import { fakeVoice, newFolders, put, recorded, silence, spoken, tableOf, tone, toolsFor } from './audio.ts';

const merged = spoken('merged', '您好请稍候');
const busy = spoken('busy', '抱歉');

let folders: PromptFolders;
beforeEach(async () => {
  folders = await newFolders();
});

const check = async (prompts: Prompt[], more: Partial<CheckOptions> = {}): Promise<string[]> => {
  const options = { folders, voice: fakeVoice, tableFile: 'routes.yaml', ...more };
  return (await checkPrompts(tableOf(...prompts), options)).map(formatProblem);
};
const build = (...prompts: Prompt[]): Promise<unknown> =>
  buildPrompts(prompts, { folders, voice: fakeVoice, tools: toolsFor(fakeVoice) });

/** Supplies the audio as 12301's prompt, builds it, and tells what the check says of it. */
const checkSupplied = async (audio: Parameters<typeof put>[1], more: Partial<CheckOptions> = {}): Promise<string[]> => {
  const prompt = recorded('merged', 'own.wav');
  const file = await put(join(folders.supplied, 'own.wav'), audio);
  await build(prompt);
  return (await check([prompt], more)).map((line) => line.replace(file, 'own.wav'));
};

test('prompts that are built and fit give no problem', async () => {
  await build(merged, busy);
  expect(await check([merged, busy])).toEqual([]);
});

test('prompts that are not built yet share one warning that names the cure', async () => {
  expect(await check([merged, busy])).toEqual([
    'routes.yaml:1:1: warning PROMPT_MISSING: 2 prompts are not built yet: run hotline prompts build',
  ]);
});

test('a text that is not built yet is told by its length: an error where nobody says it in time, else a warning', async () => {
  const long = (syllables: number) => [spoken('merged', '您'.repeat(syllables)), busy];
  expect(await check(long(40))).toHaveLength(1); // 11 s, and not built
  const [likely] = await check(long(50));
  expect(likely).toBe(
    'routes.yaml:1:1: warning PROMPT_TOO_LONG: prompt merged: its text takes about 14 s to say, at most 12 s leave an agent time to answer within 15 s (GB/T 33358)',
  );
  expect((await check(long(70)))[0]).toContain('error PROMPT_TOO_LONG: prompt merged: its text takes about 19 s');
  expect(await check([merged, spoken('busy', '您'.repeat(70))])).toHaveLength(1); // nobody waits for its end
});

test('a prompt whose text changed since the build is stale, at its place in the table', async () => {
  await build(merged, busy);
  const placeOf = (id: string) => (id === 'busy' ? { line: 12, column: 5 } : undefined);
  expect(await check([merged, spoken('busy', '十分抱歉')], { placeOf })).toEqual([
    'routes.yaml:12:5: warning PROMPT_STALE: prompt busy is built from an older text, voice or file: run hotline prompts build',
  ]);
});

test('another voice makes every spoken prompt stale', async () => {
  await build(merged);
  expect(await check([merged], { voice: { ...fakeVoice, synthesiser: ['other', '{text}'] } })).toHaveLength(1);
});

test("an operator's file that is not there is an error, at its place in the table", async () => {
  const file = join(folders.supplied, 'gone.wav');
  expect(await check([recorded('merged', 'gone.wav')], { placeOf: () => ({ line: 7, column: 3 }) })).toEqual([
    `routes.yaml:7:3: error PROMPT_MISSING: prompt merged: the audio file ${file} is not there`,
  ]);
});

test("an operator's new recording is stale until it is taken over", async () => {
  await checkSupplied(tone(1, 0.5));
  await put(join(folders.supplied, 'own.wav'), tone(2, 0.5));
  expect(await check([recorded('merged', 'own.wav')])).toEqual([expect.stringContaining('warning PROMPT_STALE')]);
});

test('a fit recording gives no problem', async () => {
  expect(await checkSupplied(tone(5, 0.5))).toEqual([]);
});

test('a recording in another format is an error, at the audio file', async () => {
  expect(await checkSupplied(tone(1, 0.5, 44100))).toContain(
    'own.wav:1:1: error PROMPT_FORMAT: prompt merged: the file is 44100 Hz, must be 8000 or 16000 Hz',
  );
});

test('a recording on which nothing is heard is an error', async () => {
  expect(await checkSupplied(silence(3))).toEqual([
    expect.stringContaining('error PROMPT_SILENT: prompt merged: nothing'),
  ]);
  expect(await checkSupplied(silence(0))).toEqual([expect.stringContaining('holds no audio at all')]);
});

test('a recording with its peaks cut off is an error', async () => {
  expect(await checkSupplied(tone(3, 4))).toEqual([expect.stringContaining('error PROMPT_CLIPPED: prompt merged: ')]);
});

test('a prompt that leaves an agent no time to answer within 15 s is an error', async () => {
  expect(await checkSupplied(tone(12, 0.5))).toEqual([]);
  expect(await checkSupplied(tone(12.1, 0.5))).toEqual([
    'own.wav:1:1: error PROMPT_TOO_LONG: prompt merged: lasts 12.1 s, at most 12 s leave an agent time to answer within 15 s (GB/T 33358)',
  ]);
  expect(await checkSupplied(tone(12.1, 0.5), { answerAllowanceSeconds: 2 })).toEqual([]);
});

test('a prompt nobody waits behind may be long', async () => {
  const apology = recorded('busy', 'long.wav');
  await put(join(folders.supplied, 'long.wav'), tone(20, 0.5));
  await build(merged, apology);
  expect(await check([merged, apology])).toEqual([]);
});

test('a prompt is pointed at where the table defines it', async () => {
  const yaml = 'timeZone: Asia/Shanghai\nprompts:\n  merged: { text: 您好 }\n  busy:\n    file: gone.wav\n';
  const tableFile = await put(join(folders.supplied, 'routes.yaml'), Buffer.from(yaml));
  const [problem] = await check([recorded('busy', 'gone.wav')], {
    tableFile,
    placeOf: placesBy(readYaml(tableFile, yaml).place),
  });
  expect(problem).toContain(`${tableFile}:4:3: error PROMPT_MISSING: `);
});

test('a table tried elsewhere brings its own recordings, the service has its own', async () => {
  const service = defaultSettings();
  const elsewhere = join(folders.supplied, 'routes.yaml');
  expect(await foldersOf(elsewhere, service)).toEqual(service.prompts);
  await put(join(folders.supplied, 'prompts/own.wav'), tone(1, 0.5));
  const own = { ...service.prompts, supplied: join(folders.supplied, 'prompts') };
  expect(await foldersOf(elsewhere, service)).toEqual(own);
  expect(await foldersOf(elsewhere, { ...service, table: elsewhere })).toEqual(service.prompts);
  expect(await foldersOf(elsewhere, service, folders)).toEqual(folders);
});

test('built audio that was deleted or spoiled is noticed', async () => {
  await build(merged, busy);
  await rm(promptFiles(folders, 'merged').narrow);
  await put(promptFiles(folders, 'busy').narrow, Buffer.from('oops'));
  expect(await check([merged, busy])).toEqual([
    expect.stringContaining('error PROMPT_FORMAT: prompt busy'),
    expect.stringContaining('warning PROMPT_MISSING: prompt merged is not built yet'),
  ]);
});

test('every code has its row in the docs, with the same meaning', async () => {
  const docs = await readFile(join(import.meta.dirname, '../../../docs/prompts.md'), 'utf8');
  for (const [code, meaning] of Object.entries(promptProblems)) expect(docs).toContain(`| \`${code}\` | ${meaning} |`);
});
