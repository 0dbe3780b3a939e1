/** The calls of the last day, out of record files of every length. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { callsSince } from '../../../src/records/past-calls.ts';

const NOW = Date.parse('2026-11-24T02:00:00Z');
const HOUR = 3_600_000;
const since = new Date(NOW - 24 * HOUR);

/** One call's first two records. */
const call = (callId: string, hoursAgo: number): string => {
  const at = new Date(NOW - hoursAgo * HOUR).toISOString();
  const common = { v: 1, callId, at, switch: 'pbx1', number: '12333', region: 'xiamen', unit: null, mode: null };
  const of = { ...common, revision: 'r1' };
  const facts = { dialled: '059212333', caller: '05922001234', trunk: 'exchange' };
  const lines = [
    { ...of, seq: 0, ms: 0, type: 'arrived', ...facts },
    { ...of, seq: 1, ms: 1, type: 'routed', regionFrom: null, rule: 1, plan: [{ do: 'answer' }] },
  ];
  return lines.map((each) => `${JSON.stringify(each)}\n`).join('');
};

const reading = async (text: string, readAtMostBytes?: number): Promise<readonly string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-last-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'records.ndjson');
  await writeFile(file, text);
  const ids: string[] = [];
  const take = ({ callId }: { callId: string }) => ids.push(callId);
  await callsSince(file, { since, take, ...(readAtMostBytes && { readAtMostBytes }) });
  return ids;
};

test('are those that arrived since, each once', async () => {
  expect(await reading(call('old', 25) + call('a', 23) + call('b', 1) + call('b', 1))).toEqual(['a', 'b']);
});

test('are all found in a file that is much longer than they are', async () => {
  const old = Array.from({ length: 20_000 }, (_, n) => call(`old${n}`, 1_000 - n / 25)).join('');
  const fresh = Array.from({ length: 3_000 }, (_, n) => call(`new${n}`, 23.9 - n / 200));
  const found = await reading(old + fresh.join(''));
  expect(found).toHaveLength(3_000);
  expect(found[0]).toBe('new0');
});

test('are the last of them where the file holds more than may be read', async () => {
  const all = Array.from({ length: 3_000 }, (_, n) => call(`c${n}`, 20 - n / 200));
  const found = await reading(all.join(''), 100_000);
  expect(found.at(-1)).toBe('c2999');
  expect(found.length).toBeGreaterThan(100);
  expect(found.length).toBeLessThan(500);
});

test('are none in an empty file, and broken lines are passed over', async () => {
  expect(await reading('')).toEqual([]);
  expect(await reading(`{"cut":\n${call('a', 2)}{"v":1,"callId":"b","at":`)).toEqual(['a']);
});

test('are none where there is no file but a folder: nobody waits for it', async () => {
  const ids: string[] = [];
  await callsSince(tmpdir(), { since, take: ({ callId }) => ids.push(callId) });
  expect(ids).toEqual([]);
});
