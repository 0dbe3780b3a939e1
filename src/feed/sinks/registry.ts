/**
 * Every kind of sink, and nothing but that: a new kind is a file beside this one, and its lines here. The settings take its
 * schema from here, and all else knows it by what `Sink` says.
 */
import { z } from 'zod';
import { file } from './file.ts';
import { http } from './http.ts';
import { redis } from './redis.ts';
import type { Sink } from './sink.ts';

const sinkShape = z.discriminatedUnion('kind', [http.settings, file.settings, redis.settings]);

/** One sink, as the settings have it. */
export type SinkSettings = Readonly<z.infer<typeof sinkShape>>;

export const makeSink = (settings: SinkSettings): Sink => {
  switch (settings.kind) {
    case 'http':
      return http.open(settings);
    case 'file':
      return file.open(settings);
    case 'redis':
      return redis.open(settings);
  }
};

/** The list `feed.sinks` of the settings. */
export const sinksShape = z.array(sinkShape).superRefine((sinks, { addIssue }) => {
  for (const [n, { name }] of sinks.entries()) {
    if (sinks.findIndex((other) => other.name === name) === n) continue;
    addIssue({ code: 'custom', path: [n, 'name'], message: `${name} is another sink's already` });
  }
});
