import { chmod } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { buildPrompts } from '../../../src/prompts/build.ts';
import { checkPrompts } from '../../../src/prompts/check.ts';
import { DEFAULT_VOICE, defaultTools } from '../../../src/prompts/tools.ts';
import { newFolders, put, spoken, tableOf } from './audio.ts';

const projectRoot = join(import.meta.dirname, '../../..');

/** A project whose lab has a rootfs with these programs. */
const projectWithRootfs = async (...programs: string[]): Promise<string> => {
  const root = dirname((await newFolders()).dir);
  for (const program of programs) {
    await chmod(await put(join(root, '.lab/rootfs-0a1b2c3d/usr/bin', program), Buffer.from('')), 0o755);
  }
  return root;
};

test('programs of this machine are run as they are', async () => {
  const root = await projectWithRootfs();
  const { synthesiser, converter } = await defaultTools(root, { synthesiser: ['sh'], converter: [process.execPath] });
  expect([synthesiser.prefix, converter.prefix]).toEqual([[], []]);
  expect(synthesiser.toTool('/tmp/a.wav')).toBe('/tmp/a.wav');
});

test("a program that only the lab has is run inside the lab's rootfs, and both meet in a folder there", async () => {
  const root = await projectWithRootfs('lab-only-voice');
  const tools = await defaultTools(root, { synthesiser: ['lab-only-voice', '{out}'], converter: ['sh'] });
  const rootfs = join(root, '.lab/rootfs-0a1b2c3d');
  expect(tools.synthesiser.prefix).toEqual(['chroot', rootfs]);
  expect(tools.workDir).toBe(join(rootfs, 'tmp'));
  expect(tools.synthesiser.toTool(join(tools.workDir, 'a.wav'))).toBe('/tmp/a.wav');
  expect(tools.converter.toTool(join(tools.workDir, 'a.wav'))).toBe(join(rootfs, 'tmp/a.wav'));
});

test('a program that is nowhere is named, with what to do about it', async () => {
  const root = await projectWithRootfs();
  const finding = defaultTools(root, { synthesiser: ['no-such-voice'], converter: ['sh'] });
  await expect(finding).rejects.toThrow(/^no-such-voice is not on this machine: install it .* or run npm start/);
});

const real = await defaultTools(projectRoot, DEFAULT_VOICE).then(
  (tools) => (tools.synthesiser.prefix.length === 0 || process.getuid?.() === 0 ? tools : undefined),
  () => undefined,
);

test.skipIf(!real)(
  'the real voice speaks prompts that pass every check (skipped: no espeak-ng and sox here)',
  async () => {
    const folders = await newFolders();
    const prompts = [
      spoken('merged', '您好，您拨打的热线已并入12345热线，请稍候。'),
      spoken('whisper-region-xiamen', '厦门'),
    ];
    const voice = DEFAULT_VOICE;
    const outcomes = await buildPrompts(prompts, { folders, voice, tools: () => defaultTools(projectRoot) });
    for (const outcome of outcomes) expect(outcome).toMatchObject({ how: 'built', rmsDbfs: expect.closeTo(-21, -1) });
    expect(await checkPrompts(tableOf(...prompts), { folders, voice, tableFile: 'routes.yaml' })).toEqual([]);
  },
);
