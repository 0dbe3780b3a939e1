/** The part of the settings that says where records go. */
import { z } from 'zod';
import { fromProject } from '../base/project.ts';

const path = z.string().min(1).transform(fromProject);

/** It is part of names of files, and of keys in Redis. */
const name = z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and - only');

const seconds = z.number().min(0.01).max(3_600);

const common = {
  name,
  /** Only calls to these numbers, and only those of this unit; without, all. */
  numbers: z.array(z.string().regex(/^\d+$/, 'digits in quotation marks are asked for')).min(1).optional(),
  unit: z.string().min(1).optional(),
  /** Records sent at once, at most. */
  batch: z.int().min(1).max(1_000).default(200),
  retry: z.strictObject({ firstSeconds: seconds.default(0.5), mostSeconds: seconds.default(60) }).prefault({}),
  /** What a sink does not take for so long is given up. */
  giveUpHours: z
    .number()
    .min(0.001)
    .max(24 * 365)
    .default(24),
};

const httpShape = z.strictObject({
  ...common,
  kind: z.literal('http'),
  url: z.url({ protocol: /^https?$/, error: 'an address like https://platform.example/records is asked for' }),
  secret: z.string().min(16, 'at least 16 characters are asked for'),
  timeoutSeconds: seconds.default(10),
});

const fileShape = z.strictObject({ ...common, kind: z.literal('file'), path });

const redisShape = z.strictObject({
  ...common,
  kind: z.literal('redis'),
  url: z.url({ protocol: /^rediss?$/, error: 'an address like redis://127.0.0.1:6379 is asked for' }),
  stream: z.string().min(1),
  length: z.int().min(1).default(1_000_000),
});

const sinkShape = z.discriminatedUnion('kind', [httpShape, fileShape, redisShape]);

const sinksShape = z.array(sinkShape).superRefine((sinks, { addIssue }) => {
  for (const [n, sink] of sinks.entries()) {
    if (sinks.findIndex((other) => other.name === sink.name) === n) continue;
    addIssue({ code: 'custom', path: [n, 'name'], message: `${sink.name} is another sink's already` });
  }
});

const MEGABYTE = 1024 * 1024;

export const feedShape = z.strictObject({
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
  /** About so many entries are kept in Redis. */
  streamLength: z.int().min(1_000).default(1_000_000),
  /** Call detail records of the PBXs, for `hotline feed verify`. */
  cdr: z.array(path).default([]),
  /** How long a caller whom nobody reached stays in the list for call-back. */
  callBackDays: z.number().min(0.01).max(90).default(7),
});

export type FeedSettings = z.infer<typeof feedShape>;
export type SinkSettings = z.infer<typeof sinkShape>;
export type HttpSinkSettings = z.infer<typeof httpShape>;
