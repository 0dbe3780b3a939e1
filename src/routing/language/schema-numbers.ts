/** The table language, the part that says where calls go: numbers, their rules, and the table's own expectations. */
import { z } from 'zod';
import { line, nameSchema, oneOrMore } from './schema-parts.ts';
import { moment, whenSchema } from './schema-when.ts';

/** A hotline number as callers know it: no area code. */
export const hotlineSchema = z.string().regex(/^[1-9][0-9]{2,11}$/, 'a hotline number: 3 to 12 digits, no area code');

const destination = z
  .string()
  .max(100)
  .regex(/^(queue|seats):\S+$/, 'write queue:<name> or seats:<name>')
  .describe('queue:<name> or seats:<name>; {region} becomes the region of the call. 目的地');

const skill = nameSchema.describe('Only members with this skill. 仅限该技能的专席');

const target = z.union([
  destination,
  z.strictObject({
    to: destination,
    skill: skill.optional(),
    seconds: z.int().min(1).max(3600).optional().describe('Ring or wait seconds here only. 仅此处的振铃或等待秒数'),
  }),
]);

export const connectSchema = oneOrMore(target).describe(
  'Where the call is connected, tried in order. 依次尝试的目的地',
);

export const ruleSchema = z.strictObject({
  when: whenSchema
    .optional()
    .describe('All of it must hold; without it the rule takes every call. 条件，缺省为全部来话'),
  connect: connectSchema,
});

export const numberSchema = z.strictObject({
  unit: line(60).describe('Agency that owns the number. 责任单位'),
  mode: z
    .enum(['merged', 'parallel', 'subcentre'])
    .describe('merged 整体并入 · parallel 双号并行 · subcentre 设分中心'),
  because: line(200)
    .optional()
    .describe('Why a merged number keeps seats; asked for there only. 整体并入而仍保留座席的理由'),
  prompt: nameSchema
    .optional()
    .describe('Prompt the caller hears first; leave out for none. 首先播放的语音，缺省不播放'),
  connect: connectSchema.optional(),
  rules: z
    .array(ruleSchema)
    .min(1)
    .optional()
    .describe(
      'First rule that matches decides; use instead of connect. 规则，自上而下首个匹配者生效，与 connect 二选一',
    ),
});

export const expectationSchema = z.strictObject({
  call: z
    .strictObject({
      to: z.string().min(1).max(40).describe('Number as the carrier delivers it, in quotes. 被叫号码'),
      from: z.string().max(40).optional().describe('Caller, in quotes; leave out if withheld. 主叫号码'),
      trunk: nameSchema.optional().describe('Trunk the call comes in on. 来话中继'),
      at: moment
        .optional()
        .describe("When it comes in, in the table's time zone; leave out for now. 来话时间，缺省为当前时间"),
    })
    .describe('A call as it arrives. 来话'),
  expect: z
    .strictObject({
      region: nameSchema.optional().describe('Region the call must be given. 应判定的地区'),
      prompt: nameSchema
        .nullable()
        .optional()
        .describe('Prompt that must be heard; null: none. 应播放的语音，null 表示无'),
      connect: oneOrMore(z.union([destination, z.strictObject({ to: destination, skill: skill.optional() })])).describe(
        'The whole chain, in order. 应依次尝试的全部目的地',
      ),
    })
    .describe('What must become of it. 应有的结果'),
});

export type RuleSchema = z.infer<typeof ruleSchema>;
export type NumberSchema = z.infer<typeof numberSchema>;
export type ExpectationSchema = z.infer<typeof expectationSchema>;
export type TargetSchema = z.infer<typeof target>;
