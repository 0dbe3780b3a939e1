/** What the HTTP side shows of the table, and asks of it. Main hands it in. */
import type { Problem } from '../routing/problems.ts';

export interface TableHealth {
  readonly revision: string;
  /** Where the live table came from: its file, the fleet, an operator's request, or this controller's own disk at the start. */
  readonly source: 'file' | 'redis' | 'operator' | 'last-known-good';
  readonly problem?: string;
}

export interface CanaryShown {
  readonly revision: string;
  /** e.g. `10% of calls` */
  readonly takes: string;
  readonly ended: number;
  readonly answered: number;
  /** Who began it, and when. */
  readonly who: string;
  readonly when: string;
}

/** A change that did not take place. */
export interface RefusedShown {
  readonly who: string;
  readonly when: string;
  readonly code: string;
  readonly summary: string;
}

export interface FleetMember {
  readonly name: string;
  readonly revision: string;
  readonly outcome: 'acknowledged' | 'refused';
  readonly problem?: string | undefined;
  readonly secondsAgo: number;
}

/** `GET /api/table` */
export interface TableShown extends TableHealth {
  readonly previous: string | null;
  readonly who: string;
  readonly when: string;
  readonly summary: string;
  readonly numbers: number;
  readonly canary: CanaryShown | null;
  /** The last change asked of this controller, if it was refused; null: it was not. */
  readonly refused: RefusedShown | null;
  readonly file: { readonly path: string; readonly revision: string | null };
  /** Null: no Redis in the settings. No members: it cannot be reached. */
  readonly fleet: { readonly connected: boolean; readonly controllers: readonly FleetMember[] } | null;
}

/** `GET /api/table/candidate`: the table's file as it is now, checked, and what it would move. */
export interface CandidateShown {
  readonly path: string;
  /** Null: the file is not good, or cannot be read. */
  readonly revision: string | null;
  readonly isLive: boolean;
  /** In reading order, warnings too. */
  readonly problems: readonly Problem[];
  /** What moves, a line each; empty where nothing does. */
  readonly moves: readonly string[];
  readonly numbersMoved: number;
  readonly numbersTotal: number;
}

/** `GET /api/numbers`: what the live table has, as far as people who watch need it. */
export interface NumbersShown {
  readonly revision: string;
  readonly timeZone: string;
  readonly numbers: readonly { readonly number: string; readonly unit: string; readonly mode: string }[];
  readonly regions: readonly { readonly id: string; readonly name: string }[];
  /** Queues and seats, by their ids. */
  readonly destinations: readonly {
    readonly id: string;
    readonly label: string;
    /** Phones that may answer; 0: the platform keeps them, or the PBX. */
    readonly phones: number;
  }[];
}

export interface Asking {
  readonly who: string;
  readonly from: 'http' | 'cli';
  readonly ifMatch: string | undefined;
}

/** A table that comes with the request. */
export interface TableGiven {
  readonly name?: string;
  readonly text: string;
  readonly prefixList?: string;
}

export interface ReloadBody {
  readonly yes?: boolean;
  /** Without it: the file of the service. */
  readonly table?: TableGiven;
}

export interface ChangeMade {
  readonly outcome: 'accepted' | 'unchanged';
  readonly revision: string;
  readonly before: string;
  readonly summary: string;
  readonly canary: object | null;
  readonly problems: readonly Problem[];
}

export interface TableControl {
  show(): Promise<TableShown>;
  candidate(): Promise<CandidateShown>;
  history(atMost: number): Promise<readonly object[]>;
  textOf(revision: string): Promise<object>;
  reload(body: ReloadBody, asking: Asking): Promise<ChangeMade>;
  /** @param calls `10%`, `region:xiamen`, `number:12333` */
  canary(calls: string, body: ReloadBody, asking: Asking): Promise<ChangeMade>;
  rollback(revision: string | undefined, asking: Asking): Promise<ChangeMade>;
  promote(asking: Asking): Promise<ChangeMade>;
}
