/**
 * The strings that carriers may deliver for a number or a caller. They are candidates: `route` decides what each means, and
 * those that it does not recognise are not in the dialplan. Pure.
 */
import type { Table } from '../routing/table.ts';

const COUNTRY_PREFIXES = ['', '86', '+86', '0086'] as const;

/** Longest local number worth a line: numbering reads up to 8 digits after an area code. */
const LONGEST_LOCAL = 10;

/** An area code with its 0 and without: carriers drop it when a country code stands before. */
const withAndWithoutZero = (areaCode: string): readonly string[] => [areaCode, areaCode.replace(/^0/, '')];

export const areaCodesOf = (table: Table): readonly string[] => [
  ...new Set([...table.regions.values()].flatMap(({ areaCode }) => areaCode ?? [])),
];

/** Every string that may stand for one hotline number: `12333`, `059212333`, `+8659212333` … */
export const dialledShapes = (table: Table, number: string): readonly string[] =>
  ['', ...areaCodesOf(table).flatMap(withAndWithoutZero)].flatMap((areaCode) =>
    COUNTRY_PREFIXES.map((country) => `${country}${areaCode}${number}`),
  );

/** A caller pattern of Asterisk's without its `_`, and a caller that matches it. */
export interface CallerShape {
  readonly pattern: string;
  readonly sample: string;
}

/** Callers with a fixed line behind an area code, one shape for each length. */
export const fixedLineShapes = (areaCode: string): readonly CallerShape[] =>
  COUNTRY_PREFIXES.flatMap((country) =>
    withAndWithoutZero(areaCode).flatMap((code) =>
      Array.from({ length: LONGEST_LOCAL }, (_, index) => ({
        pattern: `${country}${code}${'X'.repeat(index + 1)}`,
        sample: `${country}${code}${'2'.repeat(index + 1)}`,
      })),
    ),
  );

/** Digits of a mobile prefix that name its context in a dialplan: adding a line to a context costs by its length. */
const START_DIGITS = 4;

/** Mobile prefixes by how they start: `1380` → `1380592` and its neighbours. */
export const prefixesByStart = (table: Table): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const starts = new Map<string, Map<string, string>>();
  for (const [prefix, region] of table.mobilePrefixes) {
    const start = prefix.slice(0, START_DIGITS);
    const prefixes = starts.get(start) ?? new Map<string, string>();
    starts.set(start, prefixes.set(prefix, region));
  }
  return starts;
};

/** Mobile callers whose number starts as a 7-digit prefix does. */
export const mobileShapes = (prefix: string): readonly CallerShape[] =>
  COUNTRY_PREFIXES.flatMap((country) =>
    ['', '0'].map((zero) => ({
      pattern: `${country}${zero}${prefix.slice(0, START_DIGITS)}${'X'.repeat(11 - START_DIGITS)}`,
      sample: `${country}${zero}${prefix}0000`,
    })),
  );

/** Prefixes that differ in the last digit only, as one pattern: `1380592`, `1380593` → `_138059[23]`. */
export const foldPrefixes = (prefixes: ReadonlyMap<string, string>): readonly { exten: string; region: string }[] => {
  const digits = new Map<string, string>();
  for (const [prefix, region] of prefixes) {
    const key = `${prefix.slice(0, -1)} ${region}`;
    digits.set(key, `${digits.get(key) ?? ''}${prefix.slice(-1)}`);
  }
  return Array.from(digits, ([key, last]) => {
    const [start = '', region = ''] = key.split(' ');
    const exten = last.length === 1 ? `${start}${last}` : `_${start}[${[...last].sort().join('')}]`;
    return { exten, region };
  }).sort((one, other) => (one.exten < other.exten ? -1 : 1));
};
