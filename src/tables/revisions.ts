/** Revisions by name: compiled ones at hand, others from disk or from the fleet, each checked again before it is used. */
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import type { Fleet } from './fleet.ts';
import { judge, type KeptRevision, sourcesOf } from './sources.ts';
import type { TableStore } from './store.ts';

/** Compiled tables kept for a way back, for calls taken over, and for tables that take turns. */
const AT_HAND_AT_MOST = 8;

export interface Revision {
  readonly kept: KeptRevision;
  readonly table: Table;
}

/** Why a revision cannot be had. */
export interface Missing {
  readonly missing: string;
  /** It is there, and not good here: asking again is no use. */
  readonly isRefused: boolean;
}

export class Revisions {
  readonly #store: TableStore;
  readonly #fleet: Fleet;
  /** The one used last is last. */
  readonly #atHand = new Map<string, Revision>();

  constructor(store: TableStore, fleet: Fleet) {
    this.#store = store;
    this.#fleet = fleet;
  }

  atHand(revision: string): Revision | undefined {
    const found = this.#atHand.get(revision);
    if (found) this.remember(found);
    return found;
  }

  remember(revision: Revision): void {
    this.#atHand.delete(revision.table.revision);
    this.#atHand.set(revision.table.revision, revision);
    const [oldest] = this.#atHand.keys();
    if (this.#atHand.size > AT_HAND_AT_MOST && oldest !== undefined) this.#atHand.delete(oldest);
  }

  async find(revision: string): Promise<Revision | Missing> {
    const atHand = this.atHand(revision);
    if (atHand) return atHand;
    const kept = (await this.#store.revision(revision)) ?? (await this.#fleet.revision(revision));
    if (kept === undefined)
      return { missing: `the text of revision ${revision} is neither on disk nor in Redis`, isRefused: false };
    const { table, problems } = judge(sourcesOf(kept, `revision ${revision}`), new Date(kept.checkedAt));
    if (table?.revision !== revision) {
      const [first] = problems.filter(({ severity }) => severity === 'error');
      const why = first ? formatProblem(first) : 'its text is not what its name says';
      return { missing: `revision ${revision} is not good here: ${why}`, isRefused: true };
    }
    const found = { kept, table };
    this.remember(found);
    return found;
  }
}
