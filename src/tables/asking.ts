/** What may be asked of the live table, and what became of it. */
import type { Problem } from '../routing/problems.ts';
import type { ChangeFrom, Reach, Standing } from './fleet/standing.ts';
import type { TableSources } from './source/sources.ts';

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
  readonly canary?: Reach | undefined;
}

export interface Changed {
  readonly outcome: 'accepted' | 'unchanged';
  /** Live now. */
  readonly revision: string;
  readonly before: string;
  readonly canary: Standing['canary'];
  readonly summary: string;
  /** Warnings of the table. */
  readonly problems: readonly Problem[];
}
