import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileUnwritable } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import { Feed } from '../../../src/feed/feed.ts';
import { RecordFile } from '../../../src/feed/record-file.ts';
import { FileSink } from '../../../src/feed/sinks/file.ts';
import { ownSpool } from '../../../src/feed/spool/owner.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import { listener } from './listener.ts';
import { sampleStory } from './sample-story.ts';

const log = createLogger('silent');
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-feed-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const linesOf = async (file: string): Promise<CallRecord[]> =>
  (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the record file', () => {
  test('holds every record, one to a line, in the order told, across restarts', async () => {
    const file = join(folder, 'deep/er/records.ndjson');
    for (let restart = 0; restart < 2; restart += 1) {
      const sink = await RecordFile.open(file, log);
      for (const record of sampleStory) sink.take(record);
      await sink.stop();
    }
    expect(await linesOf(file)).toEqual([...sampleStory, ...sampleStory]);
  });

  test('that cannot be opened is said so in one line', async () => {
    const inTheWay = join(folder, 'file');
    await writeFile(inTheWay, '');
    await expect(RecordFile.open(join(inTheWay, 'records.ndjson'), log)).rejects.toThrow(FileUnwritable);
  });

  test('whose last line a crash has cut goes on with a line of its own', async () => {
    const file = join(folder, 'records.ndjson');
    await writeFile(file, '{"v":1,"callId":"cu');
    const sink = await RecordFile.open(file, log);
    sampleStory.forEach((record) => void sink.take(record));
    await sink.stop();
    const [cut, ...whole] = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(cut).toBe('{"v":1,"callId":"cu');
    expect(whole.map((line) => JSON.parse(line))).toEqual(sampleStory);
  });
});

/** A file on a disk with so much room: it takes a part of what does not fit, and then fails, as a real one does. */
async function onDisk(file: string, room: number) {
  const handle = await open(file, 'a');
  const disk = { room };
  const write = async (bytes: Buffer) => {
    if (disk.room === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const fits = Math.min(disk.room, bytes.length);
    disk.room -= fits;
    return handle.write(bytes.subarray(0, fits));
  };
  return { disk, handle: { write, close: () => handle.close() } as Pick<FileHandle, 'write' | 'close'> };
}

describe('a full disk', () => {
  const size = Buffer.byteLength(sampleStory.map((record) => `${JSON.stringify(record)}\n`).join(''));

  /** Cut in the first line, in the middle of a character's bytes perhaps, between lines, at the very end. */
  test.each([0, 1, 95, 98, 99, 600, size - 1])(
    'with room for %i bytes loses nothing and cuts no line',
    async (room) => {
      const file = join(folder, 'records.ndjson');
      const { disk, handle } = await onDisk(file, room);
      const { lines, log: heard } = listener();
      const sink = new RecordFile(handle, heard);
      sampleStory.forEach((record) => void sink.take(record));
      await expect
        .poll(() => lines)
        .toEqual([expect.stringContaining('records cannot be written, and are kept: ENOSPC')]);
      disk.room = 1e6;
      const [again] = sampleStory;
      sink.take(again as CallRecord);
      await expect.poll(() => lines.length).toBe(2);
      expect(await linesOf(file)).toEqual([...sampleStory, again]);
      await sink.stop();
    },
  );

  test('that has room again at the stop has every record', async () => {
    const file = join(folder, 'records.ndjson');
    const { disk, handle } = await onDisk(file, 300);
    const { lines, log: heard } = listener();
    const sink = new RecordFile(handle, heard);
    sampleStory.forEach((record) => void sink.take(record));
    await expect.poll(() => lines.length).toBe(1);
    disk.room = 1e6;
    await sink.stop();
    expect(await linesOf(file)).toEqual(sampleStory);
  });

  test.skipIf(!existsSync('/dev/full'))(
    'that stays full costs bounded memory, and the log has what it did not take',
    async () => {
      const { lines, log: heard } = listener();
      const sink = await RecordFile.open('/dev/full', heard);
      const [record] = sampleStory as [CallRecord];
      sink.take(record);
      await expect.poll(() => lines.length).toBe(1);
      for (let n = 0; n < 10_005; n += 1) sink.take(record);
      const here = lines.filter((line) => line.includes('the record is here only'));
      expect(here).toHaveLength(5);
      expect(here[0]).toContain(JSON.stringify(record));
      await sink.stop();
      expect(lines.at(-1)).toMatch(/^10001 records could not be written/);
    },
  );
});

test('a fault of one who is given records costs the others none, and reaches no call', async () => {
  const taken: CallRecord[] = [];
  const broken = {
    take: () => {
      throw new Error('on fire');
    },
    stop: async () => undefined,
  };
  const { lines, log: heard } = listener();
  const feed = new Feed([broken, { take: (record) => void taken.push(record), stop: async () => undefined }], heard);
  sampleStory.forEach(feed.emit);
  expect(taken).toEqual(sampleStory);
  expect(lines).toHaveLength(sampleStory.length);
  expect(lines.join()).not.toContain('05922001234');
});

describe('a sink that is a file', () => {
  test('gets its lines whole, whoever has cut the one before, and goes on where it was rotated away', async () => {
    const file = join(folder, 'unit/records.ndjson');
    const sink = new FileSink(file);
    await sink.send(['{"a":1}', '{"a":2}']);
    await writeFile(file, `${await readFile(file, 'utf8')}{"cut`);
    await sink.send(['{"a":3}']);
    expect(await readFile(file, 'utf8')).toBe('{"a":1}\n{"a":2}\n{"cut\n{"a":3}\n');
    await rm(file);
    await sink.send(['{"a":4}']);
    expect(await readFile(file, 'utf8')).toBe('{"a":4}\n');
  });

  test.skipIf(!existsSync('/dev/full'))('that is full has failed, and is tried again', async () => {
    await expect(new FileSink('/dev/full').send(['{}'])).rejects.toThrow();
  });
});

test('a folder of records on their way is one controller’s: another is refused, in one line', async () => {
  const dir = join(folder, 'spool');
  const owned = await ownSpool(dir);
  await expect(ownSpool(dir)).rejects.toThrow(FileUnwritable);
  await owned.release();
  await (await ownSpool(dir)).release();
});

test('every sink gets every record in order, and all are stopped', async () => {
  const sinks = [0, 1].map(() => {
    const taken: CallRecord[] = [];
    return { taken, take: (record: CallRecord) => void taken.push(record), stop: vi.fn(async () => undefined) };
  });
  const feed = new Feed(sinks, log);
  sampleStory.forEach(feed.emit);
  await feed.stop();
  for (const { taken, stop } of sinks) {
    expect(taken).toEqual(sampleStory);
    expect(stop).toHaveBeenCalledOnce();
  }
});
