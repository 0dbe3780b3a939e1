/** Reconciles a controller with its fleet: one takes over the deployment state of the other. The rule: docs/decisions/0041. */
import type { Logger } from '../base/log.ts';
import type { AuditLog } from './audit-log.ts';
import { compareDeployments, type DeploymentState } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Revisions } from './revisions.ts';
import type { Running } from './running.ts';

export interface ReconcilerParts {
  readonly fleet: Fleet;
  readonly running: Running;
  readonly revisions: Revisions;
  readonly auditLog: AuditLog;
  readonly log: Logger;
}

export class Reconciler {
  readonly #parts: ReconcilerParts;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  async reconcile(): Promise<void> {
    const { fleet, running, auditLog } = this.#parts;
    const there = await fleet.deployment();
    if (there === undefined) return;
    const own = running.run.deployment;
    if (there === null) await (own.counter === 0 ? this.#beFirst(own) : this.#tellFleet(own));
    else {
      const order = own.counter === 0 ? -1 : compareDeployments(own, there);
      if (order > 0 && running.isNewest) await this.#tellFleet(own);
      if (order < 0 && compareDeployments(running.newest, there) !== 0) await this.#follow(there);
      if (order === 0) await fleet.keep(running.run.live.kept);
    }
    await auditLog.acknowledge();
  }

  /** Nobody has decided anything yet. When several controllers start at once, the first one decides and the others follow. */
  async #beFirst(own: DeploymentState): Promise<void> {
    const { fleet, running, auditLog } = this.#parts;
    const next = { ...own, counter: 1 };
    await fleet.keep(running.run.live.kept);
    const answer = await fleet.propose(own, next, auditLog.accepted('start', next, 'file', null));
    if (answer === 'lost') return this.reconcile();
    if (answer === 'unreachable') return;
    running.renumber(next);
    await auditLog.write([running.run.live.kept]);
  }

  /** Redis came back empty, or a change was made here while Redis was away. */
  async #tellFleet(own: DeploymentState): Promise<void> {
    const { live, canary } = this.#parts.running.run;
    await this.#parts.fleet.keep(live.kept);
    if (canary) await this.#parts.fleet.keep(canary.revision.kept);
    await this.#parts.fleet.restore(own);
  }

  async #follow(fleet: DeploymentState): Promise<void> {
    const { running, revisions, auditLog, log } = this.#parts;
    const live = await revisions.find(fleet.revision);
    const tried = fleet.canary === null ? undefined : await revisions.find(fleet.canary.revision);
    if ('missing' in live) return this.#stay(live.missing, fleet, live.isRefused);
    if (tried && 'missing' in tried) return this.#stay(tried.missing, fleet, tried.isRefused);
    const before = running.run.deployment;
    const { revision, who, summary } = fleet;
    const canary = tried && fleet.canary ? { revision: tried, scope: fleet.canary.reach } : undefined;
    running.swap({ deployment: fleet, live, canary }, 'redis');
    log.info({ revision, who, canary: fleet.canary }, `the fleet moves: ${summary}`);
    if (before.counter >= fleet.counter && before.counter > 0) {
      log.warn({ revision: before.revision, who: before.who }, 'a change made here while Redis was away is superseded');
    }
    await auditLog.write([live.kept, ...(tried ? [tried.kept] : [])]);
    await auditLog.tell(auditLog.accepted('follow', fleet, 'redis', before.revision));
  }

  /** What is live here stays live. The next change starts from the fleet's state even when that was refused here. */
  #stay(why: string, fleet: DeploymentState, isRefused: boolean): void {
    const { running, log } = this.#parts;
    if (isRefused) running.leaveBehind(fleet);
    const problem = `the fleet is at revision ${fleet.revision} (${fleet.who}), which cannot go live here: ${why}`;
    if (running.trouble('fleet', problem)) log.error({ revision: fleet.revision }, problem);
  }
}
