/**
 * How long a caller whom an agent had was without one, small enough to be remembered on the PBX: `[what is over, beginning of
 * what is not]`, in milliseconds, the latter since the call arrived. Pure.
 */
import { z } from 'zod';

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
