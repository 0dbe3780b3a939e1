import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tableJsonSchema } from '../../../src/routing/shape.ts';

const file = new URL('../../../config/routes.schema.json', import.meta.url);

test('the schema an editor reads is the one the parser goes by (make it anew with HOTLINE_UPDATE=1)', async () => {
  const schema = `${JSON.stringify(tableJsonSchema(), null, 2)}\n`;
  if (process.env.HOTLINE_UPDATE === '1') await writeFile(file, schema);
  expect(await readFile(file, 'utf8')).toBe(schema);
});
