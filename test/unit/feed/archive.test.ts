/** Lines of the archive: records of this version, of an older and of a newer one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileUnreadable } from '../../../src/base/errors.ts';
import { type ArchiveOptions, readArchive, readLine } from '../../../src/records/archive.ts';
import { sampleStory } from './sample-story.ts';

const read = (record: object) => readLine(JSON.stringify(record));
const of = (type: string) => sampleStory.find((record) => record.type === type) ?? {};

test('a record of an older version may lack the keys that were gained since', () => {
  const { waits: _, ...answered } = of('answered') as { waits: object };
  const { callBack: __, caller: ___, waits: ____, ...missed } = of('missed') as Record<string, unknown>;
  for (const old of [answered, missed]) expect(read(old)).toMatchObject({ record: old });
  const { dialled: _____, ...broken } = of('arrived') as { dialled: string };
  expect(read(broken)).toMatchObject({ head: { type: 'arrived' }, bad: '`dialled` is missing, or is not text' });
});

test('a record of a newer version may have more keys, and steps of a plan that are not known here', () => {
  const routed = { ...of('routed'), plan: [{ do: 'answer' }, { do: 'sing', loudly: true }], mood: 'good' };
  expect(read(routed)).toMatchObject({ record: routed });
});

test('a record of a type that only another version knows is not bad: its head is read', () => {
  const line = read({ ...of('queued'), type: 'parked' });
  expect(line).toMatchObject({ head: { type: 'parked', seq: 4 } });
  expect([line.record, line.bad]).toEqual([undefined, undefined]);
});

test('a file that is not there has no lines for a service, and is an error where a person named it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-archive-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const types = async (file: string, options: ArchiveOptions = {}) => {
    const found: (string | undefined)[] = [];
    for await (const lines of readArchive(join(folder, file), options))
      found.push(...lines.map(({ head }) => head?.type));
    return found;
  };
  expect(await types('none.ndjson')).toEqual([]);
  await expect(types('none.ndjson', { isNamed: true })).rejects.toThrow(FileUnreadable);
  await writeFile(join(folder, 'a.ndjson'), sampleStory.map((record) => `${JSON.stringify(record)}\n\n`).join(''));
  expect(await types('a.ndjson')).toEqual(sampleStory.map(({ type }) => type));
  expect(await types('a.ndjson', { since: new Date('2026-10-01T01:01:00Z') })).toEqual([
    'transferred',
    'missed',
    'ended',
  ]);
  expect(await types('a.ndjson', { readAtMostBytes: 100 })).toEqual([undefined]);
});
