/** The shipped table, broken in the ways hands break text. */
import fc from 'fast-check';
import { liveText } from './tables.ts';

const lines = liveText.split('\n');
const anyLine = fc.nat(lines.length - 1);
const splice = (index: number, remove: number, ...put: string[]) => lines.toSpliced(index, remove, ...put).join('\n');
/** Cut, swapped, re-indented, retyped, and odd text put in. */
export const mutation = fc.oneof(
  fc.tuple(anyLine, fc.integer({ min: 1, max: 40 })).map(([index, count]) => splice(index, count)),
  fc.tuple(anyLine, anyLine).map(([index, other]) => splice(index, 1, lines[other] ?? '')),
  fc
    .tuple(anyLine, fc.nat(9))
    .map(([index, indent]) => splice(index, 1, ' '.repeat(indent) + (lines[index] ?? '').trim())),
  fc
    .tuple(
      anyLine,
      fc.constantFrom(
        '\t',
        '- ',
        '[',
        '{',
        '"',
        "'",
        '&a ',
        '*a',
        '!!set ',
        '? ',
        '| ',
        '%',
        '---',
        '<<: *a',
        '\u0000',
        '\ufeff',
      ),
    )
    .map(([index, odd]) => splice(index, 0, odd)),
  fc.tuple(anyLine, fc.string({ unit: 'binary' })).map(([index, odd]) => splice(index, 1, odd)),
  fc
    .tuple(fc.nat(liveText.length), fc.nat(200))
    .map(([start, count]) => liveText.slice(0, start) + liveText.slice(start + count)),
  fc
    .tuple(anyLine, fc.constantFrom('null', '12', '0592', 'true', '[]', '{}', '1.5', '.inf', '2026-01-01', '""'))
    .map(([index, value]) => splice(index, 1, (lines[index] ?? '').replace(/: .*/, `: ${value}`))),
);

const laughs = Array.from(
  { length: 20 },
  (_, index) => `l${index}: &l${index} [${`*l${index - 1}, `.repeat(index === 0 ? 0 : 9)}]`,
).join('\n');

/** And what is no table at all: not text, huge, deep, laughing. */
export const brokenTable: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 20, arbitrary: mutation },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 400 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 400 }) },
  {
    weight: 2,
    arbitrary: fc.nat(liveText.length).map((at) => {
      const bytes = Buffer.from(liveText);
      bytes[at] = 0xff;
      return bytes;
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '['.repeat(50_000),
      '{a: '.repeat(20_000),
      `${liveText}x: ${'- '.repeat(20_000)}\n`,
      'a'.repeat(2_000_000),
      'a: &a [*a]',
      `${laughs}\n${liveText}`,
    ),
  },
);
