/** `hotline reload` against a running service's HTTP side: what two engineers at two desks are told. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adminRig, TOKENS } from '../admin/rig.ts';
import { brokenText, commented, movedText } from '../tables/texts.ts';
import { type Ended, hotline as run, setEnvironment } from './hotline.ts';

const hotline = (url: string, ...words: readonly string[]): Promise<Ended> => {
  setEnvironment({ HOTLINE_HTTP_PORT: new URL(url).port, HOTLINE_TOKEN: TOKENS.operator });
  return run(...words);
};

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-two-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

test('of two tables sent at once one goes live, and who sent the other is told which and by whom', async () => {
  const { url } = await adminRig();
  const folder = await newFolder();
  const files = ['one.yaml', 'other.yaml'].map((name) => join(folder, name));
  for (const file of files) execFileSync('mkfifo', [file]);
  const sent = files.map((file) => hotline(url, 'reload', '--table', file, '--yes'));
  const pipes = await Promise.all(files.map((file) => open(file, 'w'))); // both have begun to read
  await Promise.all([pipes[0]?.writeFile(movedText()), pipes[1]?.writeFile(commented('of the other desk'))]);
  await Promise.all(pipes.map((pipe) => pipe.close()));
  const ended = await Promise.all(sent);
  const won = ended.find(({ code }) => code === 0);
  const lost = ended.find(({ code }) => code === 1);
  const [, revision] = /^live: [0-9a-f]{16} → ([0-9a-f]{16}): /.exec(won?.out ?? '') ?? [];
  expect(revision).toBeDefined();
  expect(lost?.out).toBe('');
  expect(lost?.err).toMatch(/^error CONFLICT: .*by duty, 20\d\d-/);
  expect(lost?.err).toContain(revision);
});

test('a table that was still being read when another went live does not undo it', async () => {
  const { url, ask } = await adminRig();
  const folder = await newFolder();
  const [slow, quick] = [join(folder, 'slow.yaml'), join(folder, 'quick.yaml')];
  execFileSync('mkfifo', [slow]);
  await writeFile(quick, movedText());
  const waiting = hotline(url, 'reload', '--table', slow, '--yes');
  const pipe = await open(slow, 'w'); // it has begun to read
  expect(await hotline(url, 'reload', '--table', quick, '--yes')).toMatchObject({ code: 0 });
  const { revision } = (await (await ask('viewer', 'GET', '/api/table')).json()) as { revision: string };
  await pipe.writeFile(commented('of the other desk'));
  await pipe.close();
  const { code, err } = await waiting;
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringContaining(`is not live; ${revision} is, by duty`),
  });
});

test('a broken table is told problem by problem, then what stays live; the history has who was refused', async () => {
  const { url, ask } = await adminRig();
  const file = join(await newFolder(), 'bad.yaml');
  await writeFile(file, brokenText());
  const { code, out, err } = await hotline(url, 'reload', '--table', file);
  const { revision } = (await (await ask('viewer', 'GET', '/api/table')).json()) as { revision: string };
  expect({ code, out }).toEqual({ code: 1, out: '' });
  const lines = err.trimEnd().split('\n');
  expect(lines[0]).toMatch(/bad\.yaml:\d+:\d+: error /);
  expect(lines.at(-1)).toMatch(new RegExp(`^error TABLE_REFUSED: .*bad\\.yaml:.*; ${revision} stays live$`));
  const [newest] = (await (await ask('viewer', 'GET', '/api/table/history')).json()) as object[];
  expect(newest).toMatchObject({ what: 'reload', outcome: 'refused', code: 'TABLE_REFUSED', from: 'cli', who: 'duty' });
  expect((await hotline(url, 'status')).out).toMatch(
    /^ {2}last change refused: by duty, 20\d\d-.*: TABLE_REFUSED: .*bad\.yaml/m,
  );
  await writeFile(file, movedText());
  expect(await hotline(url, 'reload', '--table', file)).toMatchObject({ code: 0 });
  expect((await hotline(url, 'status')).out).not.toContain('refused');
});

test('what is no text is not sent, and is told at its place with what stays live', async () => {
  const { url } = await adminRig();
  const file = join(await newFolder(), 'bad.yaml');
  await writeFile(file, Buffer.from([0x61, 0x0a, 0xff]));
  const { code, err } = await hotline(url, 'reload', '--table', file);
  expect(code).toBe(1);
  expect(err).toMatch(
    /^.*bad\.yaml:2:1: error NOT_UTF8: .*\nerror TABLE_REFUSED: .*; not sent, [0-9a-f]{16} stays live\n$/,
  );
});
