/** The spool on disks that are well, full, slow and cut; whatever happens, what is read is what was appended, in order. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { realSpoolDisk, SegmentReader, type SpoolDisk } from '../../../src/feed/spool/segment.ts';
import { Spool, type SpoolOptions } from '../../../src/feed/spool/spool.ts';
import { listener } from './listener.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-spool-'));
});
afterEach(() => rm(folder, { recursive: true }));

const MEGABYTE = 1024 * 1024;
const openSpool = (more: Partial<SpoolOptions> = {}): Promise<Spool> =>
  Spool.open({ dir: folder, limitBytes: MEGABYTE, log: listener().log, ...more });

/** Everything from a number on, in pieces of so many. */
async function readAll(spool: Spool, from = spool.confirmed, most = 7): Promise<{ lines: string[]; next: number }> {
  const reader = new SegmentReader();
  const lines: string[] = [];
  let next = from;
  for (;;) {
    const piece = await spool.read(next, most, reader);
    if (piece.lines.length === 0) return { lines, next };
    lines.push(...piece.lines);
    next = piece.next;
  }
}

const record = (n: number): string => JSON.stringify({ n, of: '厦门'.repeat(n % 5) });
const records = (many: number, from = 0): string[] => Array.from({ length: many }, (_, n) => record(from + n));

/** A disk with so much room, that may be slow, and says which operation was the last. */
class TestDisk implements SpoolDisk {
  room = Number.POSITIVE_INFINITY;
  slowMs = 0;
  #opened = new Map<number, number>();

  open(path: string): number {
    if (this.room <= 0) throw this.#full();
    return realSpoolDisk.open(path);
  }
  writeNow(fd: number, bytes: Buffer): number {
    for (const until = performance.now() + this.slowMs; performance.now() < until; );
    return realSpoolDisk.writeNow(fd, this.#fitting(fd, bytes));
  }
  async write(fd: number, bytes: Buffer): Promise<number> {
    return realSpoolDisk.write(fd, this.#fitting(fd, bytes));
  }
  cutTo(fd: number, size: number): void {
    realSpoolDisk.cutTo(fd, size);
  }
  sync = realSpoolDisk.sync;
  close = realSpoolDisk.close;
  remove = realSpoolDisk.remove;

  #fitting(fd: number, bytes: Buffer): Buffer {
    if (this.room <= 0) throw this.#full();
    const fits = bytes.subarray(0, this.room);
    this.room -= fits.length;
    this.#opened.set(fd, fits.length);
    return fits;
  }
  #full(): Error {
    return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  }
}

describe('a spool', () => {
  test('gives back what was appended, in order, in the pieces asked for', async () => {
    const spool = await openSpool({ segmentBytes: 200 });
    records(100).forEach((line) => void spool.append(line));
    expect((await readAll(spool)).lines).toEqual(records(100));
    expect(spool.backlog(spool.confirmed)).toBe(100);
    await spool.stop(); // what a busy disk had not taken yet is on it now
    expect((await readdir(folder)).length).toBeGreaterThan(5);
  });

  test('keeps over a restart what is not confirmed, and numbers on', async () => {
    const first = await openSpool({ segmentBytes: 200 });
    records(50).forEach((line) => void first.append(line));
    const { next } = await readAll(first, first.confirmed, 20);
    first.confirm(next - 20);
    await first.stop();
    const second = await openSpool({ segmentBytes: 200 });
    records(10, 50).forEach((line) => void second.append(line));
    const { lines } = await readAll(second);
    expect(lines.slice(-30)).toEqual(records(30, 30));
    expect(lines.length).toBeLessThan(40); // confirmed files are gone, whole ones only
    expect(second.end).toBeGreaterThan(next);
    await second.stop();
  });

  test('wakes whoever waits for a record, and does not keep them when told to stop', async () => {
    const spool = await openSpool();
    const stopping = new AbortController();
    const both = [0, 1].map(() => spool.more(spool.confirmed, 10_000, stopping.signal));
    spool.append(record(0));
    await Promise.all(both);
    const waits = spool.more(spool.end, 10_000, stopping.signal);
    stopping.abort();
    await waits;
    await spool.stop();
  });

  test.each(['taken away', 'cut short'])(
    'of which a file was %s counts what it lacks, and goes on with the rest',
    async (how) => {
      const { lines: log, log: heard } = listener();
      const spool = await openSpool({ segmentBytes: 200, log: heard });
      records(60).forEach((line) => void spool.append(line));
      const [, second = ''] = (await readdir(folder)).toSorted();
      const text = await readFile(join(folder, second), 'utf8');
      await (how === 'taken away' ? rm(join(folder, second)) : truncate(join(folder, second), 0));
      const gone = text.trim().split('\n');
      const reader = new SegmentReader();
      const found: string[] = [];
      for (let next = spool.confirmed; spool.backlog(next) > 0; ) {
        const piece = await spool.read(next, 7, reader);
        found.push(...piece.lines);
        next = piece.next;
      }
      expect(found).toEqual(records(60).filter((line) => !gone.includes(line)));
      expect(spool.health.lost).toBe(gone.length);
      expect(log.some((line) => line.startsWith('ALARM'))).toBe(true);
      await spool.stop();
    },
  );

  test('that a power cut has cut anywhere, and again after every restart, has every line before the cut whole and none after it spoiled', async () => {
    const life = fc.record({
      appended: fc.nat(30),
      confirmed: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(400),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
        const dir = await mkdtemp(join(folder, 'life-'));
        let kept: string[] = [];
        let n = 0;
        for (const { appended, confirmed, cut } of lives) {
          const spool = await openSpool({ dir, segmentBytes: 300 });
          const more = records(appended, n);
          n += appended;
          more.forEach((line) => void spool.append(line));
          const { lines, next } = await readAll(spool);
          expect(lines).toEqual([...kept, ...more]);
          const upTo = Math.floor(lines.length * confirmed);
          const { next: at } = await readSome(spool, upTo);
          spool.confirm(upTo === 0 ? spool.confirmed : Math.min(at, next));
          await spool.stop();
          kept = await cutLast(dir, cut);
        }
      }),
      { numRuns: 40 },
    );
  });

  async function readSome(spool: Spool, many: number): Promise<{ next: number }> {
    const reader = new SegmentReader();
    let next = spool.confirmed;
    for (let left = many; left > 0; ) {
      const piece = await spool.read(next, left, reader);
      left -= piece.lines.length;
      next = piece.next;
    }
    return { next };
  }

  /** Takes so many bytes off the end of the last file. @returns the lines that are whole then, of all files. */
  async function cutLast(dir: string, bytes: number): Promise<string[]> {
    const names = (await readdir(dir)).filter((name) => name.endsWith('.ndjson')).toSorted();
    const texts: string[] = [];
    for (const [n, name] of names.entries()) {
      const path = join(dir, name);
      await using file: FileHandle = await open(path, 'r');
      const whole = await file.readFile();
      const left = n === names.length - 1 ? whole.subarray(0, Math.max(0, whole.length - bytes)) : whole;
      await truncate(path, left.length);
      texts.push(left.subarray(0, left.lastIndexOf(10) + 1).toString());
    }
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '');
  }
});

describe('a full disk', () => {
  test.each([0, 1, 17, 100, 333])(
    'with room for %i bytes costs nothing: the rest waits in memory, and goes to disk later',
    async (room) => {
      const disk = new TestDisk();
      disk.room = room;
      const { lines: log, log: heard } = listener();
      const spool = await openSpool({ disk, log: heard });
      records(100).forEach((line) => void spool.append(line));
      expect((await readAll(spool)).lines).toEqual(records(100));
      expect(spool.health).toMatchObject({ lost: 0, state: 'filling' });
      expect(log[0]).toContain('ALARM: the spool takes no records: the disk is full');
      disk.room = MEGABYTE;
      await expect.poll(() => spool.health.state, { timeout: 3_000 }).toBe('draining');
      expect((await readAll(spool)).lines).toEqual(records(100));
      await spool.stop();
      const again = await openSpool();
      expect((await readAll(again)).lines).toEqual(records(100));
      await again.stop();
    },
  );

  test('that stays full keeps the oldest, counts what is lost, raises an alarm, and takes records again', async () => {
    const disk = new TestDisk();
    disk.room = 0;
    const { lines: log, log: heard } = listener();
    const spool = await openSpool({ disk, log: heard, memoryRecords: 50 });
    records(80).forEach((line) => void spool.append(line));
    expect((await readAll(spool)).lines).toEqual(records(50));
    expect(spool.health).toMatchObject({ lost: 30, state: 'full' });
    expect(log.some((line) => line.startsWith('ALARM: the spool is full, and so is memory'))).toBe(true);
    disk.room = MEGABYTE;
    await expect.poll(() => spool.health.state, { timeout: 3_000 }).toBe('draining');
    spool.append(record(80));
    expect((await readAll(spool)).lines).toEqual([...records(50), record(80)]);
    await spool.stop();
  });

  test('hinders nobody who reads on: what is confirmed makes room in memory', async () => {
    const disk = new TestDisk();
    disk.room = 0;
    const spool = await openSpool({ disk, memoryRecords: 50 });
    for (let n = 0; n < 500; n += 25) {
      records(25, n).forEach((line) => void spool.append(line));
      const { lines, next } = await readAll(spool);
      expect(lines).toEqual(records(25, n));
      spool.confirm(next);
    }
    expect(spool.health.lost).toBe(0);
    await spool.stop();
  });
});

/** As root, and where mounting is let. */
const mayMount = (): boolean => {
  const place = mkdtempSync(join(tmpdir(), 'hotline-mount-'));
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  if (done) spawnSync('umount', [place]);
  rmdirSync(place);
  return done;
};

describe.skipIf(!mayMount())('a real disk that is full (skipped where nothing may be mounted)', () => {
  test('costs no record while memory lasts, then the newest, counted and told; all that was kept is there when there is room', async () => {
    const place = await mkdtemp(join(tmpdir(), 'hotline-small-'));
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place]);
    onTestFinished(async () => {
      spawnSync('umount', [place]);
      await rm(place, { recursive: true });
    });
    await writeFile(join(place, 'somebody-elses'), Buffer.alloc(128 * 1024));
    const { lines: log, log: heard } = listener();
    const spool = await openSpool({
      dir: join(place, 'spool'),
      limitBytes: 100 * MEGABYTE,
      memoryRecords: 5_000,
      log: heard,
    });
    const many = 10_000;
    records(many).forEach((line) => void spool.append(line));
    const { lost } = spool.health;
    expect(lost).toBeGreaterThan(0);
    expect((await readAll(spool, spool.confirmed, 500)).lines).toEqual(records(many - lost));
    expect(log.filter((line) => line.startsWith('ALARM'))).toHaveLength(2);
    spawnSync('mount', ['-o', 'remount,size=8m', place]);
    await expect.poll(() => spool.health.state, { timeout: 5_000 }).toBe('draining');
    spool.append(record(many));
    await spool.stop();
    const again = await openSpool({ dir: join(place, 'spool'), limitBytes: 100 * MEGABYTE });
    expect((await readAll(again, again.confirmed, 500)).lines).toEqual([...records(many - lost), record(many)]);
    await again.stop();
  });
});

test('past its limit a spool keeps the oldest, and says in time that it fills', async () => {
  const { lines: log, log: heard } = listener();
  const spool = await openSpool({ limitBytes: 2_000, memoryRecords: 10, log: heard });
  records(200).forEach((line) => void spool.append(line));
  const { lines } = await readAll(spool);
  expect(lines).toEqual(records(lines.length));
  expect(spool.health.bytes).toBeLessThanOrEqual(2_000);
  expect(spool.health.lost).toBe(200 - lines.length);
  expect(log[0]).toContain('ALARM: the spool is nearly full');
  spool.confirm((await readAll(spool)).next);
  await expect.poll(() => spool.health.state, { timeout: 3_000 }).toBe('empty');
  spool.append(record(7));
  expect((await readAll(spool)).lines).toEqual([record(7)]);
  await spool.stop();
});

test('a disk that is slow is taken off the path of calls: one record waits for it, not the next', async () => {
  const disk = new TestDisk();
  disk.slowMs = 120;
  const spool = await openSpool({ disk });
  spool.append(record(0));
  const begun = performance.now();
  records(200, 1).forEach((line) => void spool.append(line));
  expect(performance.now() - begun).toBeLessThan(50);
  expect((await readAll(spool)).lines).toEqual(records(201));
  disk.slowMs = 0;
  await expect.poll(() => spool.health.state, { timeout: 3_000 }).toBe('draining');
  expect((await readAll(spool)).lines).toEqual(records(201));
  await spool.stop();
});
