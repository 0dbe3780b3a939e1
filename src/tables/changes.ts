/**
 * The one way to change the live table.
 *
 *   candidate ─▶ parse, check, own expectations ─▶ guard ─▶ kept on disk ─▶ ready everywhere ─▶ fleet moves ─▶ swap
 *        └──────────┴─ refused: the old one stays ─┴────────────┘                    └─ somebody was first: CONFLICT
 *
 * Changes take turns, and each starts from what was live when it was asked for.
 */
import { BadRequest, NoCanary, NoSuchRevision, TableConflict, TableRefused } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { OneAtATime } from '../base/one-at-a-time.ts';
import { inShort, type Problem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import type { AuditLog, What } from './audit-log.ts';
import { commit } from './commit.ts';
import { formatScope, shareOf, unknownIn } from './fleet/canary.ts';
import { type CanaryScope, type DeploymentState, liveBy } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Revisions } from './revisions.ts';
import type { Changed, ChangeRequest, ReloadRequest, Running } from './running.ts';
import type { Revision } from './source/sources.ts';
import type { TableFile } from './table-file.ts';
import { type Change, guardCalls, guardNumbers, type MissingAudio, type MovedCalls } from './validate/change.ts';
import type { Validator } from './validate/validator.ts';

export interface ChangesParts {
  readonly fleet: Fleet;
  readonly validator: Validator;
  readonly revisions: Revisions;
  readonly running: Running;
  readonly auditLog: AuditLog;
  readonly file: TableFile;
  readonly turns: OneAtATime;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  readonly look: () => void;
  /** Share of the numbers that a change may move unasked. */
  readonly mostNumbersMoved: number;
  readonly movedCalls: MovedCalls;
  /** Share of the calls of the last 24 hours that a change may send elsewhere unasked. */
  readonly mostCallsMoved: number;
  readonly missingAudio: MissingAudio;
}

/** How changes have ended. */
export type Outcomes = Readonly<Record<Changed['outcome'] | 'refused', number>>;

const ALREADY = 'this revision is live already';

interface Candidate {
  readonly revision: Revision;
  readonly problems: readonly Problem[];
}

export class Changes {
  readonly #parts: ChangesParts;
  readonly #outcomes = { accepted: 0, unchanged: 0, refused: 0 };

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /** Since the start: reloads, canaries, promotions and rollbacks. */
  get outcomes(): Outcomes {
    return { ...this.#outcomes };
  }

  reload(asked: ReloadRequest): Promise<Changed> {
    const { file } = this.#parts;
    const what = asked.canary === undefined ? 'reload' : 'canary';
    return this.#inTurn(what, asked, (base) => {
      this.#mustMatch(asked);
      const changing = this.#reload(what, base, asked);
      return asked.sources === undefined ? file.orTrouble(changing) : changing;
    });
  }

  rollback(asked: ChangeRequest & { readonly revision?: string | undefined }): Promise<Changed> {
    return this.#inTurn('rollback', asked, async (base) => {
      const ended = asked.revision === undefined ? base.canary : null;
      const to = asked.revision ?? (ended ? base.revision : base.previous);
      if (to === null) throw new NoSuchRevision('there is no revision before the live one');
      this.#mustMatch(asked);
      const revision = await this.find(to);
      if (this.#isLive(revision)) return this.#told('unchanged', base, ALREADY, []);
      this.#mustBeFirst(base);
      const summary = ended
        ? `the canary ${ended.revision} takes no more calls`
        : endedInWords(base, `back to ${to}: ${(await this.#changeTo(revision)).summary}`);
      const next = this.#after(base, asked, summary, to);
      await commit(this.#parts, { what: 'rollback', base, next, revision }, asked);
      return this.#told('accepted', base, summary, []);
    });
  }

  promote(asked: ChangeRequest): Promise<Changed> {
    return this.#inTurn('promote', asked, async (base) => {
      this.#mustMatch(asked);
      if (base.canary === null) throw new NoCanary('no revision is being tried');
      this.#mustBeFirst(base);
      const revision = await this.find(base.canary.revision);
      const { summary } = await this.#changeTo(revision);
      const next = this.#after(base, asked, summary, base.canary.revision);
      await commit(this.#parts, { what: 'promote', base, next, revision }, asked);
      return this.#told('accepted', base, summary, []);
    });
  }

  /** @throws NoSuchRevision */
  async find(revision: string): Promise<Revision> {
    const found = await this.#parts.revisions.find(revision);
    if ('missing' in found) throw new NoSuchRevision(found.missing);
    return found;
  }

  async #reload(what: What, base: DeploymentState, asked: ReloadRequest): Promise<Changed> {
    const { canary: scope, sources } = asked;
    const { revision, problems } = await this.#candidate(asked);
    if (scope) mustBeKnown(revision.table, scope);
    if (this.#isLive(revision)) return this.#told('unchanged', base, ALREADY, problems);
    this.#mustBeFirst(base);
    await this.#mustBeHeard(revision, asked);
    const change = await this.#changeTo(revision);
    if (!asked.yes) await this.#guard(change, revision, scope);
    const told = scope ? `${formatScope(scope)}: ${change.summary}` : change.summary;
    const summary = endedInWords(base, told);
    const canary = scope ? { revision: revision.table.revision, reach: scope } : null;
    const next = this.#after(base, asked, summary, scope ? base.revision : revision.table.revision, canary);
    const source = sources === undefined ? 'file' : undefined;
    await commit(this.#parts, { what, base, next, revision, source }, asked);
    return this.#told('accepted', base, summary, problems);
  }

  /** What is asked for, once it is good. @throws TableRefused, FileUnreadable */
  async #candidate({ sources }: ReloadRequest): Promise<Candidate> {
    const { file, validator, now, revisions } = this.#parts;
    const validated = sources === undefined ? await file.validate() : await validator.validate(sources, now());
    if (validated.revision === undefined) throw this.#refused(validated.problems);
    const { table } = validated.revision;
    return { revision: revisions.atHand(table.revision) ?? validated.revision, problems: validated.problems };
  }

  /** @throws TableRefused */
  async #mustBeHeard(revision: Revision, { sources }: ReloadRequest): Promise<void> {
    const { file, missingAudio, running } = this.#parts;
    const problems = await missingAudio(running.table, revision, sources?.table.file ?? file.path);
    if (problems.length > 0) throw this.#refused(problems);
  }

  #refused(problems: readonly Problem[]): TableRefused {
    return new TableRefused(`${inShort(problems)}; ${this.#parts.running.table.revision} stays live`, problems);
  }

  /** @throws ChangeTooLarge */
  async #guard(change: Change, { table }: Revision, scope: CanaryScope | undefined): Promise<void> {
    const { mostNumbersMoved, mostCallsMoved, movedCalls, running } = this.#parts;
    const share = scope && shareOf(table, scope);
    guardNumbers(change, mostNumbersMoved, share);
    guardCalls(await movedCalls(running.table, table), mostCallsMoved, change.summary, share);
  }

  /** Changes one after the other. Each starts from what was live when it was asked for. */
  async #inTurn(what: What, asked: ChangeRequest, work: (base: DeploymentState) => Promise<Changed>): Promise<Changed> {
    const { running, turns } = this.#parts;
    const base = running.newest;
    try {
      const changed = await turns.take(() => this.#orRefused(what, asked, () => work(base)));
      this.#outcomes[changed.outcome] += 1;
      return changed;
    } catch (error) {
      this.#outcomes.refused += 1;
      throw error;
    }
  }

  async #orRefused(what: What, asked: ChangeRequest, work: () => Promise<Changed>): Promise<Changed> {
    try {
      const changed = await work();
      this.#parts.auditLog.forgetRefused();
      return changed;
    } catch (error) {
      // Several controllers may end the same canary; losing that race is no refusal worth recording.
      const isSettled = asked.from === 'canary' && error instanceof TableConflict;
      if (!isSettled) await this.#parts.auditLog.refused(what, asked, error);
      throw error;
    }
  }

  /** Checked before anything is read, so that an outdated request is refused whatever it holds. */
  #mustMatch({ ifMatch }: ChangeRequest): void {
    const { newest } = this.#parts.running;
    const { revision } = newest;
    const { who, when } = liveBy(newest);
    if (ifMatch === undefined || ifMatch === revision) return;
    throw new TableConflict(`revision ${ifMatch} is not live; ${revision} is, by ${who}, ${when}`);
  }

  #mustBeFirst(base: DeploymentState): void {
    const { newest } = this.#parts.running;
    const { canary, revision, who, when } = newest;
    const now = canary === null ? revision : `canary ${canary.revision}`;
    if (newest !== base) throw new TableConflict(`another change came first: ${now} by ${who}, ${when}`);
  }

  /** True when every call here is routed by the revision and no newer state of the fleet is known. */
  #isLive({ table }: Revision): boolean {
    const { isNewest, run } = this.#parts.running;
    return isNewest && run.canary === undefined && run.live.table.revision === table.revision;
  }

  #changeTo(revision: Revision): Promise<Change> {
    const { validator, now, running } = this.#parts;
    return validator.describe(running.run.live, revision, now());
  }

  /** The deployment state after a change. */
  #after(
    base: DeploymentState,
    { who }: ChangeRequest,
    summary: string,
    revision: string,
    canary: DeploymentState['canary'] = null,
  ): DeploymentState {
    const previous = revision === base.revision ? base.previous : base.revision;
    const when = this.#parts.auditLog.when();
    const live = revision === base.revision ? { live: liveBy(base) } : {};
    return { counter: base.counter + 1, when, revision, previous, canary, who, summary, ...live };
  }

  #told(outcome: Changed['outcome'], before: DeploymentState, summary: string, problems: readonly Problem[]): Changed {
    const { revision, canary } = this.#parts.running.run.deployment;
    return { outcome, revision, before: before.revision, canary, summary, problems };
  }
}

/** The summary of a change that also ends a running canary, which nobody had promoted or rolled back. */
const endedInWords = ({ canary }: DeploymentState, summary: string): string =>
  canary === null
    ? summary
    : `the canary ${canary.revision} (${formatScope(canary.reach)}) takes no more calls; ${summary}`;

function mustBeKnown(table: Table, scope: CanaryScope): void {
  const unknown = unknownIn(table, scope);
  if (unknown.length > 0) throw new BadRequest(`the table has no ${unknown.join(', ')}, so a canary cannot go there`);
}
