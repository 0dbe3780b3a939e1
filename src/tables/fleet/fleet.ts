/** The controllers that move together, as one of them sees them. Redis carries it (`redis-fleet.ts`), or nobody does. */

import type { KeptRevision } from '../source/sources.ts';
import type { Tallies } from './canary.ts';
import type { DeploymentState, HistoryEntry } from './deployment-state.ts';

/** What a controller tells of itself. */
export interface Acknowledgement {
  readonly name: string;
  /** What it runs, whatever the fleet wants. */
  readonly revision: string;
  readonly counter: number;
  readonly outcome: 'acknowledged' | 'refused';
  /** Why it refused, or what else is wrong with its table. */
  readonly problem?: string | undefined;
}

export interface Member extends Acknowledgement {
  /** Since it last told, by the clock of Redis. */
  readonly secondsAgo: number;
}

export interface FleetEvents {
  /** The fleet may stand elsewhere than it did. */
  moved(): void;
  /** A revision is about to go live: resolves once it could at once, or never will. */
  prepare(revision: string): Promise<void>;
}

export interface Fleet {
  /** As far as is known now; null: there is none. */
  readonly isReachable: boolean | null;
  /** Resolves when it is known whether the others can be reached. */
  start(events: FleetEvents): Promise<void>;
  /** Null: nobody has decided anything yet. Undefined: it cannot be reached. */
  deployment(): Promise<DeploymentState | null | undefined>;
  /** Resolves when all others have the revision ready to run, or have had time enough. */
  offer(kept: KeptRevision): Promise<void>;
  /** Moves the fleet from `base` to `next` unless somebody else has moved it meanwhile; all or nothing. */
  propose(base: DeploymentState, next: DeploymentState, entry: HistoryEntry): Promise<'won' | 'lost' | 'unreachable'>;
  /** Gives the fleet a deployment that it does not know or has forgotten; a newer one there stays. */
  restore(own: DeploymentState): Promise<void>;
  /** Makes sure that whoever joins finds the text of a revision. */
  keep(kept: KeptRevision): Promise<void>;
  revision(revision: string): Promise<KeptRevision | undefined>;
  acknowledge(ack: Acknowledgement): Promise<void>;
  /** Undefined: it cannot be reached. */
  members(): Promise<readonly Member[] | undefined>;
  /**
   * Tells the others how calls have ended here since a canary began; @returns what each of them has told.
   * Undefined: they cannot be asked.
   * @param run what tells one canary from every other.
   */
  share(run: string, own: Tallies): Promise<readonly Tallies[] | undefined>;
  /** A line of history that moves nothing. */
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
