/** The section `feed`: where records go. */
import { z } from 'zod';
import { sinksShape } from '../feed/sinks/registry.ts';
import { path } from './fields.ts';

const MEGABYTE = 1024 * 1024;

export const feedSchema = z.strictObject({
  sinks: sinksShape.default([]),
  spool: z
    .strictObject({
      /** One controller's own; without it, beside the records file. */
      dir: path.optional(),
      limitMegabytes: z
        .number()
        .min(0.01)
        .max(1024 * 1024)
        .default(1024),
    })
    .prefault({})
    .transform(({ dir, limitMegabytes }) => ({ dir, limitBytes: Math.floor(limitMegabytes * MEGABYTE) })),
  /** Entries that are kept in Redis, about. */
  streamLength: z.int().min(1_000).default(1_000_000),
  /** Call detail records of the PBXs, for `hotline feed verify`. */
  cdr: z.array(path).default([]),
  /** How long a caller whom nobody reached stays in the list for call-back. */
  callBackDays: z.number().min(0.01).max(90).default(7),
});
