/** Ids of entries of a Redis Stream: milliseconds and a number, `1760000000000-3`. */

const partsOf = (id: string): readonly [ms: number, n: number] => {
  const [ms = '0', n = '0'] = id.split('-');
  return [Number(ms), Number(n)];
};

/** Whether `id` comes before `other`; nothing comes before nothing. */
export const isBehind = (id: string, other = '0-0'): boolean => {
  const [[ms, n], [otherMs, otherN]] = [partsOf(id), partsOf(other)];
  return ms < otherMs || (ms === otherMs && n < otherN);
};
