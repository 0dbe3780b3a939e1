/** The table language, the part that says when: service hours, caller lists, and the conditions of a rule. */
import { z } from 'zod';
import { PUNCTUATION } from '../numbering.ts';
import { isMoment } from '../time/moments.ts';
import { hoursKeyForm, hoursValueForm, wrongHoursKey, wrongHoursValue } from './hours-words.ts';
import { nameSchema, oneOrMore } from './schema-parts.ts';
import { quoted } from './spelling.ts';

/** Quotes the value that zod refused. */
const quoting = (words: (written: string) => string) => ({
  error: ({ input }: { readonly input?: unknown }) => words(String(input)),
});

const hoursKey = z.string().regex(hoursKeyForm, quoting(wrongHoursKey));

const hoursValue = z
  .string()
  .regex(hoursValueForm, quoting(wrongHoursValue))
  .describe(
    'Times (08:30-12:00, 14:30-18:00; 22:00-06:00 goes over midnight), closed, or for a date: as mon. 时段、closed，或 as mon（调休日按周一）',
  );

export const hoursSchema = z
  .record(hoursKey, hoursValue)
  .describe(
    'Days of the week, and dates that are otherwise; a day not named is closed. 每周时段与例外日期，未写的日子为不服务',
  );

/** Digits with + or 00 before them, written with spaces, hyphens and brackets or without, and * at the end. */
const callerForm = new RegExp(
  `^[${PUNCTUATION}]*\\+?[${PUNCTUATION}]*[0-9](?:[${PUNCTUATION}]*[0-9]){1,25}[${PUNCTUATION}]*\\*?$`,
);

const wrongCaller = (written: string): string => {
  const plain = written.normalize('NFKC').trim();
  const hint = callerForm.test(plain) ? `; did you mean \`${plain}\`?` : '';
  return `${quoted(written)}: write the digits of a number, or the beginning of numbers and * at its end${hint}`;
};

const caller = z
  .string()
  .max(40)
  .regex(callerForm, quoting(wrongCaller))
  .describe('A whole number, or the beginning of numbers and *. 完整号码，或号码开头加 *');

export const callersSchema = z
  .array(caller)
  .min(1)
  .describe('Numbers of one list, in quotes. 主叫名单中的号码（加引号）');

export const moment = z
  .string()
  .max(40)
  .refine(
    isMoment,
    quoting(
      (written) =>
        `${quoted(written)} is no time of the calendar; write 2026-10-01, 2026-10-01T08:30 or 2026-10-01T08:30+08:00`,
    ),
  );

/** What a rule may ask of a call. */
export const whenSchema = z.strictObject({
  region: oneOrMore(nameSchema).optional().describe('Regions this rule is for. 适用地区'),
  trunk: oneOrMore(nameSchema).optional().describe('Trunks the call comes in on. 来话中继'),
  hours: oneOrMore(nameSchema)
    .optional()
    .describe('Names under hours; the rule holds while one of them is open. 服务时间名称，时段内适用'),
  callers: oneOrMore(nameSchema).optional().describe('Names under callers; one of them lists the caller. 主叫名单名称'),
  from: moment
    .optional()
    .describe("First moment the rule holds: a date or time in the table's time zone. 生效起始日期或时间（含）"),
  until: moment
    .optional()
    .describe('First moment it holds no more: until 2026-10-01 ends with 30 September. 失效日期或时间（不含）'),
});

export type HoursSchema = z.infer<typeof hoursSchema>;
export type CallersSchema = z.infer<typeof callersSchema>;
export type WhenSchema = z.infer<typeof whenSchema>;
