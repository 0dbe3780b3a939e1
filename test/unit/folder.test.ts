import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, whyNotWritten } from '../../src/base/files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-folder-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('making a folder', () => {
  test('makes those above it, and is content with one that is there', async () => {
    const deep = join(folder, 'a/b/c');
    await makeFolder(deep);
    await makeFolder(deep);
    expect((await stat(deep)).isDirectory()).toBe(true);
  });

  test.each(['/proc/no-such-folder', '/proc/no-such-folder/a/b'])('ends with a refusal at %s', async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('says that a file stands in its place', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const path of [file, join(file, 'below')]) {
      const error: unknown = await makeFolder(path).catch((reason: unknown) => reason);
      expect(whyNotWritten(error)).toBe('a file stands where a folder has to be');
    }
  });
});
