/** What the HTTP side shows of the feed, and asks of the list of missed calls. Main hands it in. */

export interface SinkHealth {
  readonly name: string;
  readonly kind: string;
  readonly state: 'ok' | 'behind' | 'down';
  /** Records it has not confirmed yet. */
  readonly backlog: number;
  /** Age of the oldest of them. */
  readonly lagMs: number;
  /** Records given up. */
  readonly dead: number;
  readonly lastError: string | null;
}

export interface FeedHealth {
  readonly sinks: readonly SinkHealth[];
  readonly spool: {
    readonly bytes: number;
    readonly limitBytes: number;
    /** Records that are not in the feed and never will be. */
    readonly lost: number;
    readonly state: 'empty' | 'draining' | 'filling' | 'full';
  };
  /** Null: none in the settings. */
  readonly redis: boolean | null;
}

export interface MissedEntry {
  readonly id: string;
  readonly caller: string;
  readonly number: string;
  readonly unit: string | null;
  readonly region: string | null;
  readonly reason: 'gave-up' | 'no-answer' | 'failure';
  readonly attempts: number;
  /** ISO 8601 */
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface MissedCalls {
  list(): Promise<readonly MissedEntry[]>;
  /** @returns false: no such entry is open. */
  close(id: string, who: string): Promise<boolean>;
}
