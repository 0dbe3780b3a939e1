/** Where a deliverer gets its records from. */

export interface Batch {
  /** Records as JSON, in the order told. */
  readonly lines: readonly string[];
  /** Whether they are still ours to deliver. */
  isHeld(): boolean;
  /** They are delivered, or given up. */
  done(): Promise<void>;
}

export interface Source {
  /** The next records; undefined: there are none for now, or another controller delivers. Rejects when nobody can say. */
  next(most: number): Promise<Batch | undefined>;
  /**
   * Records that are not done, whether it is this controller that delivers them, and how many there is nobody to get from
   * any more, for all time.
   */
  standing(): Promise<{ readonly backlog: number; readonly isHeld: boolean; readonly dropped: number }>;
  /** `next` resolves soon, and gives nothing more. */
  stop(): Promise<void>;
}
