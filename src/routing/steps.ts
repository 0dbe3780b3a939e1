/**
 * The steps of a plan: one schema, for plans in records and on the PBX as well. Whoever reads steps switches over every
 * kind, so that a kind added here fails `tsc` in each reader that forgot it; test/unit/routing/new-step.test.ts lists them.
 */
import { z } from 'zod';

export const destinationShape = z.templateLiteral([z.enum(['queue', 'seats']), ':', z.string()]);

const answer = z.strictObject({ do: z.literal('answer') });

const play = z.strictObject({ do: z.literal('play'), prompt: z.string() });

const connect = z.strictObject({
  do: z.literal('connect'),
  to: destinationShape,
  /** Only members who have this skill (专席). */
  skill: z.string().exactOptional(),
  /** Seats only: how long each endpoint rings. */
  ringSeconds: z.number().exactOptional(),
  /** Queues only: how long the caller waits. */
  waitSeconds: z.number().exactOptional(),
});

const hangup = z.strictObject({ do: z.literal('hangup'), cause: z.enum(['no-answer', 'unallocated']) });

export const planStepShape = z.discriminatedUnion('do', [answer, play, connect, hangup]);

/** A step as another version may have stored it: keys that this one does not know are passed over. */
export const storedStepShape: z.ZodType<PlanStep> = z.union(planStepShape.options.map((each) => each.strip()));

const KINDS: ReadonlySet<string> = new Set(planStepShape.options.map(({ shape }) => shape.do.value));

export const isKnownStep = (kind: string): boolean => KINDS.has(kind);

export type ConnectStep = Readonly<z.infer<typeof connect>>;

export type PlanStep = Readonly<z.infer<typeof planStepShape>>;

export type Plan = readonly PlanStep[];

/** For readers who ask only whom a plan tries. */
export const isConnect = (step: PlanStep): step is ConnectStep => {
  switch (step.do) {
    case 'connect':
      return true;
    case 'answer':
    case 'play':
    case 'hangup':
      return false;
  }
};

/** Whom a plan tries, in order. */
export const connectsOf = (plan: Plan): readonly ConnectStep[] => plan.filter(isConnect);
