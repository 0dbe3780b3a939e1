/** Tables, and calls of every shape, that a fallback dialplan is compared with `route` by. */
import fc from 'fast-check';
import type { Table } from '../../../src/routing/table.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';

export const { table } = (await loadTable('config/routes.yaml')) as { table: Table };

export const withPrefixes: Table = {
  ...table,
  trunks: new Map([...table.trunks, ['xiamen-e1', { id: 'xiamen-e1', region: 'xiamen' }]]),
  mobilePrefixes: new Map([
    ['1380592', 'xiamen'],
    ['1380593', 'xiamen'],
    ['1380594', 'ningde'],
    ['1990000', 'pingtan'],
  ]),
};

export const numbers = [...table.numbers.keys()];

const areaCodes = ['0591', '0592', '0597', '010', '592', '597', ''];
const countries = ['', '86', '+86', '0086', '+', '00', '0', '8686'];
const digits = (least: number, most: number) => fc.stringMatching(new RegExp(`^[0-9]{${least},${most}}$`));
const local = fc.oneof(digits(0, 11), fc.constantFrom('13805921234', '13805931234', '19900001234', '13900001234'));

export const dialled = fc
  .tuple(fc.constantFrom(...countries), fc.constantFrom(...areaCodes), fc.constantFrom(...numbers, '99999', '1233'))
  .map((parts) => parts.join(''));
export const caller = fc.oneof(
  fc.tuple(fc.constantFrom(...countries), fc.constantFrom(...areaCodes), local).map((parts) => parts.join('')),
  fc.constantFrom('', 'anonymous', '+8613805941234', '013805921234'),
);
export const trunk = fc.constantFrom('', 'exchange', 'pingtan', 'xiamen-e1', 'unknown');
