/** The whole way of a record, from the call to a sink, on the disk alone; and a Redis that is not there. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outbox, type OutboxOptions } from '../../../src/feed/outbox.ts';
import type { SinkSettings } from '../../../src/feed/sinks/registry.ts';
import { listener } from './listener.ts';
import { sampleStory } from './sample-story.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-outbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (name: string, more: object = {}): SinkSettings => ({
  name,
  kind: 'file',
  path: join(folder, `${name}.ndjson`),
  batch: 4,
  retry: { firstSeconds: 0.01, mostSeconds: 0.05 },
  giveUpHours: 24 * 366 * 100, // however long ago the story was
  ...more,
});

const open = (more: Partial<OutboxOptions> = {}): Promise<Outbox> => {
  const dir = join(folder, 'spool');
  const { log } = listener();
  return Outbox.open({
    dir,
    limitBytes: 1e6,
    sinks: [],
    redis: undefined,
    streamLength: 1_000,
    name: 'a',
    log,
    ...more,
  });
};

const linesOf = async (name: string): Promise<readonly string[]> => {
  const text = await readFile(join(folder, `${name}.ndjson`), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
};

const story = sampleStory.map((each) => JSON.stringify(each));

test('each sink gets what is its own, in order; a stop waits for it, and the next start sends nothing again', async () => {
  const sinks = [file('platform'), file('unit', { numbers: ['12333'] }), file('other', { numbers: ['12301'] })];
  const outbox = await open({ sinks });
  for (const record of sampleStory) outbox.take(record);
  await outbox.stop();
  expect(await linesOf('platform')).toEqual(story);
  expect(await linesOf('unit')).toEqual(story);
  expect(await linesOf('other')).toEqual([]);
  const again = await open({ sinks });
  const [first] = sampleStory;
  if (first) again.take(first);
  await again.stop();
  expect(await linesOf('platform')).toEqual([...story, story[0]]);
});

test('health and the file for commands say how it stands', async () => {
  const outbox = await open({ sinks: [file('platform'), file('stuck', { path: '/proc/nowhere/a' })] });
  for (const record of sampleStory) outbox.take(record);
  await expect.poll(() => outbox.health.sinks.map(({ state }) => state), { timeout: 4_000 }).toEqual(['ok', 'down']);
  const { sinks, spool, redis } = outbox.health;
  expect(sinks[1]).toMatchObject({ name: 'stuck', kind: 'file', backlog: story.length, dead: 0 });
  expect(sinks[1]?.lagMs).toBeGreaterThan(0);
  expect({ state: spool.state, redis }).toEqual({ state: 'draining', redis: null });
  expect(JSON.parse(await readFile(join(folder, 'spool/status.json'), 'utf8'))).toMatchObject({ sinks });
  await outbox.stop();
});

test('a Redis that is not there holds up no stop, and costs no record: they wait on disk', async () => {
  const away = await open({ redis: 'redis://127.0.0.1:1', sinks: [file('platform')] });
  for (const record of sampleStory) away.take(record);
  await expect.poll(() => away.health.sinks[0]?.lastError).toBe('Redis cannot be reached');
  expect(away.health.redis).toBe(false);
  const begun = performance.now();
  await away.stop();
  expect(performance.now() - begun).toBeLessThan(2_500);
  const without = await open({ sinks: [file('platform')] });
  await expect.poll(() => linesOf('platform')).toEqual(story);
  await without.stop();
});
