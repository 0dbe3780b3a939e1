/**
 * Gives each record to everybody who wants it, in the order emitted. Whoever takes a record returns at once, keeps or reports
 * what it cannot handle, and never holds up a call or another taker.
 */
import type { Logger } from '../base/log.ts';
import type { CallRecord } from '../records/record.ts';

export interface RecordSink {
  take(record: CallRecord): void;
  /** Delivers what it still has. */
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

  /** A fault of one harms neither the call nor the others. */
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
