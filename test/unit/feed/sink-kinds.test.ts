/** Kinds of sinks: what adding one asks for, and what happens to one that only another controller's version knows. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { DeadLetters } from '../../../src/feed/dead-letters.ts';
import { shareHealth } from '../../../src/feed/health.ts';
import { DELIVERED, POSITIONS, SINKS } from '../../../src/feed/redis.ts';
import { makeSink, type SinkSettings, sinksShape } from '../../../src/feed/sinks/registry.ts';
import { type Sink, sinkKind } from '../../../src/feed/sinks/sink.ts';
import { Positions } from '../../../src/feed/spool/source.ts';
import { Spool } from '../../../src/feed/spool/spool.ts';
import { Shipper } from '../../../src/feed/stream/shipper.ts';
import { feedSchema } from '../../../src/settings/feed.ts';

const log = createLogger('silent');
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hotline-kinds-'));
  onTestFinished(() => rm(dir, { recursive: true }));
});

const openSpool = async (records: number): Promise<Spool> => {
  const spool = await Spool.open({ dir, limitBytes: 1e6, log });
  onTestFinished(() => spool.stop());
  for (let n = 0; n < records; n += 1) spool.append(`{"n":${n}}`);
  return spool;
};

const silent: Sink = { kind: 'kafka', send: async () => undefined, stop: async () => undefined };

test('a new kind whose schema is there and whose sink is not made fails the compiler', () => {
  const kafka = sinkKind('kafka', {}, () => silent);
  type WithKafka = SinkSettings | ReturnType<typeof kafka.settings.parse>;
  // @ts-expect-error the registry makes no sink of kind kafka
  const make: (settings: WithKafka) => Sink = makeSink;
  expect(make).toBe(makeSink);
  expect(kafka.open({}).kind).toBe('kafka');
});

test('every kind of the registry is made from what the settings have of it', async () => {
  const written = [
    { name: 'a', kind: 'http', url: 'http://127.0.0.1:1/', secret: '0123456789abcdef' },
    { name: 'b', kind: 'file', path: 'b.ndjson' },
    { name: 'c', kind: 'redis', url: 'redis://127.0.0.1:1', stream: 's' },
  ];
  const sinks = feedSchema.parse({ sinks: written }).sinks.map(makeSink);
  expect(sinks.map(({ kind }) => kind)).toEqual(['http', 'file', 'redis']);
  await Promise.all(sinks.map((sink) => sink.stop()));
  expect(sinksShape.safeParse([{ name: 'd', kind: 'kafka' }]).success).toBe(false);
});

const told = (kind: string, at = Date.now()): string =>
  JSON.stringify({
    at,
    health: { name: 'lake', kind, state: 'ok', backlog: 3, lagMs: 0, dead: 1, dropped: 0, lastError: null, more: 1 },
  });

test('the health of a sink of a kind that only its own controller knows is shown as it tells it', async () => {
  const redis = { status: 'ready', hgetall: async () => ({ lake: told('kafka') }) };
  const [sink] = sinksShape.parse([{ name: 'lake', kind: 'file', path: 'x' }]);
  const health = await shareHealth(
    [sink as SinkSettings],
    [{ health: async () => undefined }],
    redis as unknown as Parameters<typeof shareHealth>[2],
    [],
    0,
  );
  expect(health).toMatchObject([{ name: 'lake', kind: 'kafka', backlog: 3, dead: 1 }]);
});

test('on disk, the place of a sink that is not in the settings is kept, and does not move', async () => {
  const spool = await openSpool(3);
  const file = join(dir, 'places.json');
  const from = spool.confirmed;
  await writeFile(file, JSON.stringify({ lake: from + 1, unit: from }));
  const positions = await Positions.open(dir, spool, ['unit'], log);
  positions.move('unit', from + 3);
  await positions.keep();
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ lake: from + 1, unit: from + 3 });
  expect(spool.confirmed).toBe(from + 3);
  expect((await Positions.open(dir, spool, ['unit', 'lake'], log)).of('lake')).toBe(from + 3);
});

test('its dead letters stay, and are listed', async () => {
  const dead = new DeadLetters(dir);
  await dead.add('lake', ['{"n":1}'], 'gone', new Date());
  await dead.retry('unit', async () => undefined);
  expect([await dead.sinks(), (await dead.list('lake')).length]).toEqual([['lake'], 1]);
});

test('in Redis, the spool keeps what a sink of another controller lacks, until nobody has delivered to it for an hour', async () => {
  const spool = await openSpool(2);
  const from = spool.confirmed;
  const hashes: Record<string, Record<string, string>> = { [POSITIONS]: {}, [DELIVERED]: {} };
  hashes[SINKS] = { lake: told('kafka'), old: told('kafka', Date.now() - 2 * 3_600_000) };
  const asked: string[] = [];
  const redis = {
    eval: async (_script: string, _keys: number, ...words: (string | number)[]) => {
      const [id, , next] = words.slice(3);
      hashes[POSITIONS] = { [String(id)]: `${next} 5-0` };
      return [1, '5-0'];
    },
    hget: async (key: string, field: string) => hashes[key]?.[field] ?? null,
    hgetall: async (key: string) => {
      asked.push(key);
      return hashes[key] ?? {};
    },
  };
  const shipper = new Shipper({
    redis: redis as unknown as ConstructorParameters<typeof Shipper>[0]['redis'],
    ...{ spool, id: 'me', sinks: ['unit'], streamLength: 1_000, log },
  });
  shipper.start();
  onTestFinished(() => shipper.stop());
  const looks = () => asked.filter((key) => key === SINKS).length;
  hashes[DELIVERED] = { unit: '5-0', lake: '4-0' };
  await expect.poll(looks, { timeout: 5_000 }).toBeGreaterThan(2);
  expect(spool.confirmed).toBe(from);
  hashes[DELIVERED] = { unit: '5-0', lake: '5-0' };
  await expect.poll(() => spool.confirmed, { timeout: 5_000 }).toBe(from + 2);
  expect(Object.keys(hashes[DELIVERED] ?? {})).toEqual(['unit', 'lake']);
});
