/**
 * What the PBX remembers of a call: enough for another controller to carry it on at the same place, whatever happened
 * to the table meanwhile. Kept small (it is one channel variable) and plain JSON (an engineer may read it there).
 */
import { z } from 'zod';
import { destinationShape, planStepShape } from '../routing/plan-shape.ts';

const memoryShape = z.object({
  v: z.literal(1),
  /** These four are null for a call to a number outside the table. */
  number: z.string().nullable(),
  unit: z.string().nullable(),
  mode: z.enum(['merged', 'parallel', 'subcentre']).nullable(),
  region: z.string().nullable(),
  revision: z.string(),
  plan: z.array(planStepShape),
  /** Unix milliseconds of the arrival. */
  arrived: z.number(),
  /** Next record's number. */
  seq: z.number(),
  /** Place in the plan. */
  cursor: z.number(),
  /** Which of the seats that ring in order; 0 elsewhere. */
  round: z.number(),
  /** Legs dialled at this place; undefined: not dialled yet. */
  legs: z.array(z.string()).exactOptional(),
  /** The prompt the caller is hearing. */
  playing: z.object({ id: z.string(), prompt: z.string() }).exactOptional(),
  /** The leg the caller talks to, since when (Unix milliseconds). */
  talking: z
    .object({ leg: z.string(), to: destinationShape, agent: z.string().nullable(), since: z.number() })
    .exactOptional(),
  takeovers: z.number(),
});

export type CallMemory = Readonly<z.infer<typeof memoryShape>>;

export const writeMemory = (memory: CallMemory): string => JSON.stringify(memory);

/** Undefined for what is not a memory of this version: such a call begins afresh. */
export function readMemory(text: string): CallMemory | undefined {
  try {
    return memoryShape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
