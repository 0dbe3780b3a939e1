/** Revisions by name: compiled ones at hand, others from disk or from the fleet, each checked again before it is used. */
import { formatProblem } from '../routing/problems.ts';
import type { Fleet } from './fleet/fleet.ts';
import { type Revision, sourcesOf } from './source/sources.ts';
import type { TableStore } from './store/store.ts';
import type { Validator } from './validate/validator.ts';

/** Compiled tables kept for rollbacks, for adopted calls, and for a canary beside the live table. */
const AT_HAND_AT_MOST = 8;

/** Why a revision cannot be had. */
export interface Missing {
  readonly missing: string;
  /** The text is there but not valid here: asking again is no use. */
  readonly isRefused: boolean;
}

export class Revisions {
  readonly #store: TableStore;
  readonly #fleet: Fleet;
  readonly #validator: Validator;
  /** Look-ups under way, so that each revision is compiled once. */
  readonly #finding = new Map<string, Promise<Revision | Missing>>();
  /** In order of use, the latest last. */
  readonly #atHand = new Map<string, Revision>();

  constructor(store: TableStore, fleet: Fleet, validator: Validator) {
    this.#store = store;
    this.#fleet = fleet;
    this.#validator = validator;
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

  find(revision: string): Promise<Revision | Missing> {
    const atHand = this.atHand(revision);
    if (atHand) return Promise.resolve(atHand);
    const finding = this.#finding.get(revision) ?? this.#find(revision).finally(() => this.#finding.delete(revision));
    this.#finding.set(revision, finding);
    return finding;
  }

  async #find(revision: string): Promise<Revision | Missing> {
    const kept = (await this.#store.revision(revision)) ?? (await this.#fleet.revision(revision));
    if (kept === undefined) {
      const corrupt = await this.#store.corruptRevision(revision);
      const missing = `the text of revision ${revision} is neither on disk nor in Redis`;
      return {
        missing: corrupt === undefined ? missing : `${corrupt}, and revision ${revision} is not in Redis`,
        isRefused: false,
      };
    }
    const { revision: found, problems } = await this.#validator.validate(
      sourcesOf(kept, `revision ${revision}`),
      kept.checkedAt,
    );
    if (found?.table.revision !== revision) {
      const [first] = problems.filter(({ severity }) => severity === 'error');
      const why = first ? formatProblem(first) : 'its text is not what its name says';
      return { missing: `revision ${revision} is not good here: ${why}`, isRefused: true };
    }
    this.remember(found);
    return found;
  }
}
