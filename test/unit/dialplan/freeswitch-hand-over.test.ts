/** What FreeSWITCH's hand-over dialplan, which is written by hand, lets in. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dialledShapes } from '../../../src/dialplan/number-shapes.ts';
import { numbers, table } from './any-call.ts';
import { readDialplan } from './xml-walk.ts';

const [extension] = readDialplan(await readFile('dialplan/freeswitch/hotline.xml', 'utf8')).get('hotline-in') ?? [];
const [first] = extension?.children ?? [];
const letIn = new RegExp(first?.attributes.get('expression') ?? '');

test('every way to write a number of the table is let in, with separators too', () => {
  const written = numbers.flatMap((number) => dialledShapes(table, number));
  expect([...written, '+86-592-12333', '0592.12333', '0(592)12333'].filter((each) => !letIn.test(each))).toEqual([]);
});

test('whatever else is dialled stays one word to `transfer`, and says nothing to the dialplan', () => {
  const dialled = fc.oneof(
    fc.string(),
    fc.string().map((text) => `12333${text}`),
    fc.constant('1 XML features'),
  );
  fc.assert(
    fc.property(dialled, (text) => {
      if (letIn.test(text)) expect(text).toMatch(/^[+0-9().-]{1,40}$/);
    }),
    {
      examples: [
        ['1 XML features'],
        ['1%20XML%20features'],
        ["1' XML features '"],
        ['1,2'],
        ['1$' + '{uuid}'],
        ['1\n2'],
      ],
    },
  );
});
