/** The view model of the wallboard: what goes over the wire, to the page and to any program that listens. */
import type { FeedHealth } from '../../feed/health.ts';
import type { CallState, CallView } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import type { Routing } from '../../routing/routing.ts';
import type { Readiness } from '../health.ts';
import type { TableShown } from '../table-api.ts';

type Shown = 'id' | 'number' | 'region' | 'switch' | 'arrivedAt' | 'state' | 'since' | 'prompt' | 'to' | 'agent';

/** A call that is up. */
export interface CallShown extends Pick<CallView, Shown | 'waitedMs' | 'transfers'> {
  /** Whole or masked, as the role has it. */
  readonly caller: string;
}

/** Of calls whose wait came to its end in a stretch of time. Levels are shares of `answered + missed`. */
export interface Level {
  readonly arrived: number;
  readonly answered: number;
  readonly missed: number;
  /** Answered within 15 s, and within 30 s, of the INVITE. */
  readonly within15: number;
  readonly within30: number;
  /** Sum of the waits of those answered. */
  readonly waitedMs: number;
}

export interface LevelsShown {
  /** Number or region. */
  readonly id: string;
  readonly live: number;
  readonly hour: Level;
  readonly day: Level;
}

export interface MinuteShown extends Level {
  /** Its beginning. */
  readonly at: number;
}

export interface DestinationShown {
  readonly id: string;
  /** Callers who wait there, and since when the first of them. */
  readonly waiting: number;
  readonly waitingSince: number | null;
  readonly talking: number;
}

export interface AgentShown {
  readonly name: string;
  readonly to: string;
  /** Null: not on a call of ours. */
  readonly talkingSince: number | null;
  /** Calls answered since the board knows of. */
  readonly answered: number;
  readonly lastAt: number;
}

export interface WaitsShown {
  /** Upper edges in seconds; one more bar is for those above the last. */
  readonly edges: readonly number[];
  readonly answered: readonly number[];
  readonly missed: readonly number[];
}

export interface Figures {
  readonly live: Readonly<Record<CallState | 'prompt' | 'total', number>>;
  readonly hour: Level;
  readonly day: Level;
  readonly numbers: readonly LevelsShown[];
  readonly regions: readonly LevelsShown[];
  /** Of the last hour. */
  readonly waits: WaitsShown;
  readonly destinations: readonly DestinationShown[];
  readonly agents: readonly AgentShown[];
  /** The last two; a snapshot has all of them. */
  readonly minutes: readonly MinuteShown[];
}

/** How the controller and what is around it stand. */
export interface ServiceShown {
  readonly revision: string;
  readonly source: string;
  readonly problem: string | null;
  readonly canary: string | null;
  /** Revision of the table's file where that is not live; null: it is, or is not good. */
  readonly candidate: string | null;
  /** Controllers on another revision; null: nobody knows. */
  readonly drift: number | null;
  readonly controllers: number;
  readonly switches: readonly { readonly name: string; readonly connected: boolean }[];
  readonly feed: FeedHealth;
}

/** Event `snapshot`, the first on every connection. */
export interface Snapshot {
  readonly at: number;
  readonly calls: readonly CallShown[];
  readonly figures: Figures;
  readonly service: ServiceShown;
}

/** Event `delta`: what has changed since. A key that is not there has not. */
export interface Delta {
  readonly at: number;
  readonly calls?: readonly CallShown[];
  /** Ids of calls that are over. */
  readonly gone?: readonly string[];
  readonly figures?: Figures;
  readonly service?: ServiceShown;
}

/** `GET /api/calls/{id}` */
export interface CallLogShown {
  readonly id: string;
  readonly isUp: boolean;
  readonly records: readonly PastRecord[];
  /** What the table said of the call when it arrived; null: that revision, or the call's beginning, is not known any more. */
  readonly why: Routing | null;
}

/** Controllers on another revision. Null: Redis cannot be reached, and so nobody knows. Without a fleet nobody drifts. */
export const driftOf = ({ fleet, revision }: TableShown): number | null => {
  if (fleet?.connected === false) return null;
  return (fleet?.controllers ?? []).filter((each) => each.revision !== revision).length;
};

export const serviceShown = (table: TableShown, { switches }: Readiness, feed: FeedHealth): ServiceShown => ({
  revision: table.revision,
  source: table.source,
  problem: table.problem ?? null,
  canary: table.canary === null ? null : `${table.canary.revision} (${table.canary.takes})`,
  candidate: table.file.revision === table.revision ? null : table.file.revision,
  drift: driftOf(table),
  controllers: Math.max(1, table.fleet?.controllers.length ?? 1),
  switches,
  feed,
});
