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
  step('transferred', {
    kind: z.enum(['blind', 'attended', 'three-way', 'pull-back']),
    stage: z.enum(['asked', 'refused', 'consulting', 'completed', 'returned', 'failed']),
    from: destination.describe('Whose agent had the caller'),
    to: destination.nullable().describe('null: refused, for it names nothing of the table'),
    by: z.string().describe('Endpoint or token that asked'),
    via: z.enum(['phone', 'api', 'cli']),
    agent: z.string().nullable().describe('Who is consulted, or has the caller now; null: that has not changed'),
    reason: z.string().nullable().describe('Why it was refused, returned or failed'),
    workOrder: z.string().nullable().describe('工单号'),
    note: z.string().nullable(),
  }),
  step('missed', {
    reason: z.enum(['gave-up', 'no-answer', 'failure']),
    tried: z.array(destination),
    callBack: z
      .literal(true)
      .exactOptional()
      .describe('An agent had the caller, who was lost in a hand-over: to be called back'),
  }),
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
    transfers: z.number().int().nonnegative().describe('Hand-overs that were completed'),
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
