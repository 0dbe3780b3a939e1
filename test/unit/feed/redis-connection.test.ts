import { expect, onTestFinished, test } from 'vitest';
import { openRedis, withoutCredentials } from '../../../src/feed/redis.ts';
import { openFakeRedis } from './fake-redis.ts';
import { listener } from './listener.ts';

test('nobody reads the password of Redis in the log', async () => {
  const far = await openFakeRedis();
  await far.leave();
  const { lines, log } = listener();
  const redis = openRedis(far.url.replace('://', '://hotline:s3cret@'), log);
  onTestFinished(() => redis.disconnect());
  await expect.poll(() => lines.length).toBeGreaterThan(0);
  expect(lines[0]).toContain('"redis":"redis://127.0.0.1:');
  expect(lines.join()).not.toMatch(/s3cret|hotline:/);
});

test('an address is told without user, password and options', () => {
  expect(withoutCredentials('rediss://:p%40ss@redis.example:6380/2?password=x')).toBe('rediss://redis.example:6380/2');
});
