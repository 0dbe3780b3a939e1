import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DestinationId } from '../../../src/routing/table.ts';
import { fallbackStep, type TargetAsked, transfersFrom, transferTarget } from '../../../src/routing/transfers.ts';
import { transferPieces } from '../../../src/routing/whispers.ts';
import { liveTable, liveText, tableOf } from './tables.ts';

const table = liveTable();
const at = new Date('2026-10-01T02:00:00Z');
const agent12345: DestinationId = 'queue:12345-xiamen';

const ask = (to: string, more: Partial<TargetAsked> = {}) =>
  transferTarget(table, { from: agent12345, to, region: 'xiamen', number: '12301', at, ...more });
const target = (to: string, more: Partial<TargetAsked> = {}): string => {
  const found = ask(to, more);
  return 'step' in found ? found.step.to : found.refused;
};

describe('a 12345 agent', () => {
  test.each([
    ['seats:12348', 'xiamen', 'seats:12348'],
    ['12348', 'xiamen', 'seats:12348'],
    ['12366', 'xiamen', 'seats:12366-xiamen'],
    ['12366', 'putian', 'seats:12366-fujian'],
    ['12360', 'zhangzhou', 'seats:12360-xiamen-customs'],
    ['12360', 'fuzhou', 'seats:12360-fuzhou-customs'],
    ['12333', 'xiamen', 'seats:12333-xiamen'],
    ['12333', 'fuzhou', 'seats:12333-xiamen'], // the only seats that 12333 keeps
    ['12329', 'xiamen', 'seats:12329-province'],
    ['12350', 'nanping', 'seats:12350-duty'],
  ])('who asks for %s for a caller from %s reaches %s', (to, region, expected) => {
    expect(target(to, { region })).toBe(expected);
  });

  test.each(['12345', 'queue:12345-fuzhou', 'queue:12345-xiamen', '12301', '12369'])(
    'may not hand on to another queue by %s',
    (to) => {
      expect(target(to)).toBe('NOT_ALLOWED');
    },
  );

  test('is told how long it will ring', () => {
    expect(ask('12305')).toEqual({ step: { do: 'connect', to: 'seats:12305', ringSeconds: 12 } });
  });
});

describe('an agent of retained seats', () => {
  const from: DestinationId = 'seats:12348';

  test.each([
    ['12345', 'xiamen', '12348', 'queue:12345-xiamen'],
    ['12345', 'province', '12333', 'queue:12345-fuzhou'], // as the rules of 12333 say
    ['12345', 'pingtan', '12348', 'queue:12345-pingtan'],
    ['queue:12345-ningde', 'xiamen', '12348', 'queue:12345-ningde'],
    ['12301', 'xiamen', '12348', 'queue:12345-xiamen'], // keeps no seats: its calls go to 12345
  ])('who asks for %s for a caller from %s who dialled %s reaches %s', (to, region, number, expected) => {
    expect(target(to, { from, region, number })).toBe(expected);
  });

  test.each(['12366', 'seats:12366-xiamen', '12350', 'seats:12350-duty', 'seats:12348', '12348'])(
    'may not hand on to other seats by %s, nor is the caller sent to their overflow',
    (to) => {
      expect(target(to, { from })).toBe('NOT_ALLOWED');
    },
  );
});

test('seats of several regions are ambiguous where none is for the caller’s', () => {
  const more = liveText.replace(
    '  12350-duty:\n    label: 应急值班电话\n    endpoints: [12350-duty-1]\n    transferOnly: true\n',
    ['xiamen', 'fuzhou']
      .map((region) => `  12350-${region}:\n    label: 值班\n    endpoints: [d-${region}]\n    transferOnly: true\n`)
      .join(''),
  );
  expect(more).not.toBe(liveText);
  const asked = { from: agent12345, to: '12350', number: '12301', at };
  expect(transferTarget(tableOf(more), { ...asked, region: 'xiamen' })).toMatchObject({
    step: { to: 'seats:12350-xiamen' },
  });
  expect(transferTarget(tableOf(more), { ...asked, region: 'putian' })).toEqual({ refused: 'AMBIGUOUS_TARGET' });
});

test('seats outside their service hours are not rung', () => {
  const text = liveText
    .replace('\nregions:\n', '\nhours:\n  office:\n    mon-fri: 08:30-12:00\n\nregions:\n')
    .replace('  12350-duty:\n', '  12350-duty:\n    hours: office\n');
  const asked = { from: agent12345, to: '12350', region: 'xiamen', number: '12301' };
  const open = transferTarget(tableOf(text), { ...asked, at: new Date('2026-11-04T01:00:00Z') });
  expect(open).toMatchObject({ step: { to: 'seats:12350-duty' } });
  const closed = transferTarget(tableOf(text), { ...asked, at: new Date('2026-11-04T11:00:00Z') });
  expect(closed).toEqual({ refused: 'TARGET_CLOSED' });
});

test('a caller whom an agent has lost goes to the 12345 queue of the region', () => {
  const fallback = (region: string, number: string) => fallbackStep(table, { region, number, at })?.to;
  expect(fallback('xiamen', '12348')).toBe('queue:12345-xiamen');
  expect(fallback('province', '12393')).toBe('queue:12345-fuzhou');
  expect(fallback('pingtan', '12366')).toBe('queue:12345-pingtan');
});

describe('nothing outside the table is ever reached', () => {
  const hostile = [
    '',
    ' ',
    '110',
    '13800000000',
    '013800000000',
    '+8613800000000',
    '16800000000', // premium
    '12366 ',
    ' 12366',
    '123661',
    '12366#',
    '12366,,1380000',
    '12366p1',
    '12366w1',
    '12366;ext=1',
    '12366@trunk',
    '12366@192.0.2.1',
    'sip:12366@192.0.2.1',
    'sips:12366@192.0.2.1;transport=tls',
    'tel:12366',
    '12366\r\nX-Evil: 1',
    '12366%0d%0aRefer-To:%20sip:1@192.0.2.1',
    '12366?Replaces=1',
    '１２３６６',
    '١٢٣٦٦',
    '12\u200b366',
    'seats:12366-xiamen@trunk',
    'seats:12366-XIAMEN',
    'seats:nobody',
    'seats:',
    'queue:',
    'queue:12345-{region}',
    'queue:12345-*',
    'seats:*',
    '*',
    '*0',
    '__proto__',
    'constructor',
    'null',
    'Local/s@default',
    '&PJSIP/1',
    '12366&PJSIP/1',
    '9'.repeat(100_000),
  ];

  test.each(hostile)('by %j', (to) => {
    for (const from of [...table.queues.keys(), ...table.seats.keys()] as DestinationId[]) {
      expect(target(to, { from })).toBe('UNKNOWN_TARGET');
    }
  });

  test('by any text, from any destination, for any region and number', () => {
    const known = [...table.queues.keys(), ...table.seats.keys(), ...table.numbers.keys(), '12345'];
    const garnish = fc.constantFrom('', ' ', '\r\n', '@trunk', '0', '*', '#', '\u0000', '-xiamen', '?x=1', '{region}');
    const to = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...known),
      fc.tuple(garnish, fc.constantFrom(...known), garnish).map((parts) => parts.join('')),
    );
    const from = fc.constantFrom(...(table.transfers.keys() as Iterable<DestinationId>), 'seats:nobody' as const);
    const region = fc.oneof(fc.constantFrom(...table.regions.keys()), fc.string());
    const number = fc.oneof(fc.constantFrom(...table.numbers.keys()), fc.string());
    fc.assert(
      fc.property(to, from, region, number, (text, by, where, hotline) => {
        const found = ask(text, { from: by, region: where, number: hotline });
        if (!('step' in found)) return;
        expect(transfersFrom(table, by)).toContain(found.step.to);
        expect(known).toContain(text); // to the letter
      }),
      { numRuns: 2_000 },
    );
  });
});

test('what agents are told about handing on is in every table, in words and not twice', () => {
  for (const { id, text } of transferPieces()) {
    expect(table.prompts.get(id)?.text).toBe(text);
    expect(text).toMatch(/^[\p{Script=Han}，]+$/u);
  }
  expect(new Set(transferPieces().map(({ text }) => text)).size).toBe(transferPieces().length);
});

test('a recording declared under the id of such a prompt takes its place', () => {
  const declared = liveText.replace(
    '\nprompts:\n',
    '\nprompts:\n  whisper-hand-over-busy: { text: 忙, file: b.wav }\n',
  );
  expect(tableOf(declared).prompts.get('whisper-hand-over-busy')).toMatchObject({ file: 'b.wav' });
});
