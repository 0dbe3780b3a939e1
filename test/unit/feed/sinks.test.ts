import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileUnreadable } from '../../../src/errors.ts';
import { Feed } from '../../../src/feed/feed.ts';
import { FileSink } from '../../../src/feed/file-sink.ts';
import type { CallRecord } from '../../../src/feed/record.ts';
import { createLogger } from '../../../src/log.ts';
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
    await expect(FileSink.open(join(inTheWay, 'records.ndjson'), log)).rejects.toThrow(FileUnreadable);
  });
});

test('every sink gets every record in order, and all are stopped', async () => {
  const sinks = [0, 1].map(() => {
    const taken: CallRecord[] = [];
    return { taken, take: (record: CallRecord) => void taken.push(record), stop: vi.fn(async () => undefined) };
  });
  const feed = new Feed(sinks);
  sampleStory.forEach(feed.emit);
  await feed.stop();
  for (const { taken, stop } of sinks) {
    expect(taken).toEqual(sampleStory);
    expect(stop).toHaveBeenCalledOnce();
  }
});
