import { existsSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileUnwritable } from '../../../src/errors.ts';
import { Feed } from '../../../src/feed/feed.ts';
import { FileSink } from '../../../src/feed/file-sink.ts';
import type { CallRecord } from '../../../src/feed/record.ts';
import { createLogger } from '../../../src/log.ts';
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
      const sink = await FileSink.open(file, log);
      for (const record of sampleStory) sink.take(record);
      await sink.stop();
    }
    expect(await linesOf(file)).toEqual([...sampleStory, ...sampleStory]);
  });

  test('that cannot be opened is said so in one line', async () => {
    const inTheWay = join(folder, 'file');
    await writeFile(inTheWay, '');
    await expect(FileSink.open(join(inTheWay, 'records.ndjson'), log)).rejects.toThrow(FileUnwritable);
  });

  test('whose last line a crash has cut goes on with a line of its own', async () => {
    const file = join(folder, 'records.ndjson');
    await writeFile(file, '{"v":1,"callId":"cu');
    const sink = await FileSink.open(file, log);
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
      const sink = new FileSink(handle, heard);
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
    const sink = new FileSink(handle, heard);
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
      const sink = await FileSink.open('/dev/full', heard);
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
