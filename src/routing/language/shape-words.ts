/** Shapes that every part of the table language is made of. */
import { z } from 'zod';

/** Safe as a dialplan word, a file name and a Redis key. */
export const nameShape = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_" only');

/** One thing, or a list of such things. */
export const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);
