/** Settings of a sink → the sink. */
import { HttpSink } from './http.ts';
import { NdjsonSink } from './ndjson.ts';
import { StreamSink } from './redis.ts';
import type { Sink } from './sink.ts';

/** A sink as the settings have it, where only what the feed needs is named. */
export type SinkOptions = {
  readonly name: string;
  readonly numbers?: readonly string[] | undefined;
  readonly unit?: string | undefined;
  readonly batch: number;
  readonly retry: { readonly firstSeconds: number; readonly mostSeconds: number };
  readonly giveUpHours: number;
} & (
  | { readonly kind: 'http'; readonly url: string; readonly secret: string; readonly timeoutSeconds: number }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string; readonly stream: string; readonly length: number }
);

export const makeSink = (options: SinkOptions): Sink => {
  switch (options.kind) {
    case 'http':
      return new HttpSink(options);
    case 'file':
      return new NdjsonSink(options.path);
    case 'redis':
      return new StreamSink(options);
  }
};
