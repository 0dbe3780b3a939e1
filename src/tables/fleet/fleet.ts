/** The controllers that change their table together, as one of them sees them: by way of Redis (`redis.ts`), or none. */

import type { KeptRevision } from '../source/sources.ts';
import type { Tallies } from './canary.ts';
import type { DeploymentState, HistoryEntry } from './deployment-state.ts';

/** What a controller tells of itself. */
export interface Acknowledgement {
  readonly name: string;
  /** The revision it runs, which may differ from the fleet's. */
  readonly revision: string;
  readonly counter: number;
  readonly outcome: 'acknowledged' | 'refused';
  /** Why it refused, or what else is wrong with its table. */
  readonly problem?: string | undefined;
}

export interface Member extends Acknowledgement {
  /** Since it last reported, by the clock of Redis. */
  readonly secondsAgo: number;
}

export interface FleetEvents {
  /** The fleet's deployment state may have changed. */
  moved(): void;
  /** A revision is about to go live: resolves when it is compiled here, or cannot be. */
  prepare(revision: string): Promise<void>;
}

export interface Fleet {
  /** By what is known now; null: there is no fleet. */
  readonly isReachable: boolean | null;
  /** Resolves when it is known whether the others can be reached. */
  start(events: FleetEvents): Promise<void>;
  /** Null: nobody has decided anything yet. Undefined: it cannot be reached. */
  deployment(): Promise<DeploymentState | null | undefined>;
  /** Resolves when all others have compiled the revision, or after a time limit. */
  offer(kept: KeptRevision): Promise<void>;
  /** Changes the fleet's state from `base` to `next`, unless somebody else has changed it meanwhile; all or nothing. */
  propose(base: DeploymentState, next: DeploymentState, entry: HistoryEntry): Promise<'won' | 'lost' | 'unreachable'>;
  /** Gives the fleet a state that it lacks; a newer one there stays. */
  restore(own: DeploymentState): Promise<void>;
  /** Stores the text of a revision for controllers that join. */
  keep(kept: KeptRevision): Promise<void>;
  revision(revision: string): Promise<KeptRevision | undefined>;
  acknowledge(ack: Acknowledgement): Promise<void>;
  /** Undefined: it cannot be reached. */
  members(): Promise<readonly Member[] | undefined>;
  /**
   * Tells the others how calls have ended here since a canary began.
   * @param run identifies the trial.
   * @returns the counts of each of the others; undefined: Redis does not answer.
   */
  share(run: string, own: Tallies): Promise<readonly Tallies[] | undefined>;
  /** Adds to the history without changing the state. */
  tell(entry: HistoryEntry): Promise<void>;
  /** The newest first; undefined: it cannot be reached. */
  history(atMost: number): Promise<readonly HistoryEntry[] | undefined>;
  stop(): Promise<void>;
}

const nothing = async (): Promise<undefined> => undefined;

/** For a controller with no Redis in its settings. */
export const noFleet: Fleet = Object.freeze({
  isReachable: null,
  start: nothing,
  deployment: nothing,
  offer: nothing,
  propose: async () => 'unreachable' as const,
  restore: nothing,
  keep: nothing,
  revision: nothing,
  acknowledge: nothing,
  members: nothing,
  share: nothing,
  tell: nothing,
  history: nothing,
  stop: nothing,
});
