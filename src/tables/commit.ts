/** Carries out a valid change: disk, fleet, swap. The order leaves one whole table live whatever fails. */
import { TableConflict } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { AuditLog, What } from './audit-log.ts';
import type { DeploymentState } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Revisions } from './revisions.ts';
import type { ChangeRequest, Running, TableSource } from './running.ts';
import type { Revision } from './source/sources.ts';

export interface CommitParts {
  readonly fleet: Fleet;
  readonly running: Running;
  readonly revisions: Revisions;
  readonly auditLog: AuditLog;
  readonly log: Logger;
  /** Reconciles with the fleet soon. */
  readonly look: () => void;
}

export interface Move {
  readonly what: What;
  readonly base: DeploymentState;
  readonly next: DeploymentState;
  /** The revision that `next` makes live, or tries as a canary. */
  readonly revision: Revision;
  /** Where the live table came from, when it did not come from the fleet. */
  readonly source?: TableSource | undefined;
}

/**
 * First the disk, under a temporary name; then the fleet, which decides; then the swap; at last the file gets its name.
 * @throws TableNotKept, TableConflict
 */
export async function commit(parts: CommitParts, move: Move, { from }: ChangeRequest): Promise<void> {
  const { fleet, auditLog } = parts;
  const { what, base, next, revision } = move;
  const isBack = what === 'rollback';
  const prepared = await (isBack ? auditLog.prepareBack(revision.kept, next) : auditLog.prepare(revision.kept, next));
  await fleet.offer(revision.kept);
  const entry = auditLog.accepted(what, next, from, base.revision);
  const answer = await fleet.propose(base, next, entry);
  if (answer === 'lost') {
    await prepared.discard();
    parts.look();
    throw new TableConflict('another controller changed the table first');
  }
  swap(parts, move, answer === 'won');
  const { canary, who, summary } = next;
  parts.log.info({ what, revision: next.revision, canary, who, from }, `the table: ${summary}`);
  await auditLog.settle(prepared, entry);
  await auditLog.acknowledge();
}

const swap = ({ revisions, running }: CommitParts, move: Move, isFleets: boolean): void => {
  const { next, revision } = move;
  revisions.remember(revision);
  const live = next.canary === null ? revision : running.run.live;
  const canary = next.canary === null ? undefined : { revision, scope: next.canary.reach };
  running.swap({ deployment: next, live, canary }, sourceOf(running, move, isFleets));
};

const sourceOf = (running: Running, { next, source }: Move, isFleets: boolean): TableSource => {
  if (next.revision === running.table.revision) return running.state.source;
  if (source !== undefined) return source;
  if (isFleets) return 'redis';
  return running.file.revision === next.revision ? 'file' : 'operator';
};
