/** Tables that tests route by. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTable } from '../../../src/routing/parse.ts';
import type { Table } from '../../../src/routing/table.ts';

const root = join(import.meta.dirname, '../../..');

export const liveText = readFileSync(join(root, 'config/routes.yaml'), 'utf8');
export const goodText = readFileSync(join(root, 'test/fixtures/tables/good.yaml'), 'utf8');

/** Small, and with every part of the language. */
export const wholeText = readFileSync(join(root, 'test/fixtures/tables/whole.yaml'), 'utf8');

export const tableOf = (text: string, csv?: string): Table => {
  const mobilePrefixes = csv === undefined ? undefined : { file: 'prefixes.csv', text: csv };
  const { table, problems } = parseTable({ file: 'routes.yaml', text, mobilePrefixes });
  if (!table) throw new Error(`this table should be good: ${JSON.stringify(problems)}`);
  return table;
};

/** The table that ships. */
export const liveTable = (): Table => tableOf(liveText);
