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
   * `file`: what the table's file holds. `redis`: where the fleet stands. `operator`: what somebody has made live since
   * the start in place of the file: a table given, a canary promoted, a rollback. `last-known-good`: started on what was
   * kept on disk.
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
  /** Null: nothing good. */
  readonly revision: string | null;
  /** Where the prefix list lies that it names. */
  readonly prefixList: string | undefined;
}

/** What can be wrong while a good table is live. `kept`: of what was on disk at start something could not be read. */
export type Trouble = 'file' | 'disk' | 'fleet' | 'kept';

/** Who asks for a change. */
export interface Asked {
  readonly who: string;
  readonly from: ChangeFrom;
  /** Revision that has to be live still. */
  readonly ifMatch?: string | undefined;
}

export interface ReloadAsked extends Asked {
  /** What to reload; without it, the table's file. */
  readonly sources?: TableSources | undefined;
  /** However many numbers it moves. */
  readonly yes?: boolean | undefined;
  /** Only these calls for now. */
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
   * Where the fleet stands as far as is known: what is run, unless that had to be refused. A change starts from here.
   */
  get newest(): DeploymentState {
    return this.#newest;
  }

  /** What is run is what is wanted. */
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

  /** The same tables at another place in the order of changes. */
  renumber(deployment: DeploymentState): void {
    this.#run = { ...this.#run, deployment };
    this.#newest = deployment;
  }

  /** The fleet stands where this controller cannot go. */
  leaveBehind(newest: DeploymentState): void {
    this.#newest = newest;
  }

  /** @returns whether that was not known yet. */
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
