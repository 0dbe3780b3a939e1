/** A sink that is behind by more than the stream holds, on a real Redis: what it lost is counted, to the record. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Outbox } from '../../src/feed/outbox.ts';
import type { SinkSettings } from '../../src/feed/sinks/registry.ts';
import { listener } from '../unit/feed/listener.ts';
import { sampleStory } from '../unit/feed/sample-story.ts';
import { SECRET, TestSink } from './feed-sink.ts';
import { testRedis } from './table-service.ts';

const STREAM_LENGTH = 200;

const sinkTo = (name: string, { url }: TestSink): SinkSettings => ({
  name,
  kind: 'http',
  url,
  secret: SECRET,
  timeoutSeconds: 2,
  batch: 50,
  retry: { firstSeconds: 0.05, mostSeconds: 0.2 },
  giveUpHours: 24 * 365 * 10,
});

/** Controllers on one Redis, each with a spool of its own. */
class Controllers {
  readonly #redis: string;
  readonly #sinks: readonly SinkSettings[];
  #told = 0;
  readonly #heard = listener();
  readonly #running = new Set<Outbox>();

  constructor(redis: string, sinks: readonly SinkSettings[]) {
    this.#redis = redis;
    this.#sinks = sinks;
  }

  async start(name: string): Promise<Outbox> {
    const dir = await mkdtemp(join(tmpdir(), 'hotline-dropped-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const { log } = this.#heard;
    const parts = { dir, limitBytes: 64e6, sinks: this.#sinks, redis: this.#redis, streamLength: STREAM_LENGTH, name };
    const outbox = await Outbox.open({ ...parts, log });
    this.#running.add(outbox);
    onTestFinished(() => this.stop(outbox));
    return outbox;
  }

  async stop(outbox: Outbox): Promise<void> {
    if (this.#running.delete(outbox)) await outbox.stop();
  }

  get alarms(): readonly string[] {
    return this.#heard.lines.filter((line) => line.includes('ALARM'));
  }

  /** Each record is of a call of its own. */
  tell(outbox: Outbox, records: number): number {
    const [first] = sampleStory;
    if (first === undefined) throw new Error('no story');
    for (let n = 0; n < records; n += 1) outbox.take({ ...first, callId: `c-${this.#told + n}`, seq: 0 });
    this.#told += records;
    return this.#told;
  }
}

const SECONDS = { timeout: 20_000 };
const standing = (outbox: Outbox, sink: string) => {
  const { dropped, backlog, state } = outbox.health.sinks.find(({ name }) => name === sink) ?? {};
  return { dropped: dropped ?? Number.NaN, backlog, state };
};

test('records that the stream dropped before a sink came back are counted while it is away, and to the record when it is back', async () => {
  const redis = await testRedis();
  const [platform, other] = [await TestSink.open(), await TestSink.open()];
  const controllers = new Controllers(redis.url, [sinkTo('platform', platform), sinkTo('other', other)]);
  const first = await controllers.start('a');
  controllers.tell(first, 100);
  await expect.poll(() => [platform.calls.size, other.calls.size], SECONDS).toEqual([100, 100]);
  await expect.poll(() => standing(first, 'platform'), SECONDS).toEqual({ dropped: 0, backlog: 0, state: 'ok' });

  platform.set('refuse');
  let total = 100;
  for (let n = 1; n <= 12; n += 1) {
    total = controllers.tell(first, 100); // in turn with the other sink, which must not fall behind too
    await expect.poll(() => other.calls.size, SECONDS).toBe(total);
  }
  await expect.poll(() => standing(first, 'platform').dropped, SECONDS).toBeGreaterThan(500);
  expect(standing(first, 'platform').state).toBe('down');
  const whileAway = standing(first, 'platform').dropped;

  await controllers.stop(first); // a batch in its hands, which the stream has dropped: the next controller cannot have it
  const second = await controllers.start('b');
  await expect.poll(() => standing(second, 'platform').dropped, SECONDS).toBeGreaterThanOrEqual(whileAway);
  platform.set('well');
  await expect.poll(() => standing(second, 'platform'), SECONDS).toMatchObject({ backlog: 0, state: 'ok' });
  total = controllers.tell(second, 10);
  await expect.poll(() => other.calls.size, SECONDS).toBe(total);
  await expect.poll(() => platform.calls.has(`c-${total - 1}`), SECONDS).toBe(true);
  await expect.poll(() => standing(second, 'platform').dropped, SECONDS).toBe(total - platform.calls.size);
  expect(standing(second, 'other').dropped).toBe(0);
  expect([platform.problems, other.problems]).toEqual([[], []]);
  await controllers.stop(second);
  expect(controllers.alarms[0]).toMatch(/stream has dropped records .*"sink":"platform","dropped":\d+/);
  process.stdout.write(`${total} told, ${platform.calls.size} came, ${total - platform.calls.size} dropped\n`);
}, 60_000);
