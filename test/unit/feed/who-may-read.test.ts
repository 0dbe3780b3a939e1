/** Callers' numbers are stored unmasked on disk: no other user of the machine may read them. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { writeClosing } from '../../../src/feed/missed/closings.ts';
import { openFeed } from '../../../src/feed/open-feed.ts';
import { sampleStory } from './sample-story.ts';

/** As they stand in the sample story and in the closing below. Any long number would also match positions in the spool. */
const CALLERS = /05922001234|0591 12301/;

test('no file that holds a caller’s number can be read by others than the service’s user and group', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-modes-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const sink = { kind: 'file', batch: 4, retry: { firstSeconds: 0.01, mostSeconds: 0.02 } } as const;
  const dir = join(folder, 'records.spool');
  const { feed } = await openFeed({
    records: join(folder, 'records.ndjson'),
    redis: undefined,
    sinks: [
      { ...sink, name: 'unit', path: join(folder, 'unit.ndjson'), giveUpHours: 1_000_000 },
      { ...sink, name: 'stuck', path: '/proc/nowhere/a', giveUpHours: 0 }, // becomes dead letters
      { ...sink, name: 'behind', path: '/proc/nowhere/b', giveUpHours: 1_000_000 }, // stays in the spool
    ],
    spool: { dir, limitBytes: 1e6 },
    streamLength: 1_000,
    callBackDays: 10_000,
    name: 'a',
    more: [],
    now: Date.now,
    log: createLogger('silent'),
  });
  await writeClosing(dir, { key: '0591 12301', at: new Date().toISOString(), who: 'duty' });
  for (const record of sampleStory) feed.emit(record);
  await expect.poll(() => readdir(join(dir, 'dead')).catch(() => []), { timeout: 5_000 }).not.toEqual([]);
  await feed.stop();
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const found = await Promise.all(
    files.map(async (file) => ({ file, mode: (await stat(file)).mode & 0o777, text: await readFile(file, 'utf8') })),
  );
  const holding = found.filter(({ text }) => CALLERS.test(text));
  expect(holding.length).toBeGreaterThanOrEqual(5);
  expect(holding.filter(({ mode }) => mode !== 0o640).map(({ file, mode }) => [file, mode.toString(8)])).toEqual([]);
});
