import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CallRecord } from '../../../src/feed/record.ts';
import { openRedis } from '../../../src/feed/redis-connection.ts';
import { RECORD_STREAM, RedisSink } from '../../../src/feed/redis-sink.ts';
import { openFakeRedis } from './fake-redis.ts';
import { listener } from './listener.ts';
import { sampleStory } from './sample-story.ts';

const record = sampleStory[0] as CallRecord;
const story = sampleStory.map((each) => JSON.stringify(each));

/** A sink with a real client, told of a far end. */
const sinkTo = (url: string) => {
  const { lines, log } = listener();
  const redis = openRedis(url, log);
  onTestFinished(() => redis.disconnect());
  return { sink: new RedisSink(redis, log), redis, lines };
};

const takeAll = (sink: RedisSink): void => {
  for (const each of sampleStory) sink.take(each);
};

describe('the Redis stream', () => {
  test('gets each record as JSON under one field', () => {
    const xadd = vi.fn(async () => '1-0');
    new RedisSink({ xadd, disconnect: vi.fn() }, listener().log).take(record);
    const args = xadd.mock.calls[0] as unknown[];
    expect(args[0]).toBe(RECORD_STREAM);
    expect(args.slice(-2)).toEqual(['record', JSON.stringify(record)]);
  });

  test('gets a whole story in the order told', async () => {
    const far = await openFakeRedis();
    const { sink } = sinkTo(far.url);
    takeAll(sink);
    await expect.poll(() => far.came).toEqual(story);
  });

  test('that refuses records gets them again, and the log says so once', async () => {
    const far = await openFakeRedis((_, nth) => (nth <= 2 ? '-OOM not now\r\n' : '+1-0\r\n'));
    const { sink, lines } = sinkTo(far.url);
    sink.take(record);
    await expect.poll(() => lines.at(-1), { timeout: 3_000 }).toContain('Redis takes records again');
    expect(far.came).toHaveLength(3);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('not in Redis yet, kept and sent again: OOM not now');
  });

  test('that hangs up before it has answered gets the record again', async () => {
    const far = await openFakeRedis((_, nth) => (nth === 1 ? 'hang up' : '+1-0\r\n'));
    const { sink } = sinkTo(far.url);
    sink.take(record);
    await expect.poll(() => far.came, { timeout: 3_000 }).toEqual([story[0], story[0]]);
  });

  test('that is away for a while has lost nothing, even when it answers its first visitors with errors', async () => {
    const far = await openFakeRedis();
    const { sink, redis, lines } = sinkTo(far.url);
    await expect.poll(() => redis.status).toBe('ready');
    await far.leave();
    takeAll(sink);
    await expect.poll(() => lines.some((line) => line.includes('ECONNREFUSED'))).toBe(true);
    far.setInfo('-NOAUTH not yet\r\n');
    await far.comeBack();
    await expect.poll(() => lines.some((line) => line.includes('NOAUTH'))).toBe(true);
    far.setInfo(undefined);
    await expect.poll(() => far.came, { timeout: 5_000 }).toEqual(story);
  });

  test('that stays away costs bounded memory: the newest records are left to the file', () => {
    const { lines, log } = listener();
    const sink = new RedisSink({ xadd: () => new Promise<string>(() => undefined), disconnect: vi.fn() }, log);
    for (let n = 0; n < 10_005; n += 1) sink.take(record);
    expect(lines).toHaveLength(5);
  });
});

describe('a stop', () => {
  test('waits until what is in hand is there', async () => {
    const far = await openFakeRedis(() => pause(300, '+1-0\r\n'));
    const { sink, redis, lines } = sinkTo(far.url);
    takeAll(sink);
    await sink.stop();
    expect(far.came).toEqual(story);
    await expect.poll(() => redis.status).toBe('end');
    expect(lines).toEqual([]);
  });

  test('does not wait for ever, and says how many records did not get there', async () => {
    const far = await openFakeRedis((_, nth) => (nth <= 1 ? '+1-0\r\n' : new Promise(() => undefined)));
    const { sink, lines } = sinkTo(far.url);
    takeAll(sink);
    const begun = performance.now();
    await sink.stop();
    expect(performance.now() - begun).toBeLessThan(3_000);
    const missing = sampleStory.length - 1;
    expect(lines).toEqual([`stopped before Redis had ${missing} records; they are in the file {"records":${missing}}`]);
  });
});
