/** The list of missed calls, kept by two controllers on a real Redis that may lose it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/base/log.ts';
import { MissedList } from '../../src/feed/missed/list.ts';
import { openRedis } from '../../src/feed/redis.ts';
import { makeRecord } from '../../src/records/record.ts';
import { sampleStory } from '../unit/feed/sample-story.ts';
import { testRedis } from './table-service.ts';

const log = createLogger('silent');
const soon = { timeout: 15_000, interval: 100 };

async function open(url: string): Promise<MissedList> {
  const dir = await mkdtemp(join(tmpdir(), 'hotline-missed-'));
  const redis = openRedis(url, log);
  const list = new MissedList({
    dir,
    records: join(dir, 'records.ndjson'),
    redis,
    keptMs: 86_400_000,
    now: Date.now,
    log,
  });
  onTestFinished(async () => {
    await list.stop();
    redis.disconnect();
    await rm(dir, { recursive: true });
  });
  return list;
}

const missed = (callId: string, caller: string) => {
  const [{ type: _, ...common }] = sampleStory as [(typeof sampleStory)[number]];
  const { v, switch: of, number, unit, mode, region, revision } = common;
  const at = new Date().toISOString();
  const waits = { networkMs: 0, promptMs: 0, ringMs: 0, queueMs: 0 };
  return makeRecord(
    'missed',
    { v, callId, seq: 5, at, ms: 0, switch: of, number, unit, mode, region, revision },
    { reason: 'gave-up', tried: [], caller, callBack: true, waits },
  );
};

const idsOf = async (list: MissedList) => (await list.list()).map(({ id, attempts }) => `${id} ${attempts}`);

test('is one list, whichever controller missed the call or closes it, also after Redis has lost everything', async () => {
  const redis = await testRedis();
  const [a, b] = [await open(redis.url), await open(redis.url)];
  a.take(missed('a1', '13800001111'));
  await expect.poll(() => idsOf(b), soon).toEqual(['a1 1']);
  b.take(missed('b1', '+8613800001111'));
  b.take(missed('b2', '059187654321'));
  await expect.poll(() => idsOf(a), soon).toEqual(['a1 2', 'b2 1']);
  expect(await b.close('a1', 'duty')).toBe(true);
  await expect.poll(() => idsOf(a), soon).toEqual(['b2 1']);
  await redis.kill();
  a.take(missed('a2', '13900002222'));
  expect(await idsOf(a)).toEqual(['b2 1', 'a2 1']);
  await redis.comeBack();
  await expect.poll(() => idsOf(b), soon).toEqual(['b2 1', 'a2 1']);
  const late = await open(redis.url);
  await expect.poll(() => idsOf(late), soon).toEqual(['b2 1', 'a2 1']);
}, 60_000);
