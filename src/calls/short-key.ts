/** Keys of requests, kept short in the memory of a call. */

const FNV_PRIME = 0x01000193;

const fnv1a = (text: string, seed: number): number => {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
};

/**
 * 16 hex digits of a key of any length (FNV-1a, twice). Only a few keys of one call are ever compared, and who makes two
 * that fit gets the answer to a request of one's own: nothing is guarded by it.
 */
export const shortKey = (key: string): string =>
  [fnv1a(key, 0x811c9dc5), fnv1a(`${key}~`, 0x9747b28c)].map((half) => half.toString(16).padStart(8, '0')).join('');
