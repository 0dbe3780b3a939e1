/** How recording fares, for `/readyz` and metrics. */
export interface RecordingHealth {
  /**
   * `low-space`: none begins until there is room · `failing`: the last one failed, or the folder cannot be looked at, so
   * that nobody knows how much room there is.
   */
  readonly state: 'ok' | 'low-space' | 'failing';
  /** Bytes free where there are fewest; null: not known. */
  readonly freeBytes: number | null;
  /** Recordings that are kept now. */
  readonly files: number;
  /** Recordings that failed since the service started. */
  readonly failed: number;
}
