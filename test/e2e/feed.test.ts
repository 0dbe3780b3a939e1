/** The feed as the platform meets it: real Redis, controllers as processes, everything killed in turn; each record counted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/base/log.ts';
import { openRedis } from '../../src/feed/redis.ts';
import type { FeedControllerOptions } from './feed-controller.ts';
import { SECRET, TestSink } from './feed-sink.ts';
import { testRedis } from './table-service.ts';

/** 20,000 take four minutes. */
const CALLS = Number(process.env.HOTLINE_FEED_CALLS ?? 1_500);
const PER_SECOND = 100;

const percentile = (all: readonly number[], share: number): number =>
  all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? Number.NaN;

/** One controller that may be killed and started again, each life with call ids of its own. */
class Controller {
  readonly #options: Omit<FeedControllerOptions, 'calls' | 'name'>;
  readonly #name: string;
  #life = 0;
  #child: ChildProcess | undefined;
  #left: number;
  said = '';

  constructor(name: string, calls: number, options: Omit<FeedControllerOptions, 'calls' | 'name'>) {
    this.#name = name;
    this.#left = calls;
    this.#options = options;
  }

  start(): void {
    this.#life += 1;
    const options: FeedControllerOptions = { ...this.#options, name: `${this.#name}${this.#life}`, calls: this.#left };
    const child = spawn(process.execPath, ['test/e2e/feed-controller.ts', JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (piece: Buffer) => {
      this.said += piece.toString();
    });
    this.#child = child;
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  /** With -9; calls that it has placed by then are not placed again, those that were up are gone with their PBX. */
  async killAndRestart(): Promise<void> {
    await this.kill();
    this.#left -= await this.#placed();
    this.start();
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.ended;
  }

  get ended(): Promise<unknown> {
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : once(child, 'exit');
  }

  /** Calls that this life has told of. */
  async #placed(): Promise<number> {
    return [...(await told(this.#options.witness)).keys()].filter((id) => id.startsWith(`${this.#name}${this.#life}-`))
      .length;
  }
}

/** Call → how many records of it were told. */
async function told(witness: string): Promise<Map<string, number>> {
  const calls = new Map<string, number>();
  for (const line of (await readFile(witness, 'utf8').catch(() => '')).split('\n')) {
    const [id = '', seq] = line.split(' ');
    if (seq !== undefined) calls.set(id, Math.max(calls.get(id) ?? 0, Number(seq) + 1));
  }
  return calls;
}

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-feed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

const sinkTo = (url: string) => ({
  sinks: [
    {
      name: 'platform',
      kind: 'http',
      url,
      secret: SECRET,
      timeoutSeconds: 1,
      retry: { firstSeconds: 0.05, mostSeconds: 0.5 },
    },
  ],
});

/** Waits until the platform has every record that was told. */
async function allArrived(sink: TestSink, witness: string, withinMs: number): Promise<Map<string, number>> {
  const until = performance.now() + withinMs;
  for (;;) {
    const calls = await told(witness);
    const missing = [...calls].filter(([id, records]) => (sink.calls.get(id)?.length ?? 0) < records);
    if (missing.length === 0 || performance.now() > until) return calls;
    await pause(100);
  }
}

function report(name: string, sink: TestSink, calls: ReadonlyMap<string, number>): void {
  const records = [...calls.values()].reduce((a, b) => a + b, 0);
  const came = [...sink.calls.values()].reduce((sum, seqs) => sum + seqs.length, 0);
  const ended = [...sink.types.values()].filter((type) => type === 'ended').length;
  const lags = [0.5, 0.99, 1].map((share) => percentile(sink.lagsMs, share)).join('/');
  process.stdout.write(
    `${name}: ${calls.size} calls (${ended} ended), ${records} records told, ${came} came, ${sink.repeats} repeats, ` +
      `${sink.requests} requests, record to sink p50/p99/max ${lags} ms\n`,
  );
}

const expectNoneLost = (sink: TestSink, calls: ReadonlyMap<string, number>): void => {
  expect(sink.problems.slice(0, 5)).toEqual([]);
  const lost = [...calls].filter(([id, records]) => (sink.calls.get(id)?.length ?? 0) < records);
  expect(lost.slice(0, 5)).toEqual([]);
};

test(`${CALLS} calls, with Redis killed three times, controllers twice, and a sink that refuses, hangs and cuts: every record arrives, in order`, async () => {
  const folder = await newFolder();
  const redis = await testRedis();
  const sink = await TestSink.open();
  const common = { redis: redis.url, feed: sinkTo(sink.url), perSecond: PER_SECOND / 2 };
  const witness = join(folder, 'witness');
  const [a, b] = ['a', 'b'].map(
    (name) => new Controller(name, CALLS / 2, { ...common, witness, records: join(folder, name, 'records.ndjson') }),
  ) as [Controller, Controller];
  a.start();
  b.start();
  const step = (CALLS / PER_SECOND) * 1_000 * 0.08;
  const killRedis = async () => {
    await redis.kill();
    await pause(step / 4);
    await redis.comeBack();
  };
  const happens: (() => void | Promise<void>)[] = [
    () => sink.set('refuse'),
    killRedis,
    () => sink.set('well'),
    () => a.killAndRestart(),
    () => sink.set('hang'),
    killRedis,
    () => sink.set('cut'),
    () => b.killAndRestart(),
    killRedis,
    () => sink.set('well'),
  ];
  for (const each of happens) {
    await pause(step);
    await each();
  }
  await Promise.all([a.ended, b.ended]);
  const calls = await allArrived(sink, witness, 20_000);
  report('chaos', sink, calls);
  expect(calls.size).toBe(CALLS);
  expectNoneLost(sink, calls);
}, 600_000);

test('what a controller had read and not delivered when it was killed, another takes up, before anything newer', async () => {
  const folder = await newFolder();
  const redis = await testRedis();
  const sink = await TestSink.open();
  const witness = join(folder, 'witness');
  const of = (name: string, calls: number, perSecond: number) => {
    const common = { redis: redis.url, feed: sinkTo(sink.url), perSecond, witness };
    return new Controller(name, calls, { ...common, records: join(folder, name, 'records.ndjson') });
  };
  const a = of('a', 60, PER_SECOND);
  a.start();
  await expect.poll(() => sink.calls.size, { timeout: 10_000, interval: 10 }).toBeGreaterThan(20);
  sink.set('refuse');
  await expect.poll(async () => (await told(witness)).size, { timeout: 5_000 }).toBe(60);
  await pause(500); // all is in Redis, a batch in the hands of a
  await a.kill();
  sink.set('well');
  const b = of('b', 30, 5); // longer than a's lease
  b.start();
  await b.ended;
  const calls = await allArrived(sink, witness, 10_000);
  report('taken up', sink, calls);
  expect(calls.size).toBe(90);
  expectNoneLost(sink, calls);
}, 60_000);

test('a sink that hangs slows no other; each gets its own calls, whatever its kind', async () => {
  const folder = await newFolder();
  const redis = await testRedis();
  const [well, hanging] = [await TestSink.open(), await TestSink.open()];
  hanging.set('hang');
  const witness = join(folder, 'witness');
  const file = join(folder, 'unit/12301.ndjson');
  const stream = { name: 'stream', kind: 'redis', url: redis.url, stream: 'platform:copy' };
  const feed = {
    sinks: [
      ...sinkTo(well.url).sinks,
      { ...sinkTo(hanging.url).sinks[0], name: 'hanging', timeoutSeconds: 30 },
      { name: 'unit', kind: 'file', path: file, numbers: ['12301'] },
      stream,
    ],
  };
  const controller = new Controller('s', 320, {
    redis: redis.url,
    feed,
    perSecond: PER_SECOND,
    witness,
    records: join(folder, 'records.ndjson'),
  });
  controller.start();
  await controller.ended;
  const calls = await allArrived(well, witness, 5_000);
  report('beside a sink that hangs', well, calls);
  expectNoneLost(well, calls);
  expect(percentile(well.lagsMs, 0.99)).toBeLessThan(500);
  const records = [...calls.values()].reduce((a, b) => a + b, 0);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(new Set(lines.map((line) => JSON.parse(line).number))).toEqual(new Set(['12301']));
  expect(new Set(lines.map((line) => JSON.parse(line).callId)).size).toBe(320 / 32);
  const client = openRedis(redis.url, createLogger('silent'));
  expect(await client.xlen('platform:copy')).toBe(records);
  client.disconnect();
}, 60_000);

test('with all healthy, 99 of 100 records are at the sink within half a second, at 100 calls per second', async () => {
  const folder = await newFolder();
  const redis = await testRedis();
  const sink = await TestSink.open();
  const witness = join(folder, 'witness');
  const records = join(folder, 'records.ndjson');
  const calls = 600;
  const controller = new Controller('h', calls, {
    redis: redis.url,
    feed: sinkTo(sink.url),
    perSecond: PER_SECOND,
    witness,
    records,
  });
  controller.start();
  await controller.ended;
  const all = await allArrived(sink, witness, 5_000);
  report('healthy', sink, all);
  expectNoneLost(sink, all);
  expect(all.size).toBe(calls);
  expect(sink.repeats).toBe(0);
  expect(percentile(sink.lagsMs, 0.99)).toBeLessThan(500);
}, 60_000);

test('without Redis the same holds straight from the disk, through a kill of the controller and a sink that is away', async () => {
  const folder = await newFolder();
  const sink = await TestSink.open();
  const witness = join(folder, 'witness');
  const controller = new Controller('d', 500, {
    feed: sinkTo(sink.url),
    perSecond: PER_SECOND,
    witness,
    records: join(folder, 'records.ndjson'),
  });
  controller.start();
  await pause(2_500);
  sink.set('refuse');
  await pause(500);
  await controller.killAndRestart();
  await pause(1_500);
  sink.set('well');
  await controller.ended;
  const calls = await allArrived(sink, witness, 10_000);
  report('no Redis', sink, calls);
  expect(calls.size).toBe(500);
  expectNoneLost(sink, calls);
}, 60_000);
