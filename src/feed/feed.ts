/**
 * Where records go: each to every sink, in the order told. A sink takes a record and returns at once; what it cannot
 * deliver it keeps or reports itself, and never holds up a call or another sink.
 */
import type { Logger } from '../base/log.ts';
import type { CallRecord } from '../records/record.ts';

export interface RecordSink {
  take(record: CallRecord): void;
  /** Delivers what is still in hand. */
  stop(): Promise<void>;
}

export class Feed {
  readonly #sinks: readonly RecordSink[];
  readonly #log: Logger;

  constructor(sinks: readonly RecordSink[], log: Logger) {
    this.#sinks = sinks;
    this.#log = log;
  }

  readonly emit = (record: CallRecord): void => {
    for (const sink of this.#sinks) this.#give(record, sink);
  };

  /** A fault of one costs neither the call nor the others anything. */
  #give(record: CallRecord, sink: RecordSink): void {
    try {
      sink.take(record);
    } catch (error) {
      const { callId, seq } = record;
      this.#log.error({ callId, seq, reason: String(error) }, 'a fault in taking a record; the others have it');
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.stop()));
  }
}
