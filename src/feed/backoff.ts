/** How long to wait before the next try. */

export interface Patience {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Twice as long after each failure, up to `mostMs`; anywhere in the upper half of that, so that many who failed together
 * do not come back together.
 *
 * @param failures in a row, from 1.
 * @param random from 0 to 1.
 */
export const waitMs = ({ firstMs, mostMs }: Patience, failures: number, random: number): number => {
  const most = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return most * (0.5 + random / 2);
};
