/** The plan's steps as outside data: where a plan comes back from a PBX's memory or stands in a record. */
import { z } from 'zod';
import type { PlanStep } from './routing.ts';

export const destinationShape = z.templateLiteral([z.enum(['queue', 'seats']), ':', z.string()]);

export const planStepShape = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('answer') }),
  z.strictObject({ do: z.literal('play'), prompt: z.string() }),
  z.strictObject({
    do: z.literal('connect'),
    to: destinationShape,
    skill: z.string().exactOptional(),
    ringSeconds: z.number().exactOptional(),
    waitSeconds: z.number().exactOptional(),
  }),
  z.strictObject({ do: z.literal('hangup'), cause: z.enum(['no-answer', 'unallocated']) }),
]) satisfies z.ZodType<PlanStep>;
