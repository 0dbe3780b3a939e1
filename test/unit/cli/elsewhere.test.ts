/** The command started from another folder than the project's, in every way an engineer may start it. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { root, hotline as run } from './hotline.ts';

let elsewhere: string;

beforeEach(async () => {
  elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'hotline-elsewhere-')));
  await copyFile(join(root, 'test/fixtures/tables/good.yaml'), join(elsewhere, 'own.yaml'));
});

afterEach(() => rm(elsewhere, { recursive: true }));

/** What npm tells the scripts it runs, and what a surrounding `npm test` may have told us, taken away. */
const clean = { ...process.env, INIT_CWD: undefined, npm_package_json: undefined };

/** By way of `bootstrap.mjs`, in a process that starts in the folder. */
const hotline = (cwd: string, words: readonly string[], told: Record<string, string> = {}) => {
  const bootstrap = join(root, 'src/cli/bootstrap.mjs');
  const env = { ...clean, ...told };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bootstrap, ...words], { cwd, env, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
};

/** In this process, while it stands in the other folder. */
const there = async (words: readonly string[], told: Record<string, string> = {}) => {
  for (const [name, value] of Object.entries(told)) vi.stubEnv(name, value);
  process.chdir(elsewhere);
  try {
    return await run(...words);
  } finally {
    process.chdir(root);
    vi.unstubAllEnvs();
  }
};

const byNpm = () => ({ INIT_CWD: elsewhere, npm_package_json: join(root, 'package.json') });

describe('from another folder', () => {
  test("the project's own table is meant where none is named", () => {
    const { code, out, err } = hotline(elsewhere, ['explain', '--to', '12333', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ number: '12333' });
  });

  test("the project's own settings are meant where none are named, and their paths start at its root", async () => {
    const { err } = await there(['check']);
    expect(err).toBe('');
    await writeFile(join(elsewhere, 'hotline.yaml'), 'http: { port: 1 }');
    const { code, err: said } = await there(['status'], { HOTLINE_SETTINGS: 'hotline.yaml' });
    expect({ code, said }).toEqual({ code: 3, said: expect.stringContaining('http://127.0.0.1:1:') });
  });

  test('a table that the user names is where the user stands', async () => {
    const { out } = hotline(elsewhere, ['check', '--table', 'own.yaml']);
    expect(out).toContain('own.yaml:');
    expect(out).toContain('2 numbers');
    const { code, err } = await there(['explain', '--to', '12301', '--table', 'config/routes.yaml']);
    expect({ code, err }).toEqual({ code: 2, err: 'error FILE_UNREADABLE: config/routes.yaml: no such file\n' });
  });
});

describe('the table a command is about', () => {
  test('is the one the service would take: of the environment, else of the settings', async () => {
    const own = { HOTLINE_TABLE: 'own.yaml' };
    expect((await there(['check'], own)).out).toContain('2 numbers');
    expect(await there(['explain', '--to', '12301'], { HOTLINE_TABLE: 'nope.yaml' })).toMatchObject({
      code: 2,
      err: expect.stringMatching(/FILE_UNREADABLE: .*nope\.yaml: no such file/),
    });
    await writeFile(join(elsewhere, 'hotline.yaml'), `table: ${join(elsewhere, 'own.yaml')}`);
    expect((await there(['check'], { HOTLINE_SETTINGS: 'hotline.yaml' })).out).toContain('2 numbers');
    expect((await there(['check', '--table', join(root, 'config/routes.yaml')], own)).out).toContain('32 numbers');
  });
});

describe('a user who is in a hurry', () => {
  test.each([
    ['start', '--bogus'],
    ['start', 'extra'],
    ['call', ''],
  ])('is told what is wrong with "%s %s" and answered 2', (...words) => {
    const { code, err } = hotline(elsewhere, words);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/\n {4}at /);
  });

  test.each([
    ['check', '--table', ''],
    ['call', '12301@evil'],
    ['call', '12301', '--from', '1'.repeat(65)],
  ])('is told what is wrong with "%s %s", without a trace of the program, and answered 2', async (...words) => {
    const { code, err } = await there(words);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/\n {4}at /);
  });

  test.each(['start', 'test'])('is told how to %s', (word) => {
    expect(hotline(elsewhere, [word, '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining(`npm ${word}`),
    });
  });

  test('may read no more than the first line', () => {
    const bootstrap = join(root, 'src/cli/bootstrap.mjs');
    const line = `"${process.execPath}" "${bootstrap}" check --table "${join(root, 'test/fixtures/tables/WRONG_TYPE.yaml')}" --json | head -1`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: elsewhere, env: clean, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '{\n', stderr: '' });
  });

  test('may write to a disk that is full', () => {
    const bootstrap = join(root, 'src/cli/bootstrap.mjs');
    const line = `"${process.execPath}" "${bootstrap}" explain --to 12301 > /dev/full`;
    const { stderr } = spawnSync('bash', ['-c', line], { cwd: elsewhere, env: clean, encoding: 'utf8' });
    expect(stderr).toBe('error FILE_UNWRITABLE: the output cannot be written (the disk is full)\n');
  });
});

describe('run by npm, which steps into the root', () => {
  test('a table that the user names is where the user stands', () => {
    const { out } = hotline(root, ['check', '--table', 'own.yaml'], byNpm());
    expect(out).toContain('2 numbers');
  });

  test('what npm told another program of the same terminal is not for us', () => {
    const other = { ...byNpm(), npm_package_json: join(elsewhere, 'package.json') };
    const { out } = hotline(root, ['check', '--table', 'test/fixtures/tables/good.yaml'], other);
    expect(out).toContain('2 numbers');
  });
});

test('from the root, paths are told as short as ever', () => {
  expect(hotline(root, ['check']).out).toMatch(/^config\/routes\.yaml: /m);
});
