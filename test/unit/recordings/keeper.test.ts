import { execFile } from 'node:child_process';
import { lutimes, mkdir, mkdtemp, readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Logger } from '../../../src/base/log.ts';
import { type RecordingDisk, realDisk } from '../../../src/recordings/disk.ts';
import { type KeeperParts, RecordingKeeper } from '../../../src/recordings/keeper.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 9, 1);

let dir: string;
let alarms: string[];
let notes: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hotline-recordings-'));
  alarms = [];
  notes = [];
});

afterEach(() => rm(dir, { recursive: true, force: true }));

const log: Logger = {
  debug: () => undefined,
  info: (_, message) => notes.push(message),
  warn: () => undefined,
  error: (_, message) => alarms.push(message),
  child: () => log,
};

const keeperOf = (more: Partial<KeeperParts> = {}) =>
  new RecordingKeeper({ dir, keepDays: 30, leastFreeMb: 0, switches: ['pbx1', 'pbx2'], now: () => NOW, log, ...more });

/** A file last written so many days ago. */
const fileOf = async (name: string, daysAgo: number): Promise<void> => {
  const file = join(dir, name);
  await writeFile(file, 'sound');
  const at = new Date(NOW - daysAgo * DAY_MS);
  await utimes(file, at, at);
};

describe('a recording is kept', () => {
  test('so many days, and then it is gone', async () => {
    await fileOf('pbx1-1790000000.1.wav', 29.9);
    await fileOf('pbx1-1790000000.2.wav', 30.1);
    await fileOf('pbx1-1790000000.2-2.wav', 30.1);
    const keeper = keeperOf();
    await keeper.sweep();
    expect(await readdir(dir)).toEqual(['pbx1-1790000000.1.wav']);
    expect(keeper.health.files).toBe(1);
    expect(notes).toHaveLength(2);
  });

  test('in a folder for each PBX as well', async () => {
    await mkdir(join(dir, 'pbx2'));
    await fileOf('pbx2/pbx2-1790000000.1.wav', 31);
    await fileOf('pbx2/pbx2-1790000000.2.wav', 1);
    const keeper = keeperOf();
    await keeper.sweep();
    expect(await readdir(join(dir, 'pbx2'))).toEqual(['pbx2-1790000000.2.wav']);
    expect(keeper.health.files).toBe(1);
  });

  test('whatever else is in the folder is a stranger’s, and stays', async () => {
    const strangers = ['greeting.wav', 'pbx1-greeting.wav', 'pbx9-1790000000.1.wav', 'pbx1-1790000000.1.txt'];
    for (const name of strangers) await fileOf(name, 1_000);
    await mkdir(join(dir, 'elsewhere'));
    await fileOf('elsewhere/pbx1-1790000000.1.wav', 1_000);
    await mkdir(join(dir, 'pbx1-1790000000.7.wav'));
    await fileOf('kept.txt', 1_000);
    await symlink(join(dir, 'kept.txt'), join(dir, 'pbx1-1790000000.8.wav'));
    const longAgo = new Date(NOW - 1_000 * DAY_MS);
    for (const n of [7, 8]) await lutimes(join(dir, `pbx1-1790000000.${n}.wav`), longAgo, longAgo);
    const before = (await readdir(dir, { recursive: true })).toSorted();
    await keeperOf().sweep();
    expect((await readdir(dir, { recursive: true })).toSorted()).toEqual(before);
    expect(alarms).toEqual([]);
  });

  test('one that cannot be taken away is alarmed, and costs no other its turn', async () => {
    await fileOf('pbx1-1790000000.1.wav', 31);
    await fileOf('pbx1-1790000000.2.wav', 31);
    const remove = async (file: string) => {
      if (file.endsWith('.1.wav')) throw new Error('EPERM');
      await realDisk.remove(file);
    };
    await keeperOf({ disk: { ...realDisk, remove } }).sweep();
    expect(await readdir(dir)).toEqual(['pbx1-1790000000.1.wav']);
    expect(alarms).toEqual([expect.stringContaining('cannot be taken away')]);
  });
});

describe('with too little room', () => {
  let free: number;
  let disk: RecordingDisk;

  beforeEach(() => {
    free = 5_000_000;
    disk = { ...realDisk, freeBytes: async () => free };
  });

  test('none may begin, until there is more; either is said once', async () => {
    const keeper = keeperOf({ disk, leastFreeMb: 4 });
    await keeper.look();
    expect(keeper.refusal).toBeUndefined();
    free = 3_999_999;
    await keeper.look();
    await keeper.look();
    expect(keeper.refusal).toBe('low-space');
    expect(keeper.health).toEqual({ state: 'low-space', freeBytes: 3_999_999, files: 0, failed: 0 });
    expect(alarms).toEqual([expect.stringContaining('too little room')]);
    free = 4_000_000;
    await keeper.look();
    expect(keeper.refusal).toBeUndefined();
    expect(keeper.health.state).toBe('ok');
    expect(notes).toEqual([expect.stringContaining('room for recordings again')]);
  });

  test('of one PBX, none may begin', async () => {
    await mkdir(join(dir, 'pbx2'));
    const keeper = keeperOf({
      leastFreeMb: 4,
      disk: { ...disk, freeBytes: async (folder) => (folder.endsWith('pbx2') ? 1_000 : free) },
    });
    await keeper.look();
    expect(keeper.refusal).toBe('low-space');
    expect(keeper.health.freeBytes).toBe(1_000);
  });

  test('it is noticed by the clock', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const keeper = keeperOf({ disk, leastFreeMb: 4 });
    await keeper.start();
    free = 0;
    await vi.advanceTimersByTimeAsync(10_000);
    await keeper.stop();
    expect(keeper.refusal).toBe('low-space');
  });
});

describe('a folder', () => {
  test('that the PBX has yet to make is no failure', async () => {
    const keeper = keeperOf({ dir: join(dir, 'hotline') });
    await keeper.look();
    await keeper.sweep();
    expect(keeper.health).toMatchObject({ state: 'ok', files: 0, freeBytes: expect.any(Number) });
    expect(alarms).toEqual([]);
  });

  test('that is still not there when the PBX has written one is another than the PBX’s', async () => {
    const keeper = keeperOf({ dir: join(dir, 'hotlin') });
    keeper.ended('done');
    await keeper.look();
    expect(keeper.health).toMatchObject({ state: 'failing', freeBytes: null });
    expect(alarms).toEqual([expect.stringContaining('cannot be looked after')]);
  });

  test('that cannot be looked at keeps none from being tried', async () => {
    const keeper = keeperOf({ dir: join(dir, 'nowhere/at/all') });
    await keeper.look();
    expect(keeper.health.state).toBe('failing');
    expect(keeper.refusal).toBeUndefined();
  });
});

test('a recording that failed is counted, and the state says so until one succeeds', () => {
  const keeper = keeperOf();
  keeper.ended('not-begun');
  keeper.ended('broken-off');
  expect(keeper.health).toMatchObject({ state: 'failing', failed: 2 });
  keeper.ended('done');
  expect(keeper.health).toMatchObject({ state: 'ok', failed: 2 });
});

describe('on a disk of 8 MB of its own', async () => {
  const run = promisify(execFile);
  const mount = await mkdtemp(join(tmpdir(), 'hotline-small-disk-'));
  const isMounted = await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', mount]).then(
    () => true,
    () => false,
  );

  afterEach(async () => {
    if (isMounted) await run('umount', [mount]);
    await rm(mount, { recursive: true });
  });

  test.skipIf(!isMounted)(
    'room is low once it fills, and there again once it is emptied (skipped: may not mount)',
    async () => {
      const keeper = keeperOf({ dir: mount, leastFreeMb: 4 });
      await keeper.look();
      expect(keeper.health.state).toBe('ok');
      const file = join(mount, 'pbx1-1790000000.1.wav');
      await writeFile(file, Buffer.alloc(6_000_000));
      await keeper.look();
      expect(keeper.refusal).toBe('low-space');
      await truncate(file, 0);
      await keeper.look();
      expect(keeper.refusal).toBeUndefined();
    },
  );
});
