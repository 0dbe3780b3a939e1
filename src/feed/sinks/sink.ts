/** What a place that takes records has to do. */

export interface Sink {
  readonly kind: 'http' | 'file' | 'redis';
  /**
   * Resolves when the sink has these records, JSON each, in this order.
   *
   * @throws SinkRefused where the same again would be refused again; anything else is worth another try.
   */
  send(lines: readonly string[], signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** The sink has read what it was sent, and does not want it. */
export class SinkRefused extends Error {
  override readonly name = 'SinkRefused';
}

/** The sink asks for time. */
export class SinkBusy extends Error {
  override readonly name = 'SinkBusy';
  /** Milliseconds it asked for. */
  readonly afterMs: number;
  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}
