/** What is run at this moment, what is wrong with it, and what may be asked of it. */
import type { Problem } from '../routing/problems.ts';
import type { ArrivedCall } from '../routing/routing.ts';
import type { Table } from '../routing/table.ts';
import { takes } from './fleet/canary.ts';
import type { CanaryScope, ChangeFrom, DeploymentState } from './fleet/deployment-state.ts';
import type { Revision, TableSources } from './source/sources.ts';

export type TableSource = 'file' | 'redis' | 'operator' | 'last-known-good';

/** What `/readyz` tells of the table. */
export interface TableState {
  readonly revision: string;
  /**
   * `file`: the table's file. `redis`: the fleet. `operator`: somebody made another table live after the start, by a table
   * sent, a promoted canary or a rollback. `last-known-good`: the table kept on disk.
   */
  readonly source: TableSource;
  readonly problem?: string;
}

/** Replaced whole, never changed. */
export interface Run {
  readonly deployment: DeploymentState;
  readonly live: Revision;
  readonly canary: { readonly revision: Revision; readonly scope: CanaryScope } | undefined;
}

/** The table's file as it was when it was last looked at. */
export interface FileSeen {
  /** Hash of what it held, good or not; null: it could not be read. */
  readonly content: string | null;
  /** Null: the file holds no valid table. */
  readonly revision: string | null;
  /** Where the prefix list lies that it names. */
  readonly prefixList: string | undefined;
}

/** What can be wrong while a good table is live. `kept`: some file on disk could not be read at start. */
export type Trouble = 'file' | 'disk' | 'fleet' | 'kept';

/** Who asks for a change. */
export interface ChangeRequest {
  readonly who: string;
  readonly from: ChangeFrom;
  /** The change is refused unless this revision is still live. */
  readonly ifMatch?: string | undefined;
}

export interface ReloadRequest extends ChangeRequest {
  /** What to reload; without it, the table's file. */
  readonly sources?: TableSources | undefined;
  /** Skips the guards: the change may move any share of numbers and calls. */
  readonly yes?: boolean | undefined;
  /** Try the revision on these calls only. */
  readonly canary?: CanaryScope | undefined;
}

export interface Changed {
  readonly outcome: 'accepted' | 'unchanged';
  /** Live now. */
  readonly revision: string;
  readonly before: string;
  readonly canary: DeploymentState['canary'];
  readonly summary: string;
  /** Warnings of the table. */
  readonly problems: readonly Problem[];
}

export class Running {
  #run: Run;
  #newest: DeploymentState;
  #source: TableSource;
  readonly #troubles: Map<Trouble, string>;
  file: FileSeen;

  constructor(run: Run, source: TableSource, file: FileSeen, troubles: ReadonlyMap<Trouble, string>) {
    this.#run = run;
    this.#newest = run.deployment;
    this.#source = source;
    this.file = file;
    this.#troubles = new Map(troubles);
  }

  get run(): Run {
    return this.#run;
  }

  get table(): Table {
    return this.#run.live.table;
  }

  /**
   * The newest state known of the fleet. It differs from what is run only when that state was refused here. A change starts
   * from it.
   */
  get newest(): DeploymentState {
    return this.#newest;
  }

  /** This controller runs what the fleet wants. */
  get isNewest(): boolean {
    return this.#newest === this.#run.deployment;
  }

  get state(): TableState {
    const problem = [...this.#troubles.values()].join(' · ');
    return { revision: this.table.revision, source: this.#source, ...(problem !== '' && { problem }) };
  }

  tableFor(call: ArrivedCall, at: Date): Table {
    const { live, canary } = this.#run;
    if (canary === undefined) return live.table;
    const { table } = canary.revision;
    return takes(table, canary.scope, call, at) ? table : live.table;
  }

  /** One reference: whoever asks gets the old table or the new one. */
  swap(run: Run, source: TableSource): void {
    this.#run = run;
    this.#newest = run.deployment;
    this.#source = source;
    this.settle('fleet');
    if (this.file.revision === run.deployment.revision) this.settle('file');
  }

  /** Keeps the tables, and changes only their place in the order of changes. */
  renumber(deployment: DeploymentState): void {
    this.#run = { ...this.#run, deployment };
    this.#newest = deployment;
  }

  /** The fleet runs a revision that is refused here; what is live here stays. */
  leaveBehind(newest: DeploymentState): void {
    this.#newest = newest;
  }

  /** @returns true when the problem is new, so that it is logged once. */
  trouble(what: Trouble, problem: string): boolean {
    const isNew = this.#troubles.get(what) !== problem;
    this.#troubles.set(what, problem);
    return isNew;
  }

  settle(what: Trouble): void {
    this.#troubles.delete(what);
  }

  get isBehindFleet(): boolean {
    return this.#troubles.has('fleet');
  }
}
