/**
 * Where records go: each to every sink, in the order told. A sink takes a record and returns at once; what it cannot
 * deliver it keeps or reports itself, and never holds up a call or another sink.
 */
import type { CallRecord } from './record.ts';

export interface RecordSink {
  take(record: CallRecord): void;
  /** Delivers what is still in hand. */
  stop(): Promise<void>;
}

export class Feed {
  readonly #sinks: readonly RecordSink[];

  constructor(sinks: readonly RecordSink[]) {
    this.#sinks = sinks;
  }

  readonly emit = (record: CallRecord): void => {
    for (const sink of this.#sinks) sink.take(record);
  };

  async stop(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.stop()));
  }
}
