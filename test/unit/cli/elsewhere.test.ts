/** The command started from another folder than the project's, in every way an engineer may start it. */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
let elsewhere: string;

beforeEach(async () => {
  elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'hotline-elsewhere-')));
  await copyFile(join(root, 'test/fixtures/tables/good.yaml'), join(elsewhere, 'own.yaml'));
});

afterEach(() => rm(elsewhere, { recursive: true }));

/** What npm tells the scripts it runs, and what a surrounding `npm test` may have told us, taken away. */
const clean = { ...process.env, INIT_CWD: undefined, npm_package_json: undefined };

const hotline = (cwd: string, words: readonly string[], told: Record<string, string> = {}) => {
  const bootstrap = join(root, 'src/cli/bootstrap.mjs');
  const env = { ...clean, ...told };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bootstrap, ...words], { cwd, env, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
};

const byNpm = () => ({ INIT_CWD: elsewhere, npm_package_json: join(root, 'package.json') });

describe('from another folder', () => {
  test("the project's own table is meant where none is named", () => {
    const { code, out, err } = hotline(elsewhere, ['explain', '--to', '12333', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ number: '12333' });
  });

  test("the project's own settings are meant where none are named, and their paths start at its root", async () => {
    const { err } = hotline(elsewhere, ['check']);
    expect(err).toBe('');
    await writeFile(join(elsewhere, 'hotline.yaml'), 'http: { port: 1 }');
    const { code, err: said } = hotline(elsewhere, ['status'], { HOTLINE_SETTINGS: 'hotline.yaml' });
    expect({ code, said }).toEqual({ code: 3, said: expect.stringContaining('http://127.0.0.1:1:') });
  });

  test('a table that the user names is where the user stands', () => {
    const { out } = hotline(elsewhere, ['check', '--table', 'own.yaml']);
    expect(out).toContain('own.yaml:');
    expect(out).toContain('2 numbers');
    const { code, err } = hotline(elsewhere, ['explain', '--to', '12301', '--table', 'config/routes.yaml']);
    expect({ code, err }).toEqual({ code: 2, err: 'error FILE_UNREADABLE: config/routes.yaml: no such file\n' });
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
