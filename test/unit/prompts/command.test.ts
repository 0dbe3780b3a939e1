import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { ExitCode } from '../../../src/cli/command.ts';
import { hotline } from '../cli/hotline.ts';
import { fakeVoice, newFolders, put, tone } from './audio.ts';

const table = `
regions: { xiamen: { name: 厦门, areaCode: "0592" }, province: { name: 省级 } }
prompts: { merged: { text: 请稍候, file: own.wav }, busy: { text: 抱歉 } }
defaults: { apology: busy }
whisper: { number: "{number}", region: "{region}" }
queues: { 12345-xiamen: { label: 厦门12345 }, 12345-province: { label: 省12345 } }
numbers: { "12301": { unit: 省文旅厅, mode: merged, prompt: merged, connect: "queue:12345-{region}" } }
`;

let root: string;
let tableFile: string;

/** A folder with a table, settings that name the fake voice, and a `sox` that is the fake converter. */
beforeEach(async () => {
  root = (await newFolders()).dir;
  tableFile = await put(join(root, 'routes.yaml'), Buffer.from(table));
  const settings = { prompts: { synthesiser: fakeVoice.synthesiser, dir: join(root, 'played') } };
  vi.stubEnv('HOTLINE_SETTINGS', await put(join(root, 'hotline.yaml'), Buffer.from(JSON.stringify(settings))));
  const [node, script] = fakeVoice.converter;
  const sox = Buffer.from(`#!/bin/sh\nexec '${node}' '${script}' "$3" "\${12}" "$5"\n`);
  await chmod(await put(join(root, 'bin/sox'), sox), 0o755);
  vi.stubEnv('PATH', `${join(root, 'bin')}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
});

const build = async (...words: string[]): Promise<{ code: ExitCode; out: string[]; err: string[] }> => {
  const { code, out, err } = await hotline('prompts', 'build', '--table', tableFile, ...words);
  return { code, out: linesOf(out), err: linesOf(err) };
};

const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

test('a build prints one line for each prompt and exits 0', async () => {
  await put(join(root, 'prompts/own.wav'), tone(2, 0.5));
  const { code, out, err } = await build();
  expect([code, err]).toEqual([0, []]);
  expect(out).toContainEqual(expect.stringMatching(/^supplied {2}merged +2\.0 s +-9\.0 dBFS$/));
  expect(out).toContainEqual(expect.stringMatching(/^built {5}whisper-region-xiamen +\d\.\d s +-2\d\.\d dBFS$/));
});

test('a recording that is not there is refused, told with its place, and exits 1', async () => {
  const { code, out, err } = await build('--supplied', join(root, 'nowhere'));
  expect(code).toBe(1);
  expect(out).toContainEqual(expect.stringMatching(/^refused {3}merged .*own\.wav is not there$/));
  expect(err).toEqual([expect.stringContaining(`${tableFile}:3:12: error PROMPT_MISSING: prompt merged`)]);
});

test('with --json one object holds outcomes and problems', async () => {
  await put(join(root, 'prompts/own.wav'), tone(2, 0.5));
  const { out } = await build('--json');
  const { prompts, problems } = JSON.parse(out.join('\n'));
  expect(problems).toEqual([]);
  expect(prompts).toContainEqual({ id: 'merged', how: 'supplied', seconds: 2, rmsDbfs: expect.closeTo(-9, 0) });
});

test('a table with errors is not built, and exits 1', async () => {
  await put(tableFile, Buffer.from('regions: ['));
  const { code, out, err } = await build();
  expect([code, out]).toEqual([1, []]);
  expect(err).toContainEqual(expect.stringContaining('error YAML_SYNTAX'));
});

test('a voice that fails is an error of its own, for exit code 3', async () => {
  await put(tableFile, Buffer.from(table.replace('抱歉', '失败')));
  const { code, err } = await build('--supplied', root);
  expect([code, err]).toEqual([3, [expect.stringMatching(/^error PROMPT_BUILD_FAILED: /)]]);
});
