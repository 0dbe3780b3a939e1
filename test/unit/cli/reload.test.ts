/** `hotline reload` against a running service's HTTP side: what two engineers at two desks are told. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adminRig, TOKENS } from '../admin/rig.ts';
import { commented, movedText } from '../tables/texts.ts';
import { root } from './hotline.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const hotline = (url: string, ...args: readonly string[]): Promise<Ended> => {
  const env = { ...process.env, HOTLINE_HTTP_PORT: new URL(url).port, HOTLINE_TOKEN: TOKENS.operator };
  const child = spawn(process.execPath, [join(root, 'src/cli/bin.ts'), ...args], { env, cwd: root });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => void (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => void (said.err += text.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
};

test('of two tables sent at once one goes live, and who sent the other is told which and by whom', async () => {
  const { url } = await adminRig();
  const folder = await mkdtemp(join(tmpdir(), 'hotline-two-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const files = ['one.yaml', 'other.yaml'].map((name) => join(folder, name));
  await writeFile(files[0] ?? '', movedText());
  await writeFile(files[1] ?? '', commented('of the other desk'));
  const ended = await Promise.all(files.map((file) => hotline(url, 'reload', '--table', file, '--yes')));
  const won = ended.find(({ code }) => code === 0);
  const lost = ended.find(({ code }) => code === 1);
  const [, revision] = /^live: [0-9a-f]{16} → ([0-9a-f]{16}): /.exec(won?.out ?? '') ?? [];
  expect(revision).toBeDefined();
  expect(lost?.out).toBe('');
  expect(lost?.err).toMatch(/^error CONFLICT: .*by duty, 20\d\d-/);
  expect(lost?.err).toContain(revision);
});
