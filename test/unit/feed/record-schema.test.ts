import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordJsonSchema, recordShape } from '../../../src/records/record.ts';
import { sampleStory } from './sample-story.ts';

const file = new URL('../../../config/record.schema.json', import.meta.url);
const written = async (): Promise<z.core.JSONSchema.BaseSchema> => JSON.parse(await readFile(file, 'utf8'));

test('the schema readers of the feed go by is made from the shape (make it anew with HOTLINE_UPDATE=1, then format it)', async () => {
  const schema = recordJsonSchema();
  if (process.env.HOTLINE_UPDATE === '1') await writeFile(file, JSON.stringify(schema, null, 2));
  // The formatter owns the white space; keys and their order are ours.
  expect(JSON.stringify(await written())).toBe(JSON.stringify(schema));
});

describe('a reader of the feed who goes by the written schema', () => {
  test.each(sampleStory.map((record) => [record.type, record] as const))('accepts a record "%s"', async (_, record) => {
    expect(z.fromJSONSchema(await written()).safeParse(record).error).toBeUndefined();
    expect(recordShape.safeParse(record).error).toBeUndefined();
  });

  test('accepts a key that a later version brings', async () => {
    expect(z.fromJSONSchema(await written()).safeParse({ ...sampleStory[0], weather: 'rain' }).success).toBe(true);
  });

  test('accepts a record from before a key came to be', async () => {
    const { waits: _, transfers: __, recording: ___, ...ended } = JSON.parse(JSON.stringify(sampleStory.at(-1)));
    expect(z.fromJSONSchema(await written()).safeParse(ended).error).toBeUndefined();
    const { caller: ____, ...arrived } = JSON.parse(JSON.stringify(sampleStory[0]));
    expect(z.fromJSONSchema(await written()).safeParse(arrived).success).toBe(false);
  });

  test.each([
    ['a destination that is neither queue nor seats', { to: '12345-xiamen' }],
    ['no sequence number', { seq: undefined }],
    ['a time without an offset', { at: '2026-10-01T09:00:00' }],
    ['an unknown type', { type: 'gone' }],
  ])('refuses %s', async (_, change) => {
    const queued = sampleStory.find(({ type }) => type === 'queued');
    const record = JSON.parse(JSON.stringify({ ...queued, ...change }));
    expect(z.fromJSONSchema(await written()).safeParse(record).success).toBe(false);
    expect(recordShape.safeParse(record).success).toBe(false);
  });
});

test('the sample has a record of every type', () => {
  const types = recordShape.options.map(({ shape }) => shape.type.value);
  expect(new Set(sampleStory.map(({ type }) => type))).toEqual(new Set(types));
});
