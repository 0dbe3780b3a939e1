/**
 * The table language: what may stand in the YAML, each key explained in English and Chinese. `config/routes.schema.json`
 * is made from it, so that an editor completes and checks what the parser takes. Loose in (one or a list, short or
 * long form); `compile.ts` makes the strict {@link Table} of it.
 */
import { z } from 'zod';
import { expectationSchema, hotlineSchema, numberSchema } from './schema-numbers.ts';
import { line, nameSchema, oneOrMore, spoken } from './schema-parts.ts';
import { callersSchema, hoursSchema } from './schema-when.ts';

const endpoint = z
  .string()
  .max(80)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$|^\+?[0-9*#]{1,24}@[A-Za-z0-9][A-Za-z0-9_-]*$/,
    'an endpoint name, or number@trunk',
  )
  .describe('PBX endpoint, or number@trunk. PBX 端点，或 号码@中继');

const ring = z
  .enum(['together', 'in-order'])
  .describe('How endpoints ring: all at once, or one after another. 振铃方式：同振 together / 顺振 in-order');
const ringSeconds = z
  .int()
  .min(1)
  .max(120)
  .describe('Seconds an endpoint rings before the call moves on. 每个座席振铃秒数');
const waitSeconds = z
  .int()
  .min(1)
  .max(3600)
  .describe('Longest wait in the queue, in seconds, before the call moves on. 排队最长等待秒数');

export const defaultsSchema = z
  .strictObject({
    apology: nameSchema.describe('Prompt said when every destination failed. 全部无人接听时播放的致歉语音'),
    ring: ring.optional(),
    ringSeconds: ringSeconds.optional(),
    waitSeconds: waitSeconds.optional(),
  })
  .describe('What holds where nothing else is said. 默认值');

export const whisperSchema = z
  .strictObject({
    number: spoken(100, '{number}')
      .regex(/\{number\}/, 'must hold {number}')
      .describe(
        'Says the hotline; {number} becomes digits as spoken on the telephone. 报热线号码，{number} 按电话读法',
      ),
    region: spoken(100, '{region}')
      .regex(/\{region\}/, 'must hold {region}')
      .describe("Says the caller's region; {region} becomes its name. 报地区，{region} 为地区名称"),
  })
  .describe('What an agent hears before the caller: hotline, then region. 接通前给座席的耳语提示');

export const regionSchema = z.strictObject({
  name: line(20).describe('Shown and spoken name. 地区名称'),
  areaCode: z
    .string()
    .regex(/^0[0-9]{2,3}$/, 'an area code with its 0, e.g. "0592"')
    .optional()
    .describe('Area code with its 0, in quotes; leave out where none tells. 长途区号（含 0，加引号）'),
});

export const trunkSchema = z
  .strictObject({
    region: nameSchema
      .optional()
      .describe('Region of every call of this trunk; leave out if mixed. 该中继所有来话所属地区'),
  })
  .nullable();

export const promptSchema = z.strictObject({
  text: spoken(500).describe('What is spoken. 语音文本'),
  file: z
    .string()
    .max(200)
    .regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'a path inside the prompts folder')
    .optional()
    .describe("The operator's own recording, inside the prompts folder; it wins over text. 自备录音文件，优先于文本"),
});

const openHours = nameSchema
  .optional()
  .describe(
    'Name under hours; outside of them the call passes it over. Always open where not said. 服务时间名称，时段外跳过；不写则 7×24',
  );

const record = z
  .boolean()
  .optional()
  .describe('Whether talks with its agents are recorded; false where not said. 通话是否录音，不写则不录');

const announceSchema = z
  .strictObject({
    position: z.boolean().optional().describe('Says the place in the queue. 播报排队位置'),
    estimate: z.boolean().optional().describe('Says the estimated wait. 播报预计等待时间'),
    everySeconds: z.int().min(15).max(600).describe('How often, in seconds. 播报间隔秒数'),
  })
  .describe('What who waits is told. 排队播报');

const dial = z
  .string()
  .max(80)
  .regex(/^\+?[0-9*#]{1,24}@[A-Za-z0-9][A-Za-z0-9_-]*$/, 'number@trunk')
  .describe(
    "Another city's platform, over a trunk: number@trunk, instead of members. 其他平台的队列：号码@中继，与 members 二选一",
  );

const members = z.array(endpoint).describe("Endpoints of the queue's members. 队列成员");

export const queueSchema = z.strictObject({
  label: line(60).describe('Name shown to people. 显示名称'),
  members: members.optional(),
  skills: z
    .record(nameSchema, members)
    .optional()
    .describe('Members who answer for one skill only, by skill. 专席：技能 → 成员'),
  dial: dial.optional(),
  waitSeconds: waitSeconds.optional(),
  announce: announceSchema.optional(),
  capacity: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Most callers who may wait; the next goes on to the next place. 最多排队人数，超出者转下一去向'),
  hours: openHours,
  record,
});

export const seatsSchema = z.strictObject({
  label: line(60).describe('Name shown to people. 显示名称'),
  endpoints: z.array(endpoint).min(1).describe('What is dialled; at least one. 座席端点，至少一个'),
  ring: ring.optional(),
  ringSeconds: ringSeconds.optional(),
  hours: openHours,
  record,
  transferOnly: z.boolean().optional().describe('Reached by transfer only, never by a rule. 仅可转接到达'),
});

export const transferPattern = z
  .string()
  .max(100)
  .regex(
    /^(queue|seats):[A-Za-z0-9*][A-Za-z0-9_*-]*$/,
    'write queue:<name> or seats:<name>; * stands for any part of a name',
  )
  .describe('queue:<name> or seats:<name>; * stands for any part of a name. * 代表任意部分');

export const transferTargetsSchema = oneOrMore(transferPattern);

const transfersSchema = z
  .record(transferPattern, transferTargetsSchema)
  .nullish()
  .describe('Who may hand a caller on to whom: destination, then destinations. 转接机制：谁可转给谁');

export const handOversSchema = z
  .strictObject({
    most: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe(
        'Hand-overs of one call without a minute of talk between them; 5 where not said. 同一来电连续转接的最多次数，其间通话不满一分钟，缺省 5',
      ),
    supervisors: z
      .string()
      .max(100)
      .regex(/^queue:\S+$/, 'write queue:<name>')
      .optional()
      .describe(
        "Supervisors' queue the next one goes to: queue:<name>; the 12345 queue of the region where not said. 超出后转入的班长队列，缺省为所属地区的 12345 队列",
      ),
  })
  .describe('A guard against handing a caller to and fro. 防止来回转接');

const keyed = <T extends z.ZodType>(entry: T) => z.record(nameSchema, entry);

/** The whole table. The parser takes it apart, entry by entry, so that one bad entry hides no other. */
export const tableSchema = z
  .strictObject({
    $schema: z.string().optional().describe('For editors only. 仅供编辑器使用'),
    timeZone: line(60).optional().describe('IANA time zone of every hour in the table; Asia/Shanghai. 时区'),
    mobilePrefixes: line(200)
      .optional()
      .describe('CSV beside this file: 7-digit mobile prefix, region. 手机号段表（7 位号段,地区）'),
    defaults: defaultsSchema,
    whisper: whisperSchema,
    regions: keyed(regionSchema).describe('Regions by id; "province" is where nothing tells the city. 地区'),
    trunks: keyed(trunkSchema).nullish().describe('Trunks calls come in on, by id. 中继'),
    prompts: keyed(promptSchema).describe('Voice announcements, by id. 语音提示'),
    queues: keyed(queueSchema).describe('Queues, by name; a rule says queue:<name>. 队列'),
    seats: keyed(seatsSchema)
      .nullish()
      .describe('Seats that agencies keep, by name; a rule says seats:<name>. 保留座席'),
    hours: keyed(hoursSchema).nullish().describe('Service hours, by name. 服务时间'),
    callers: keyed(callersSchema).nullish().describe('Lists of callers, by name. 主叫名单'),
    transfers: transfersSchema,
    handOvers: handOversSchema.optional(),
    numbers: z.record(hotlineSchema, numberSchema).describe('Hotline numbers, in quotes. 热线号码（加引号）'),
    expectations: z
      .array(expectationSchema)
      .nullish()
      .describe('Calls and where they must go; a failing one refuses the table. 预期，任一不符则拒绝该表'),
  })
  .describe('Routing table of the hotline merger. 热线归并路由表');

export type TableSchema = z.infer<typeof tableSchema>;
export type AnnounceSchema = z.infer<typeof announceSchema>;
export type DefaultsSchema = z.infer<typeof defaultsSchema>;
export type WhisperSchema = z.infer<typeof whisperSchema>;
export type HandOversSchema = z.infer<typeof handOversSchema>;
export type RegionSchema = z.infer<typeof regionSchema>;
export type TrunkSchema = z.infer<typeof trunkSchema>;
export type PromptSchema = z.infer<typeof promptSchema>;
export type QueueSchema = z.infer<typeof queueSchema>;
export type SeatsSchema = z.infer<typeof seatsSchema>;
/** The JSON Schema an editor reads: `config/routes.schema.json`, word for word. */
export const tableJsonSchema = (): object => z.toJSONSchema(tableSchema, { io: 'input', target: 'draft-7' });
