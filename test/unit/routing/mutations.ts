/** Tables, broken in the ways hands break text. */
import fc from 'fast-check';
import { liveText } from './tables.ts';

/** Ways in which hands and programs break a text. */
export const mutationsOf = (text: string): fc.Arbitrary<string> => {
  const lines = text.split('\n');
  const anyLine = fc.nat(lines.length - 1);
  const splice = (index: number, remove: number, ...put: string[]) => lines.toSpliced(index, remove, ...put).join('\n');
  const odd = ['\t', '- ', '[', '{', '"', "'", '&a ', '*a', '!!set ', '? ', '| ', '%', '---', '<<: *a', '\0', '\ufeff'];
  const values = ['null', '12', '0592', 'true', '[]', '{}', '1.5', '.inf', '2026-01-01', '""', '[a, b]', '{ a: b }'];
  const retype = (line: string, value: string) => line.replace(/(: |- )(?!.*\1).*/, `$1${value}`);
  const words = [...new Set(text.match(/[\w-]{3,}/g))];
  return fc.oneof(
    fc.tuple(anyLine, fc.integer({ min: 1, max: 40 })).map(([index, count]) => splice(index, count)),
    fc.tuple(anyLine, anyLine).map(([index, other]) => splice(index, 1, lines[other] ?? '')),
    fc.tuple(anyLine, anyLine).map(([index, other]) =>
      lines
        .with(index, lines[other] ?? '')
        .with(other, lines[index] ?? '')
        .join('\n'),
    ),
    fc
      .tuple(anyLine, fc.nat(9))
      .map(([index, indent]) => splice(index, 1, ' '.repeat(indent) + (lines[index] ?? '').trim())),
    fc.tuple(anyLine, fc.constantFrom(...odd)).map(([index, put]) => splice(index, 0, put)),
    fc.tuple(anyLine, fc.string({ unit: 'binary' })).map(([index, put]) => splice(index, 1, put)),
    fc
      .tuple(fc.nat(text.length), fc.nat(200))
      .map(([start, count]) => text.slice(0, start) + text.slice(start + count)),
    fc
      .tuple(anyLine, fc.constantFrom(...values))
      .map(([index, value]) => splice(index, 1, retype(lines[index] ?? '', value))),
    fc.tuple(fc.constantFrom(...words), fc.constantFrom(...words)).map(([word, other]) => text.replace(word, other)),
    fc.tuple(anyLine, fc.integer({ min: 20, max: 60 })).map(([index, depth]) => splice(index, 0, '['.repeat(depth))),
    fc
      .tuple(anyLine, fc.integer({ min: 20, max: 60 }))
      .map(([index, times]) => splice(index, 0, ...Array.from({ length: times }, () => lines[index] ?? ''))),
  );
};

const laughs = Array.from(
  { length: 20 },
  (_, index) => `l${index}: &l${index} [${`*l${index - 1}, `.repeat(index === 0 ? 0 : 9)}]`,
).join('\n');

/** And what is no table at all: not text, huge, deep, laughing. */
export const brokenTable: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 20, arbitrary: mutationsOf(liveText) },
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
