/** Callers who reached nobody and are to be called back. */

export interface MissedEntry {
  /** Id of the first call that was missed. */
  readonly id: string;
  /** In the one form lists are kept in: area code with its 0, mobile of 11 digits. */
  readonly caller: string;
  /** Hotline number the caller wanted. */
  readonly number: string;
  readonly unit: string | null;
  readonly region: string | null;
  /** Why the last attempt reached nobody. */
  readonly reason: 'gave-up' | 'no-answer' | 'failure';
  readonly attempts: number;
  /** ISO 8601. */
  readonly firstAt: string;
  readonly lastAt: string;
}

export interface MissedCalls {
  /** Those still open, the longest waiting first. */
  list(): Promise<readonly MissedEntry[]>;
  /** Closes one by hand. @returns false: no such entry is open. */
  close(id: string, who: string): Promise<boolean>;
}
