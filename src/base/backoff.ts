/** How long to wait before the next try: twice as long after each failure, up to a limit. */

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The waits in milliseconds, one after another, without end. */
export function* doublingMs({ firstMs, mostMs }: Backoff): Generator<number, never> {
  for (let wait = firstMs; ; wait = Math.min(2 * wait, mostMs)) yield wait;
}

/**
 * One of these waits, or anything down to its half, so that many who failed together do not come back together.
 *
 * @param failures in a row, from 1.
 * @param random from 0 to 1.
 */
export const spreadWaitMs = ({ firstMs, mostMs }: Backoff, failures: number, random: number): number => {
  const most = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return most * (0.5 + random / 2);
};
