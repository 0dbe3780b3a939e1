/** How the feed stands, for whoever shows it: each sink, the spool on disk, the link to Redis. */

export interface SinkHealth {
  readonly name: string;
  readonly kind: 'http' | 'file' | 'redis';
  /** `behind`: it takes records, but the oldest it lacks is old. `down`: the last attempt failed, or nobody delivers. */
  readonly state: 'ok' | 'behind' | 'down';
  /** Records it has not confirmed yet. */
  readonly backlog: number;
  /** Age of the oldest record it has not confirmed; 0 when it has all. */
  readonly lagMs: number;
  /** Records given up after the set time, waiting for `hotline feed dead --retry`. */
  readonly dead: number;
  /** Records that the stream dropped before the sink had them, for all time; repeats among them count as well. */
  readonly dropped: number;
  /** Of the last attempt; null when that went well. */
  readonly lastError: string | null;
}

export interface FeedHealth {
  readonly sinks: readonly SinkHealth[];
  readonly spool: {
    readonly bytes: number;
    readonly limitBytes: number;
    /** Records since the start that found neither disk nor memory free: not in the feed. */
    readonly lost: number;
    /** `empty`: all is delivered · `draining`: records wait, room enough · `filling`: four fifths full, or the disk takes nothing and memory fills · `full`: records are being lost. */
    readonly state: 'empty' | 'draining' | 'filling' | 'full';
  };
  /** null: none is configured. */
  readonly redis: boolean | null;
}
