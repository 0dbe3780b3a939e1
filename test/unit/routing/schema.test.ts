import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tableJsonSchema } from '../../../src/routing/language/table-schema.ts';

const file = new URL('../../../config/routes.schema.json', import.meta.url);

test('the schema an editor reads is the one the parser goes by (make it anew with HOTLINE_UPDATE=1, then format it)', async () => {
  const schema = tableJsonSchema();
  if (process.env.HOTLINE_UPDATE === '1') await writeFile(file, JSON.stringify(schema, null, 2));
  const written: unknown = JSON.parse(await readFile(file, 'utf8'));
  // The formatter owns the white space; keys and their order are ours.
  expect(JSON.stringify(written)).toBe(JSON.stringify(schema));
});

test('every key is explained in English and in Chinese', () => {
  const missing: string[] = [];
  const visit = (node: unknown, path: string, inherited: boolean): void => {
    if (typeof node !== 'object' || node === null) return;
    const { description, properties, ...rest } = node as Record<string, unknown>;
    const text = typeof description === 'string' ? description : '';
    if (path.includes('properties/') && !inherited && !(/[a-z]{3}/i.test(text) && /\p{Script=Han}/u.test(text)))
      missing.push(path);
    for (const [key, child] of Object.entries(properties ?? {})) visit(child, `${path}/properties/${key}`, false);
    for (const key of ['items', 'additionalProperties']) visit(rest[key], `${path}/${key}`, true);
    for (const [index, child] of (Array.isArray(rest.anyOf) ? rest.anyOf : []).entries())
      visit(child, `${path}/${index}`, true);
  };
  visit(tableJsonSchema(), '', true);
  expect(missing).toEqual([]);
});
