/** From a source to a sink that is well, fails, refuses one record, or stays away; and other sinks meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { spreadWaitMs } from '../../../src/base/backoff.ts';
import { DeadLetters } from '../../../src/feed/dead-letters.ts';
import type { Source } from '../../../src/feed/deliverer.ts';
import { Deliverer, type DelivererParts } from '../../../src/feed/deliverer.ts';
import { filterOf, type Sink, SinkBusy, SinkRefused } from '../../../src/feed/sinks/sink.ts';
import { listener } from './listener.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-deliverer-'));
});
afterEach(() => rm(folder, { recursive: true }));

const record = (seq: number, more: object = {}): string =>
  JSON.stringify({
    v: 1,
    callId: 'pbx1-1',
    seq,
    at: new Date().toISOString(),
    number: '12301',
    unit: '省文旅厅',
    ...more,
  });
const records = (many: number): string[] => Array.from({ length: many }, (_, seq) => record(seq));

class ListSource implements Source {
  isHeld = true;
  done = 0;
  readonly #lines: readonly string[];
  #isStopped = false;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  async next(most: number) {
    const lines = this.#lines.slice(this.done, this.done + most);
    if (lines.length === 0 || this.#isStopped) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    }
    const done = async () => {
      this.done += lines.length;
    };
    return { lines, isHeld: () => this.isHeld, done };
  }

  async progress() {
    return { backlog: this.#lines.length - this.done, isHeld: this.isHeld, dropped: 0 };
  }

  async stop() {
    this.#isStopped = true;
  }
}

/** Takes what `judge` lets through. */
class ListSink implements Sink {
  readonly kind = 'http';
  readonly took: string[] = [];
  readonly tried: (readonly string[])[] = [];
  judge: (lines: readonly string[]) => Error | undefined = () => undefined;

  async send(lines: readonly string[]) {
    this.tried.push(lines);
    const wrong = this.judge(lines);
    if (wrong) throw wrong;
    this.took.push(...lines);
  }

  async stop() {
    return undefined;
  }
}

/** Never answers. */
const hanging: Sink = {
  kind: 'http',
  send: (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  stop: async () => undefined,
};

function deliver(lines: readonly string[], sink: ListSink, more: Partial<DelivererParts> = {}) {
  const source = new ListSource(lines);
  const { lines: log, log: heard } = listener();
  const dead = new DeadLetters(folder);
  const deliverer = new Deliverer({
    name: 'platform',
    source,
    sink,
    filter: () => true,
    batch: 10,
    patience: { firstMs: 5, mostMs: 20 },
    giveUpAfterMs: 3_600_000,
    dead,
    now: Date.now,
    log: heard,
    ...more,
  });
  deliverer.start();
  onTestFinished(() => deliverer.stop());
  return { deliverer, source, dead, log };
}

describe('a sink', () => {
  test('gets everything in order, in batches', async () => {
    const sink = new ListSink();
    const { deliverer } = deliver(records(25), sink);
    await expect.poll(async () => (await deliverer.health())?.backlog).toBe(0);
    expect(sink.took.map((line) => JSON.parse(line).seq)).toEqual(Array.from({ length: 25 }, (_, n) => n));
    expect(sink.tried.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(await deliverer.health()).toEqual({
      name: 'platform',
      kind: 'http',
      state: 'ok',
      backlog: 0,
      lagMs: 0,
      dead: 0,
      dropped: 0,
      lastError: null,
    });
  });

  test('that fails is tried again with the same, is told as down with its backlog, and well again afterwards', async () => {
    const sink = new ListSink();
    sink.judge = () => new Error('HTTP 500');
    const { deliverer, log } = deliver(records(12), sink);
    await expect.poll(() => sink.tried.length).toBeGreaterThan(3);
    expect(new Set(sink.tried.map((lines) => lines.join())).size).toBe(1);
    const down = await deliverer.health();
    expect(down).toMatchObject({ state: 'down', backlog: 12, lastError: 'HTTP 500' });
    expect(down?.lagMs).toBeGreaterThan(0);
    sink.judge = () => undefined;
    await expect.poll(() => sink.took.length).toBe(12);
    expect(await deliverer.health()).toMatchObject({ state: 'ok', backlog: 0, lastError: null });
    expect(log).toHaveLength(2); // once when it began, once when it was over
  });

  test('that lags behind the calls is told as behind', async () => {
    const old = record(0, { at: new Date(Date.now() - 60_000).toISOString() });
    const { deliverer } = deliver([old], new ListSink(), { sink: hanging });
    await expect.poll(async () => (await deliverer.health())?.state).toBe('behind');
  });

  test('that refuses one record of a batch loses that one to the dead letters, and gets every other in order', async () => {
    const sink = new ListSink();
    const lines = records(20);
    sink.judge = (batch) => (batch.includes(lines[13] ?? '') ? new SinkRefused('HTTP 422') : undefined);
    const { deliverer, dead } = deliver(lines, sink);
    await expect.poll(() => sink.took.length).toBe(19);
    expect(sink.took).toEqual(lines.filter((_, n) => n !== 13));
    expect(await dead.list('platform')).toMatchObject([{ reason: 'HTTP 422', line: lines[13] }]);
    expect(await deliverer.health()).toMatchObject({ dead: 1 });
  });

  test('that takes nothing past the set age has the old given up and kept, and the young waited for', async () => {
    const sink = new ListSink();
    sink.judge = () => new Error('HTTP 503');
    const old = { at: new Date(Date.now() - 7_200_000).toISOString() };
    const lines = [record(0, old), record(1, old), record(2)];
    const { dead, log } = deliver(lines, sink, { batch: 2 });
    await expect.poll(async () => (await dead.list('platform')).length).toBe(2);
    expect(sink.tried.filter((batch) => batch.length === 2).length).toBeGreaterThanOrEqual(3);
    await expect.poll(() => sink.tried.length).toBeGreaterThan(6);
    expect(await dead.count('platform')).toBe(2);
    expect(log.some((line) => line.startsWith('ALARM: records were given up'))).toBe(true);
    sink.judge = () => undefined;
    await expect.poll(() => sink.took).toEqual([lines[2]]);
    const { sent, left } = await dead.retry('platform', async (line) => (line === lines[0] ? undefined : 'still not'));
    expect({ sent, left }).toEqual({ sent: 1, left: 1 });
    expect(await dead.list('platform')).toMatchObject([{ reason: 'still not', line: lines[1] }]);
  });

  test('keeps what cannot be given up, because the disk has no room for it, and tries on', async () => {
    const sink = new ListSink();
    sink.judge = () => new SinkRefused('HTTP 400');
    const full = {
      add: async () => Promise.reject(new Error('ENOSPC')),
      count: async () => 0,
    } as unknown as DeadLetters;
    const { source } = deliver(records(1), sink, { dead: full });
    await expect.poll(() => sink.tried.length).toBeGreaterThan(3);
    expect(source.done).toBe(0);
  });

  test('is left alone by a controller that may not deliver any more', async () => {
    const sink = new ListSink();
    sink.judge = () => new Error('HTTP 500');
    const { deliverer, source } = deliver(records(3), sink);
    await expect.poll(() => sink.tried.length).toBeGreaterThan(1);
    source.isHeld = false;
    const { length } = sink.tried;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sink.tried.length - length).toBeLessThanOrEqual(1);
    expect(await deliverer.health()).toBeUndefined();
  });

  test('that never answers does not hold up a stop', async () => {
    const { deliverer } = deliver(records(3), new ListSink(), { sink: hanging });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await deliverer.stop();
  });
});

describe('a unit', () => {
  const mine = (line: object, options: object): boolean => filterOf(options)(JSON.stringify({ unit: null, ...line }));

  test('gets the calls to its numbers and no others', () => {
    const numbers = ['12333', '12329'];
    expect(mine({ number: '12333' }, { numbers })).toBe(true);
    expect(mine({ number: '12301' }, { numbers })).toBe(false);
    expect(mine({ number: null }, { numbers })).toBe(false);
  });

  test('is known by its name as well', () => {
    expect(mine({ number: '12333', unit: '省人社厅' }, { unit: '省人社厅' })).toBe(true);
    expect(mine({ number: '12301', unit: '省文旅厅' }, { unit: '省人社厅' })).toBe(false);
    expect(filterOf({ unit: '省人社厅' })('no record')).toBe(false);
  });

  test('the platform gets all, calls to numbers outside the table too', () => {
    expect(mine({ number: null }, {})).toBe(true);
  });
});

test('waits grow from try to try to their limit, never twice the same for all', () => {
  const patience = { firstMs: 500, mostMs: 60_000 };
  expect([1, 2, 3, 8, 100].map((failures) => spreadWaitMs(patience, failures, 1))).toEqual([
    500, 1_000, 2_000, 60_000, 60_000,
  ]);
  expect(spreadWaitMs(patience, 3, 0)).toBe(1_000);
});

test('a sink that asks for time gets it', async () => {
  const sink = new ListSink();
  sink.judge = () => (sink.tried.length === 1 ? new SinkBusy('HTTP 429', 300) : undefined);
  const begun = performance.now();
  deliver(records(1), sink, { patience: { firstMs: 5, mostMs: 1_000 } });
  await expect.poll(() => sink.took.length).toBe(1);
  expect(performance.now() - begun).toBeGreaterThan(280);
});
