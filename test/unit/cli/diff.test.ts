import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hotline, root } from './hotline.ts';

const live = 'config/routes.yaml';
const bad = 'test/fixtures/tables/UNKNOWN_TRUNK.yaml';
let folder: string;
let changed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-diff-'));
  changed = join(folder, 'changed.yaml');
  const text = (await readFile(join(root, live), 'utf8'))
    .replace('          - seats:12333-xiamen\n', '')
    .replace('connect: [seats:12333-xiamen, queue:12345-xiamen]', 'connect: queue:12345-xiamen');
  await writeFile(changed, text);
});
afterAll(() => rm(folder, { recursive: true }));

describe('hotline diff', () => {
  test('says what moves, and answers 0', async () => {
    const { code, out, err } = await hotline('diff', live, changed);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen');
    expect(lines.at(-1)).toBe('31 numbers unchanged');
  });

  test('says what moves and which expectations fail, where nothing else is wrong, and answers 1', async () => {
    const unexpected = join(folder, 'unexpected.yaml');
    const text = (await readFile(join(root, live), 'utf8')).replace('          - seats:12333-xiamen\n', '');
    await writeFile(unexpected, text);
    const { code, out, err } = await hotline('diff', live, unexpected);
    expect(code).toBe(1);
    expect(err).toMatch(/unexpected\.yaml:\d+:\d+: error EXPECTATION_FAILED: /);
    expect(out.split('\n')[0]).toBe('12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen');
    const data = JSON.parse((await hotline('diff', live, unexpected, '--json')).out);
    expect(data).toMatchObject({ good: false, numbersMoved: ['12333'] });
    expect(data.problems).toContainEqual(expect.objectContaining({ code: 'EXPECTATION_FAILED' }));
  });

  test('says that nothing moves, and answers 0', async () => {
    const { code, out } = await hotline('diff', live, live);
    expect({ code, out }).toEqual({ code: 0, out: 'nothing moves\n32 numbers unchanged\n' });
  });

  test('with --json prints the same as data, at every time that is asked for', async () => {
    const times = ['--at', '2026-10-01T09:00:00+08:00', '--at', '2026-10-01T22:00:00+08:00'];
    const { code, out, err } = await hotline('diff', live, changed, '--json', ...times);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const diff = JSON.parse(out);
    expect(Object.keys(diff)).toEqual([
      'files',
      'revisions',
      'timeZone',
      'instants',
      'moves',
      'numbersMoved',
      'numbersUnchanged',
      'numbersAdded',
      'numbersRemoved',
      'regionsAdded',
      'regionsRemoved',
      'regionsOf',
      'changes',
      'words',
    ]);
    expect(diff).toMatchObject({
      files: { before: live, after: changed },
      instants: ['2026-10-01T01:00:00.000Z', '2026-10-01T14:00:00.000Z'],
      moves: [{ number: '12333', region: 'xiamen', always: true, kinds: ['destination'] }],
      numbersMoved: ['12333'],
    });
  });

  test.each([
    [bad, live],
    [live, bad],
  ])('answers 1 when one of %s and %s is not good, with its problems', async (before, after) => {
    const { code, out, err } = await hotline('diff', before, after);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('UNKNOWN_TRUNK.yaml:21:42: error UNKNOWN_TRUNK: ');
  });

  test('answers 2 for a missing table, and for a file that is not there', async () => {
    expect((await hotline('diff', live)).code).toBe(2);
    expect(await hotline('diff', live, 'nowhere.yaml')).toMatchObject({
      code: 2,
      err: 'error FILE_UNREADABLE: nowhere.yaml: no such file\n',
    });
  });

  test('answers 2 for a time that is none', async () => {
    const { code, err } = await hotline('diff', live, live, '--at', '2026-10-01', '--at', 'yesterday');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('"yesterday" is not a time') });
  });

  test('explains itself', async () => {
    const { code, out } = await hotline('diff', '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/diff \[options\] <old> <new>[\s\S]*--at <time>[\s\S]*--json/);
  });
});
