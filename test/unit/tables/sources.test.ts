import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readIfThere, readSource } from '../../../src/tables/source/sources.ts';
import { bench } from './rig.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-sources-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const unreadable = (words: string) => ({ code: 'FILE_UNREADABLE', message: expect.stringContaining(words) });

describe('in the place of a table', () => {
  test('a FIFO that nobody writes to is told at once, and not waited for', async () => {
    const fifo = join(folder, 'routes.yaml');
    execFileSync('mkfifo', [fifo]);
    await expect(readSource(fifo)).rejects.toMatchObject(unreadable('not a regular file'));
    expect(await readIfThere(fifo)).toBeUndefined();
  });

  test('a device and a socket are told, and never read', async () => {
    await expect(readSource('/dev/zero')).rejects.toMatchObject(unreadable('not a regular file'));
    const socket = join(folder, 'socket');
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(readSource(socket)).rejects.toMatchObject(unreadable('not a regular file'));
    await new Promise((resolve) => server.close(resolve));
  });

  test('a link that leads to itself is told in words', async () => {
    const link = join(folder, 'routes.yaml');
    await symlink(link, link);
    await expect(readSource(link)).rejects.toMatchObject(unreadable('links that lead in a circle'));
  });
});

test('a FIFO put in the place of the live table leaves the table live, and the next reload is not kept waiting', async () => {
  const { file, open, write } = await bench();
  const table = await open();
  const { revision } = table.state;
  await rm(file);
  execFileSync('mkfifo', [file]);
  await table.fileChanged();
  expect(table.state).toMatchObject({ revision, problem: expect.stringContaining('not a regular file') });
  await rm(file);
  await write('');
  await expect(table.reload({ who: 'liu', from: 'http' })).rejects.toMatchObject({ code: 'TABLE_REFUSED' });
});
