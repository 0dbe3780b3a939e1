/** Schemas that every part of the table language is made of. */
import { z } from 'zod';
import { didYouMean, quoted } from './spelling.ts';

/** Safe as a dialplan word, a file name and a Redis key. */
export const nameSchema = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_" only');

/** One thing, or a list of such things. */
export const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);

/** One line of text that travels in caller names and SIP headers: no control characters. */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'one line of plain text, without control characters');

/** Text in which only these placeholders, e.g. `{region}`, are filled in: any other would be read out to a caller. */
export const spoken = (max: number, ...known: readonly string[]) =>
  line(max).superRefine((text, { addIssue }) => {
    for (const found of new Set(text.match(/\{[^{}]*\}|[{}]/g))) {
      if (known.includes(found)) continue;
      const message =
        found.length === 1
          ? `a lone ${quoted(found)}`
          : `${quoted(found)} stands for nothing here${didYouMean(found, known)}`;
      addIssue(known.length === 0 ? `${message}; the text is spoken as it is written` : message);
    }
  });
