import { expect, test } from 'vitest';
import { explain } from '../../../src/routing/explain.ts';
import { parseTable } from '../../../src/routing/parse.ts';
import { route } from '../../../src/routing/plan.ts';
import { goodText, liveTable, tableOf } from './tables.ts';

const table = liveTable();
const at = new Date('2026-10-01T09:00:00+08:00');

test('explain prints the contract, key by key and in its order', () => {
  const routing = route(table, { dialled: '059212333', caller: null, trunk: null }, at);
  const json = JSON.stringify(routing).replace(table.revision, 'R');
  expect(json).toBe(
    '{"revision":"R","dialled":"059212333","number":"12333","unit":"省人社厅","mode":"merged",' +
      '"region":{"id":"xiamen","from":"dialled-area-code"},' +
      '"considered":[{"rule":1,"matched":true,"because":"region is xiamen"}],' +
      '"plan":[{"do":"answer"},{"do":"play","prompt":"merged"},' +
      '{"do":"connect","to":"seats:12333-xiamen","ringSeconds":20},' +
      '{"do":"connect","to":"queue:12345-xiamen","waitSeconds":120},' +
      '{"do":"play","prompt":"busy"},{"do":"hangup","cause":"no-answer"}]}',
  );
});

test('a number outside the table is refused as unallocated and nothing is dialled', () => {
  const routing = route(table, { dialled: '110', caller: null, trunk: null }, at);
  expect(routing).toEqual({
    revision: table.revision,
    dialled: '110',
    number: null,
    plan: [{ do: 'hangup', cause: 'unallocated' }],
  });
});

test('the rules that lost say why', () => {
  const routing = route(table, { dialled: '12333', caller: '05952001234', trunk: null }, at);
  expect(routing.number === null ? [] : routing.considered).toEqual([
    { rule: 1, matched: false, because: 'region is quanzhou, this rule is for xiamen' },
    { rule: 2, matched: false, because: 'region is quanzhou, this rule is for province' },
    { rule: 3, matched: true, because: 'takes every call' },
  ]);
});

test('a limit written in a rule wins over the one of the seats, and that over the default', () => {
  const text = goodText
    .replace(
      '- connect: queue:12345-{region}',
      '- connect: [{ to: seats:12333-xiamen, seconds: 7 }, { to: "queue:12345-{region}", seconds: 33 }]',
    )
    .replace('ring: in-order', 'ring: in-order, ringSeconds: 11');
  const changed = tableOf(text);
  const limits = (caller: string | null) =>
    route(changed, { dialled: '12333', caller, trunk: null }, at).plan.flatMap((step) =>
      step.do === 'connect' ? [step.ringSeconds ?? step.waitSeconds] : [],
    );
  expect(limits(null)).toEqual([7, 33]);
  expect(limits('05922001234')).toEqual([11, 120]);
});

test('a person reads the same story as a program', () => {
  const routing = route(table, { dialled: '059512329', caller: null, trunk: null }, at);
  expect(explain(table, routing).replace(table.revision, 'R').split('\n')).toEqual([
    'dialled 059512329, table R',
    '12329 省住建厅, parallel 双号并行',
    'region quanzhou 泉州: the area code dialled',
    'rules',
    '  rule 1 passed over: region is quanzhou, this rule is for province',
    '  rule 2 decides: takes every call',
    'plan',
    '  1 answer',
    `  2 play merged: ${table.prompts.get('merged')?.text}`,
    '  3 connect queue:12345-quanzhou 泉州12345, skill 12329 only, wait 120 s',
    '  4 connect queue:12345-quanzhou 泉州12345, wait 120 s',
    `  5 play busy: ${table.prompts.get('busy')?.text}`,
    '  6 hang up: no-answer',
  ]);
});

test('the revision changes with the table and with its prefix list, and with nothing else', () => {
  const named = goodText.replace('defaults:', 'mobilePrefixes: p.csv\ndefaults:');
  const revisions = [
    tableOf(goodText).revision,
    tableOf(`${goodText}\n`).revision,
    tableOf(named, '1350000,xiamen\n').revision,
    tableOf(named, '1350001,xiamen\n').revision,
  ];
  expect(new Set(revisions).size).toBe(4);
  expect(tableOf(goodText).revision).toBe(revisions[0]);
  expect(revisions[0]).toMatch(/^[0-9a-f]{16}$/);
});

test('a table read as bytes is the table read as text', () => {
  const { table: ofBytes } = parseTable({ file: 'routes.yaml', text: new TextEncoder().encode(goodText) });
  expect(ofBytes).toEqual(tableOf(goodText));
});

test('a recording declared for a piece of the whisper takes its place', () => {
  const text = goodText.replace('  busy:', '  whisper-region-xiamen: { text: 厦门, file: xiamen.wav }\n  busy:');
  expect(tableOf(text).prompts.get('whisper-region-xiamen')).toEqual({
    id: 'whisper-region-xiamen',
    text: '厦门',
    file: 'xiamen.wav',
  });
});
