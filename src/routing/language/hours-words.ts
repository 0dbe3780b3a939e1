/** What is wrong with a line of service hours, quoted as it is written, and what was probably meant. */

import { weekdays } from '../time/zone-clock.ts';
import { didYouMean, MOST_QUOTED, quoted } from './spelling.ts';

const weekday = '(?:mon|tue|wed|thu|fri|sat|sun)';
const weekdayList = `${weekday}(?:-${weekday})?(?:, ?${weekday}(?:-${weekday})?)*`;
const date = '\\d{4}-\\d{2}-\\d{2}';
const time = '(?:[01]\\d|2[0-3]):[0-5]\\d';
const span = `${time}-(?:${time}|24:00)`;

/** Days of the week, a date, or dates. */
export const hoursKeyForm = new RegExp(`^(?:${weekdayList}|${date}(?:\\.\\.${date})?)$`);
/** Times, `closed`, or `as mon`. */
export const hoursValueForm = new RegExp(`^(?:closed|as ${weekday}|${span}(?:, ?${span})*)$`);

const HOW_KEYS = 'write days (mon-fri, sat), a date (2026-10-10) or dates (2026-10-01..2026-10-08)';
const HOW_VALUES = 'write times (08:30-12:00, 14:30-18:00), closed, or for a date as mon';

/** Full-width digits and signs, as input methods make them, and the dashes of word processors. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[–—−~〜]|\bto\b|至/g, '-')
    .replaceAll(/[、;]/g, ',')
    .replaceAll(/\s*-\s*/g, '-')
    .replaceAll(/\s*,\s*/g, ', ')
    .trim();

const padded = (text: string): string =>
  text.replaceAll(/(?<![\d:])(\d{1,2})[:.](\d{2})(?!\d)/g, (_, hour: string, minute: string) =>
    [hour.padStart(2, '0'), minute].join(':'),
  );

const chineseDays = '日一二三四五六';

const dayNames = (text: string): string =>
  text
    .replaceAll(/(?:周|星期)([日一二三四五六天])/g, (_, day: string) => weekdays[chineseDays.indexOf(day)] ?? 'sun')
    .replaceAll(/\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*/g, '$1')
    .replaceAll(/\bweekdays?\b|\bworkdays?\b/g, 'mon-fri')
    .replaceAll(/\bweekends?\b/g, 'sat-sun');

const synonyms = (text: string): string =>
  text
    .replace(/^(?:no|none|off|close|holiday|休|休息|放假|关闭|不服务)$/, 'closed')
    .replace(/^(?:24h|24\/7|7[x×*]24|all day|open|always|全天)$/, '00:00-24:00');

const dates = (text: string): string =>
  text
    .replaceAll(/(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)/g, (_, year: string, month: string, day: string) =>
      [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-'),
    )
    .replace(/(\d{4}-\d{2}-\d{2})\s*(?:-|\.{2,}|…|\/)\s*(\d{4}-\d{2}-\d{2})/, '$1..$2');

/** The text in the form asked for, where it can be corrected into it. */
const meant = (text: string, form: RegExp, ways: readonly ((text: string) => string)[]): string | undefined =>
  ways.map((way) => way(plain(text))).find((candidate) => form.test(candidate));

const hint = (suggestion: string | undefined, word: string, known: readonly string[]): string =>
  suggestion === undefined ? didYouMean(word, known) : `; did you mean \`${suggestion}\`?`;

/** @param key as it is written; its problem begins with it */
export const wrongHoursKey = (key: string): string => {
  if (hoursValueForm.test(key)) return 'times, where a day should be: in { } times with a comma need quotes';
  const suggestion = key.length > MOST_QUOTED ? undefined : meant(key, hoursKeyForm, [dates, dayNames]);
  return `${HOW_KEYS}${hint(suggestion, plain(key), weekdays)}`;
};

const isTime = new RegExp(`^(?:${time}|24:00)$`);

/** The first time that the day does not have, where nothing else is wrong. */
const noTime = (text: string): string | undefined => {
  const parts = text.split(/, ?/);
  if (!parts.every((part) => /^\d{2}:\d{2}-\d{2}:\d{2}$/.test(part))) return undefined;
  return parts.flatMap((part) => part.split('-')).find((each) => !isTime.test(each));
};

/** @param value as it is written */
export const wrongHoursValue = (value: string): string => {
  const wrong = noTime(padded(plain(value)));
  if (wrong !== undefined) return `${quoted(value)}: the day has no ${wrong}; ${HOW_VALUES}`;
  const suggestion =
    value.length > MOST_QUOTED ? undefined : meant(value, hoursValueForm, [padded, dayNames, synonyms]);
  return `${quoted(value)}: ${HOW_VALUES}${hint(suggestion, plain(value), ['closed', ...weekdays.map((day) => `as ${day}`)])}`;
};

/** @param found what is no text at all: a number, a list, nothing */
export const hoursNotText = (found: string): string => `found ${found}; ${HOW_VALUES}`;
