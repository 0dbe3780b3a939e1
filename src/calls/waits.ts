/**
 * How the time of a call splits, small enough to be checkpointed on the PBX. Pure.
 *
 * Every moment before caller and agent are joined belongs to one of four parts of the wait, by what the checkpoint says is
 * going on; so the sums are also the time up to which they have been reckoned, and outlive a takeover.
 */
import { z } from 'zod';
import type { Waits } from '../records/record.ts';
import type { PlanStep } from '../routing/steps.ts';

/** Milliseconds: network, prompt, ring, queue. */
export const waitSumsShape = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export type WaitSums = z.infer<typeof waitSumsShape>;

/** What a checkpoint says of a call that waits. */
interface Waiting {
  readonly waits?: WaitSums;
  readonly playing?: unknown;
  readonly legs?: unknown;
  readonly plan: readonly PlanStep[];
  readonly cursor: number;
}

const NONE: WaitSums = [0, 0, 0, 0];
const [NETWORK, PROMPT, RING, QUEUE] = [0, 1, 2, 3];

/** What such a caller is waiting in. */
const partOf = ({ playing, legs, plan, cursor }: Waiting): number => {
  if (playing !== undefined) return PROMPT;
  const step = plan[cursor];
  if (legs === undefined || step?.do !== 'connect') return NETWORK;
  return step.to.startsWith('queue:') ? QUEUE : RING;
};

/** The sums as they stand at a moment: what has gone by since they were reckoned belongs to what the checkpoint says. */
export const waitedUntil = (checkpoint: Waiting, ms: number): WaitSums => {
  const sums: WaitSums = [...(checkpoint.waits ?? NONE)];
  const reckoned = sums.reduce((a, b) => a + b, 0);
  const part = partOf(checkpoint);
  sums[part] = (sums[part] ?? 0) + Math.max(0, ms - reckoned);
  return sums;
};

export const waitsOf = ([networkMs, promptMs, ringMs, queueMs]: WaitSums = NONE): Waits => ({
  networkMs,
  promptMs,
  ringMs,
  queueMs,
});

/**
 * How long a caller whom an agent had was without one: `[what is over, beginning of what is not]`, in milliseconds, the latter
 * since the call arrived.
 */
export const awayShape = z.array(z.number()).min(1).max(2);

export type Away = readonly number[];

const NEVER: Away = [0];

export const awayUntil = ([over = 0, since]: Away = NEVER, ms: number): number =>
  since === undefined ? over : over + Math.max(0, ms - since);

/** @param isTalking from now on. */
export function awayAt(away: Away | undefined, ms: number, isTalking: boolean): Away | undefined {
  const isAway = away !== undefined && away.length > 1;
  if (isAway !== isTalking) return away;
  return isTalking ? [awayUntil(away, ms)] : [away?.[0] ?? 0, ms];
}
