/**
 * Records: one per step in the life of a call, as the feed carries them. `config/record.schema.json` is made from this
 * shape; version `v` changes only when a key changes its meaning or goes.
 */
import { z } from 'zod';
import { destinationShape as destination, planStepShape } from '../routing/plan-shape.ts';

/** Milliseconds since the call arrived. */
const sinceArrival = z.number().int().nonnegative();

const common = {
  v: z.literal(1),
  callId: z.string().describe('Unique among all switches'),
  seq: z.number().int().nonnegative().describe('0, 1, 2 … within the call: shows gaps and repeats'),
  at: z.iso.datetime({ offset: true }),
  ms: sinceArrival.describe('Milliseconds since the call arrived'),
  switch: z.string().describe('Which PBX the call is on'),
  number: z.string().nullable().describe('Number of the table; null: not in it'),
  unit: z.string().nullable().describe('责任单位'),
  mode: z.enum(['merged', 'parallel', 'subcentre']).nullable(),
  region: z.string().nullable(),
  revision: z.string().describe('Table revision the call was routed by'),
};

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
  }),
  step('transferred', { to: destination, by: z.string() }),
  step('recorded', {
    state: z.enum(['started', 'ended', 'failed']),
    file: z.string().describe('Name within the folder of recordings'),
    reason: z
      .enum(['not-set-up', 'low-space', 'not-begun', 'broken-off'])
      .nullable()
      .describe('Of a failed one. broken-off: what was said until then is in the file'),
  }).describe('A stretch of the talk is recorded; the call goes on whatever becomes of it'),
  step('missed', { reason: z.enum(['gave-up', 'no-answer', 'failure']), tried: z.array(destination) }),
  step('ended', {
    by: z.enum(['caller', 'agent', 'hotline', 'switch']).describe('switch: the PBX died under the call'),
    cause: z.string().describe('given-back: the fallback of the PBX serves the caller on'),
    q850: z.number().int(),
    dialled: z.string(),
    caller: z.string().nullable(),
    trunk: z.string().nullable(),
    arrivedAt: z.iso.datetime({ offset: true }),
    waitedMs: sinceArrival.nullable(),
    talkedMs: sinceArrival.nullable(),
    answeredBy: destination.nullable(),
    agent: z.string().nullable(),
    tried: z.array(destination),
    takeovers: z.number().int().describe('How often another controller took the call up'),
    recordings: z
      .array(z.strictObject({ file: z.string(), fromMs: sinceArrival, toMs: sinceArrival }))
      .describe('Stretches that were recorded, in order; the latest eight'),
  }),
]);

export type CallRecord = z.infer<typeof recordShape>;

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

/**
 * The JSON Schema that readers of the feed go by: `config/record.schema.json`, word for word. It lets unknown keys
 * pass, for a version may gain some.
 */
export const recordJsonSchema = (): object =>
  z.toJSONSchema(recordShape.describe('One step in the life of a call. 通话过程中的一条记录'), {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
