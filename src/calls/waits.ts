/**
 * How a caller's wait splits. Every moment before caller and agent are joined belongs to one of four parts, by what the
 * memory says is going on; so the sums are also the time up to which they have been reckoned, and outlive a takeover.
 */
import type { Waits } from '../records/record.ts';
import type { CallMemory } from './checkpoint.ts';

/** Milliseconds: network, prompt, ring, queue. */
export type WaitSums = NonNullable<CallMemory['waits']>;

const NONE: WaitSums = [0, 0, 0, 0];
const [NETWORK, PROMPT, RING, QUEUE] = [0, 1, 2, 3];

/** What a caller with this memory is waiting in. */
const partOf = ({ playing, legs, plan, cursor }: CallMemory): number => {
  if (playing !== undefined) return PROMPT;
  const step = plan[cursor];
  if (legs === undefined || step?.do !== 'connect') return NETWORK;
  return step.to.startsWith('queue:') ? QUEUE : RING;
};

/** The sums as they stand at a moment: what has gone by since they were reckoned belongs to what the memory says. */
export const waitedUntil = (memory: CallMemory, ms: number): WaitSums => {
  const sums: WaitSums = [...(memory.waits ?? NONE)];
  const reckoned = sums.reduce((a, b) => a + b, 0);
  const part = partOf(memory);
  sums[part] = (sums[part] ?? 0) + Math.max(0, ms - reckoned);
  return sums;
};

export const waitsOf = ([networkMs, promptMs, ringMs, queueMs]: WaitSums = NONE): Waits => ({
  networkMs,
  promptMs,
  ringMs,
  queueMs,
});
