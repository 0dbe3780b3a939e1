/** Record files as they are found: whole, cut off, told twice, of other types, compressed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileUnreadable } from '../../../src/base/errors.ts';
import { fileLines, readLine } from '../../../src/records/archive.ts';
import { PastCalls } from '../../../src/records/past-calls.ts';
import type { PastCall } from '../../../src/routing/compare/replay.ts';
import { sampleStory } from './sample-story.ts';

const lines = sampleStory.map((record) => JSON.stringify(record));
const [arrived = '', routed = ''] = lines;
const ofCall = (callId: string, line: string): string => JSON.stringify({ ...JSON.parse(line), callId });

const read = (all: readonly string[], withoutRouted = false) => {
  const calls: PastCall[] = [];
  const past = new PastCalls({ withoutRouted, take: (call) => calls.push(call) });
  for (const [index, line] of all.entries()) {
    const text = line.trim();
    if (text !== '') past.take({ file: 'records.ndjson', number: index + 1, ...readLine(text) });
  }
  return { calls, counts: past.counts };
};

test('one call comes of its records: what was known, what was decided, when', () => {
  const { calls, counts } = read(lines);
  expect(calls).toEqual([
    {
      callId: 'pbx1-1760000000.42',
      facts: { dialled: '059212333', caller: '05922001234', trunk: 'exchange' },
      at: new Date('2026-10-01T01:00:00.000Z'),
      was: { number: '12333', region: 'xiamen', plan: JSON.parse(routed).plan },
    },
  ]);
  expect(counts).toEqual({ records: 10, skipped: 8, repeated: 0, incomplete: 0, bad: 0, badLines: [] });
});

test('records told twice, as after a crash, are one call', () => {
  const { calls, counts } = read([arrived, arrived, routed, ...lines, routed]);
  expect(calls).toHaveLength(1);
  expect(counts).toMatchObject({ records: 14, repeated: 4, incomplete: 0 });
});

test('calls that run at once are kept apart', () => {
  const { calls } = read([arrived, ofCall('b', arrived), ofCall('b', routed), routed]);
  expect(calls.map(({ callId }) => callId)).toEqual(['b', 'pbx1-1760000000.42']);
});

test('a call with one record of the two is told as not whole', () => {
  expect(read([arrived, ofCall('b', routed)])).toMatchObject({ calls: [], counts: { incomplete: 2 } });
});

test('where a table says what was, the arrival alone is a call', () => {
  expect(read([arrived, arrived], true)).toMatchObject({
    calls: [{ was: undefined }],
    counts: { repeated: 1, incomplete: 0 },
  });
});

test('a line that is no record is told with its place, and costs no other', () => {
  const cut = routed.slice(0, 100);
  const wrong = JSON.stringify({ ...JSON.parse(arrived), callId: 7 });
  const { calls, counts } = read([cut, arrived, '{"type":"arrived",}', '', wrong, 'hello', routed]);
  expect(calls).toHaveLength(1);
  expect(counts.bad).toBe(4);
  expect(counts.badLines.map(({ file, line }) => `${file}:${line}`)).toEqual([
    'records.ndjson:1',
    'records.ndjson:3',
    'records.ndjson:5',
    'records.ndjson:6',
  ]);
  expect(counts.badLines[0]?.reason).toBe('not a whole record');
  expect(counts.badLines[2]?.reason).toBe('`callId` is missing, or is not text');
});

test('what only mentions an arrival is not one', () => {
  expect(read(['{"type":"note","of":{"type":"arrived"}}', ' {"type": "note", "say": "routed"} '])).toMatchObject({
    calls: [],
    counts: { records: 2, skipped: 2, bad: 0 },
  });
});

test('records with spaces between, as other programs write JSON, are read', () => {
  const spaced = [arrived, routed].map(
    (line) => `${JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', ' ')}\r`,
  );
  expect(read(spaced).calls).toHaveLength(1);
});

test('a hundred thousand bad lines are counted, and twenty told', () => {
  const { counts } = read(Array.from({ length: 100_000 }, () => 'x'));
  expect(counts.bad).toBe(100_000);
  expect(counts.badLines).toHaveLength(20);
});

test('calls whose routing never comes are given up, the oldest first', () => {
  const all = Array.from({ length: 100_001 }, (_, index) => ofCall(`c${index}`, arrived));
  const { calls, counts } = read([...all, ofCall('c0', routed), ofCall('c100000', routed)]);
  expect(calls.map(({ callId }) => callId)).toEqual(['c100000']);
  expect(counts.incomplete).toBe(100_001);
});

describe('a record file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-records-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const linesOf = async (name: string, content: string | Buffer) => {
    const file = join(folder, name);
    await writeFile(file, content);
    const found: string[] = [];
    for await (const batch of fileLines(file)) found.push(...batch);
    return found;
  };

  test('is read in whole lines, wherever it is cut into pieces', async () => {
    const many = Array.from({ length: 30_000 }, (_, index) => `${index} ${'厦门'.repeat(index % 40)}`);
    expect(await linesOf('a.ndjson', `${many.join('\n')}\n`)).toEqual(many);
    expect(await linesOf('b.ndjson', many.join('\n'))).toEqual(many);
  });

  test('is read compressed too', async () => {
    expect(await linesOf('a.ndjson.gz', gzipSync('a\nb\n'))).toEqual(['a', 'b']);
  });

  test('that is empty has no lines', async () => {
    expect(await linesOf('a.ndjson', '')).toEqual([]);
  });

  test('of one endless line costs a bounded part of memory', async () => {
    const found = await linesOf('a.ndjson', `${'x'.repeat(20_000_000)}\nnext\n`);
    expect(found).toHaveLength(2);
    expect(found[0]?.length).toBeLessThan(4_000_000);
    expect(found[1]).toBe('next');
  });

  test('that cannot be read is one line', async () => {
    const whole = gzipSync('a\n'.repeat(1000));
    await expect(linesOf('a.ndjson.gz', whole.subarray(0, 20))).rejects.toThrow(FileUnreadable);
    await expect(linesOf('b.ndjson.gz', 'no gzip')).rejects.toThrow(FileUnreadable);
    await expect(fileLines(join(folder, 'no-such.ndjson')).next()).rejects.toThrow(/no-such\.ndjson: no such file$/);
    await expect(fileLines(folder).next()).rejects.toThrow(/this is a directory$/);
  });
});
