/**
 * Numbers as carriers deliver them, normalised once, and lists of them. Forms: design §3, and the national numbering plan:
 * trunk prefix 0, area codes 0XX and 0XXX, mobiles of 11 digits from 13 to 19, country code 86. Nothing here throws.
 */

import type { CallerList, HotlineNumber, Region } from './table.ts';

/** What numbering needs of a table. */
export interface NumberingPlan {
  readonly regions: ReadonlyMap<string, Region>;
  readonly numbers: ReadonlyMap<string, HotlineNumber>;
}

export interface Dialled {
  readonly number: string;
  /** With its 0, e.g. `0592`; undefined when none was dialled. */
  readonly areaCode: string | undefined;
}

export type Caller =
  | { readonly kind: 'fixed'; readonly areaCode: string }
  /** `prefix`: the first 7 digits, which name the place of issue. */
  | { readonly kind: 'mobile'; readonly prefix: string }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'unknown' };

/** What people and carriers put between the digits of a number: the inside of a character class. */
export const PUNCTUATION = '\\s().\\u00a0-';

const longestNumber = 40;
const punctuation = new RegExp(`[${PUNCTUATION}]`, 'g');
const withheld = /^(?:|anonymous|unknown|private|restricted|unavailable|withheld)$/i;

/** Digits with at most one leading +, or undefined. */
const clean = (raw: unknown): string | undefined => {
  if (typeof raw !== 'string' || raw.length > longestNumber) return undefined;
  const digits = raw.replace(punctuation, '');
  return /^\+?[0-9]+$/.test(digits) ? digits : undefined;
};

/**
 * The ways to read a number as a national one, likeliest first: as it stands, then with a country code taken off.
 * After `+` or `00` only our country's code makes sense.
 */
const nationalReadings = (digits: string): readonly string[] => {
  if (digits.startsWith('+86')) return [digits.slice(3)];
  if (digits.startsWith('0086')) return [digits.slice(4)];
  if (digits.startsWith('+') || digits.startsWith('00')) return [];
  return digits.startsWith('86') ? [digits, digits.slice(2)] : [digits];
};

/** Takes an area code of the table off the front; carriers drop its 0 when a country code stands before it. */
const splitAreaCode = (national: string, plan: NumberingPlan): { areaCode: string; rest: string } | undefined => {
  const withZero = national.startsWith('0') ? national : `0${national}`;
  for (const { areaCode } of plan.regions.values()) {
    if (areaCode !== undefined && withZero.startsWith(areaCode)) {
      return { areaCode, rest: withZero.slice(areaCode.length) };
    }
  }
  return undefined;
};

/** The hotline number a dialled string means, and the area code dialled with it; null: not one of ours. */
export const readDialled = (raw: string | null, plan: NumberingPlan): Dialled | null => {
  const digits = clean(raw);
  if (digits === undefined) return null;
  for (const national of nationalReadings(digits)) {
    if (plan.numbers.has(national)) return { number: national, areaCode: undefined };
    const split = splitAreaCode(national, plan);
    if (split && plan.numbers.has(split.rest)) return { number: split.rest, areaCode: split.areaCode };
  }
  return null;
};

const readMobile = (national: string): Caller | undefined => {
  const digits = national.startsWith('0') ? national.slice(1) : national;
  return /^1[3-9][0-9]{9}$/.test(digits) ? { kind: 'mobile', prefix: digits.slice(0, 7) } : undefined;
};

/** With its 0 an area code may stand before a short number (a hotline calling back); without, only before 7 or 8 digits. */
const readFixed = (national: string, plan: NumberingPlan): Caller | undefined => {
  const split = splitAreaCode(national, plan);
  if (!split) return undefined;
  const shortest = national.startsWith('0') ? 3 : 7;
  const fits = split.rest.length >= shortest && split.rest.length <= 8;
  return fits ? { kind: 'fixed', areaCode: split.areaCode } : undefined;
};

/** What a caller's number says about where the caller is. */
export const readCaller = (raw: string | null, plan: NumberingPlan): Caller => {
  if (raw === null || raw === undefined) return { kind: 'withheld' };
  if (typeof raw === 'string' && withheld.test(raw.slice(0, longestNumber).trim())) return { kind: 'withheld' };
  const digits = clean(raw);
  if (digits === undefined) return { kind: 'unknown' };
  for (const national of nationalReadings(digits)) {
    const read = readMobile(national) ?? readFixed(national, plan);
    if (read) return read;
  }
  return { kind: 'unknown' };
};

/** After a country code the area code comes without its 0: put it back, but not before a mobile or a short number. */
const withTrunkPrefix = (national: string, isShort: boolean): string =>
  isShort || /^(0|1[3-9])/.test(national) ? national : `0${national}`;

const shortestWithAreaCode = 9;

/**
 * A caller's number in the one form that lists are kept in: area code with its 0, mobile of 11 digits, abroad with 00.
 * null: withheld, or no number.
 */
export const normalCaller = (raw: string | null): string | null => {
  const digits = clean(raw);
  if (digits === undefined) return null;
  if (/^0?1[3-9][0-9]{9}$/.test(digits)) return digits.replace(/^0/, '');
  const [, national] = /^(?:\+|00)86(.+)$/.exec(digits) ?? /^86(.{9,})$/.exec(digits) ?? [];
  if (national !== undefined) {
    const mobile = /^0?(1[3-9][0-9]{9})$/.exec(national)?.[1];
    return mobile ?? withTrunkPrefix(national, national.length < shortestWithAreaCode);
  }
  // Ten or eleven digits that are neither a mobile nor 400/800: an area code that lost its 0.
  if (/^(?:(?![48]00)[2-9][0-9]{9,10}|10[0-9]{8})$/.test(digits)) return `0${digits}`;
  return digits.replace(/^\+/, '00');
};

/** The beginning of callers' numbers, in the same form. */
export const normalStart = (raw: string): string => {
  const digits = raw.replace(punctuation, '');
  const [, national] = /^(?:\+|00)86(.*)$/.exec(digits) ?? [];
  return national === undefined ? digits.replace(/^\+/, '00') : withTrunkPrefix(national, national === '');
};

/** Digits shown of a caller's number to people who only need to count calls. */
const SHOWN_IN_FRONT = 4;
const SHOWN_AT_THE_END = 4;
/** In a number of up to this length, both ends together would show the whole of it. */
const SHORT = SHOWN_IN_FRONT + SHOWN_AT_THE_END + 1;

/** `05912344567` → `0591****4567`; a short number shows its first two digits only. */
export const masked = (caller: string | null): string => {
  if (caller === null || caller === '') return 'withheld';
  if (caller.length <= SHORT) return `${caller.slice(0, 2)}****`;
  return `${caller.slice(0, SHOWN_IN_FRONT)}****${caller.slice(-SHOWN_AT_THE_END)}`;
};

/** A named list of callers, compiled: whole numbers, and beginnings of numbers (`0591*`). Both sides are normalised alike. */
export const compileCallers = (id: string, entries: readonly string[]): CallerList => {
  const numbers = new Set<string>();
  const starts = new Map<number, Set<string>>();
  for (const entry of entries) {
    if (!entry.endsWith('*')) {
      numbers.add(normalCaller(entry) ?? entry);
      continue;
    }
    const start = normalStart(entry.slice(0, -1));
    starts.set(start.length, (starts.get(start.length) ?? new Set()).add(start));
  }
  return { id, numbers, starts };
};

/** @param caller as `normalCaller` gives it; null: withheld, and in no list */
export const isListed = ({ numbers, starts }: CallerList, caller: string | null): boolean => {
  if (caller === null) return false;
  if (numbers.has(caller)) return true;
  for (const [length, beginnings] of starts) if (beginnings.has(caller.slice(0, length))) return true;
  return false;
};
