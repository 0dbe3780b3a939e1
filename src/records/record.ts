/**
 * Records: one per step in the life of a call, as the feed carries them. `config/record.schema.json` is made from this
 * shape; version `v` changes only when a key changes its meaning or goes.
 */
import { z } from 'zod';
import { destinationShape as destination, planStepShape } from '../routing/steps.ts';

/** Milliseconds since the call arrived. */
const sinceArrival = z.number().int().nonnegative();

const common = {
  v: z.literal(1),
  callId: z.string().describe('Unique among all switches'),
  seq: z.number().int().nonnegative().describe('0, 1, 2 … within the call: shows gaps and repeats'),
  at: z.iso.datetime({ offset: true }),
  ms: sinceArrival.describe('Milliseconds since the call arrived, by a clock that is never set'),
  switch: z.string().describe('Which PBX the call is on'),
  number: z.string().nullable().describe('Number of the table; null: not in it'),
  unit: z.string().nullable().describe('责任单位'),
  mode: z.enum(['merged', 'parallel', 'subcentre']).nullable(),
  region: z.string().nullable(),
  revision: z.string().describe('Table revision the call was routed by'),
};

const ms = (of: string) => sinceArrival.describe(of);

/**
 * How a wait splits: every moment from arrival until caller and agent are joined (or the call ends) belongs to exactly
 * one part, so the four add up to the wait. A prompt under which phones ring already counts as prompt.
 */
const waitsShape = z
  .strictObject({
    networkMs: ms('Neither of the others: signalling, answering, between two places'),
    promptMs: ms('The caller was hearing a prompt, whatever rang meanwhile'),
    ringMs: ms('No prompt; seats were being dialled and rung'),
    queueMs: ms('No prompt; the caller was in a queue'),
  })
  .describe('Add up to waitedMs, or to the whole call where nobody was joined');

export type Waits = z.infer<typeof waitsShape>;

const step = <T extends string, F extends z.ZodRawShape>(type: T, fields: F) =>
  z.strictObject({ ...common, type: z.literal(type), ...fields });

export const recordShape = z.discriminatedUnion('type', [
  step('arrived', { dialled: z.string(), caller: z.string().nullable(), trunk: z.string().nullable() }),
  step('routed', {
    regionFrom: z.string().nullable(),
    rule: z.number().int().nullable(),
    plan: z.array(planStepShape),
  }),
  step('prompted', { prompt: z.string(), result: z.enum(['done', 'stopped', 'failed']) }),
  step('ringing', { to: destination, endpoints: z.array(z.string()) }).describe('The seats were dialled'),
  step('queued', { to: destination, skill: z.string().nullable() }),
  step('answered', {
    to: destination,
    agent: z.string().nullable(),
    agentMs: sinceArrival.describe('The agent was there'),
    waitedMs: sinceArrival.describe('Caller and agent were joined'),
    waits: waitsShape,
  }),
  step('transferred', {
    kind: z.enum(['blind', 'attended', 'three-way', 'pull-back']),
    stage: z.enum(['asked', 'refused', 'consulting', 'completed', 'returned', 'failed']),
    from: destination,
    to: destination.nullable().describe('null: refused, for nothing of the table was meant'),
    by: z.string().describe("Agent's endpoint, or name of a token"),
    via: z.enum(['phone', 'api', 'cli']),
    reason: z.string().nullable(),
    workOrder: z.string().nullable(),
    note: z.string().nullable(),
  }),
  step('missed', {
    reason: z.enum(['gave-up', 'no-answer', 'failure']),
    tried: z.array(destination),
    caller: z.string().nullable(),
    callBack: z.boolean().describe('There is a number to call back'),
    waits: waitsShape,
  }),
  step('recorded', {
    state: z.enum(['started', 'ended', 'failed']),
    file: z.string().describe('Name within the folder of recordings'),
    reason: z
      .enum(['not-set-up', 'low-space', 'not-begun', 'broken-off'])
      .nullable()
      .describe('Of a failed one. broken-off: what was said until then is in the file'),
  }).describe('A stretch of the talk is recorded; the call goes on whatever becomes of it'),
  step('ended', {
    by: z
      .enum(['caller', 'agent', 'hotline', 'switch'])
      .describe('switch: the PBX died under the call, or nobody saw its end'),
    cause: z
      .string()
      .describe(
        'given-back: the fallback of the PBX serves the caller on · unseen: no controller ran when the call ended',
      ),
    q850: z.number().int(),
    dialled: z.string(),
    caller: z.string().nullable(),
    trunk: z.string().nullable(),
    arrivedAt: z.iso.datetime({ offset: true }),
    waitedMs: sinceArrival.nullable(),
    talkedMs: sinceArrival
      .nullable()
      .describe('An agent had the caller: without the ringing of transfers, and consultations over music'),
    answeredBy: destination.nullable(),
    agent: z.string().nullable(),
    tried: z.array(destination).describe('Rung for the caller, in order, transfers among them'),
    takeovers: z.number().int().describe('How often another controller took the call up'),
    waits: waitsShape,
    transfers: z.number().int().nonnegative().describe('Times the caller was handed on'),
    recordings: z
      .array(z.strictObject({ file: z.string(), fromMs: sinceArrival, toMs: sinceArrival }))
      .describe('Stretches that were recorded, in order; the latest eight'),
  }),
]);

export type CallRecord = z.infer<typeof recordShape>;

/** Keys that version 1 has gained since its first records. Ours have them all; an older record may lack them. */
type GainedKeys<Type> = 'waits' | 'transfers' | 'recordings' | 'callBack' | (Type extends 'missed' ? 'caller' : never);
const GAINED: readonly string[] = ['waits', 'transfers', 'recordings', 'callBack', 'caller of missed'];

const isGained = (key: string, type: unknown): boolean => GAINED.includes(key) || GAINED.includes(`${key} of ${type}`);

type Loose<R> = R extends { readonly type: infer Type }
  ? Omit<R, GainedKeys<Type>> & Partial<Pick<R, Extract<keyof R, GainedKeys<Type>>>>
  : never;

/**
 * A record as it is read back. It may be of an older version, and lack keys that were gained since, or of a newer one, and
 * have keys that are not known here, or steps of a plan: these are compared, never run.
 */
export type PastRecord = Loose<CallRecord>;

/** What every record of version 1 begins with, whatever its type. */
const headShape = z.looseObject({ ...common, type: z.string() });
export type RecordHead = z.infer<z.ZodObject<typeof common>> & { readonly type: string };

const looseStep = ({ shape }: (typeof recordShape.options)[number]): z.ZodObject => {
  const type = shape.type.value;
  const fields = Object.entries<z.core.$ZodType>(shape).map(([key, field]): [string, z.core.$ZodType] => {
    if (key === 'plan') return [key, z.array(z.looseObject({ do: z.string() }))];
    return [key, isGained(key, type) ? z.optional(field) : field];
  });
  return z.looseObject(Object.fromEntries(fields));
};

const looseShapes = new Map<unknown, z.ZodObject>(
  recordShape.options.map((option) => [option.shape.type.value, looseStep(option)]),
);

/** Whether a value has a type that this version knows: then {@link pastRecordProblem} may be asked. */
export const hasKnownType = (value: object): value is { readonly type: CallRecord['type'] } =>
  'type' in value && looseShapes.has(value.type);

export const isRecordHead = (value: object): value is RecordHead => headShape.safeParse(value).success;

/** Why a value is no record that this version can use; undefined: it is one. */
export const pastRecordProblem = (value: { readonly type: CallRecord['type'] }): z.ZodError | undefined =>
  looseShapes.get(value.type)?.safeParse(value).error;

/** What a step adds to the common part. */
export type RecordFields<T extends CallRecord['type']> = Omit<
  Extract<CallRecord, { type: T }>,
  keyof typeof common | 'type'
>;

export type RecordCommon = z.infer<z.ZodObject<typeof common>>;

export const makeRecord = <T extends CallRecord['type']>(
  type: T,
  of: RecordCommon,
  fields: RecordFields<T>,
): CallRecord => ({ ...of, type, ...fields }) as unknown as CallRecord;

/** Keys that tell two records of one type apart. What each controller measures anew is not among them. */
const TELLING = ['to', 'prompt', 'kind', 'stage', 'from', 'by', 'workOrder', 'note', 'state', 'file'] as const;

/** What a record is about. If two records of a call differ in it, they are two records, and not one that came twice. */
export const thingOf = (record: { readonly type: string }): string => {
  const { type, ...of } = record as Readonly<Record<string, unknown>>;
  const isEnd = type === 'ended'; // a call has one end, whoever saw it
  const reason = type === 'transferred' || type === 'recorded' ? of.reason : undefined;
  return JSON.stringify([type, reason, ...(isEnd ? [] : TELLING.map((key) => of[key]))]);
};

const typeOf = (properties: Readonly<Record<string, unknown>> = {}): unknown =>
  (properties.type as { const?: unknown } | undefined)?.const;

/**
 * The JSON Schema that readers of the feed go by: `config/record.schema.json`, word for word. It lets unknown keys
 * pass, for a version may gain some, and asks for none that version 1 has gained.
 */
export const recordJsonSchema = (): object =>
  z.toJSONSchema(recordShape.describe('One step in the life of a call. 通话过程中的一条记录'), {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
      const type = typeOf(jsonSchema.properties);
      if (jsonSchema.required) jsonSchema.required = jsonSchema.required.filter((key) => !isGained(key, type));
    },
  });
