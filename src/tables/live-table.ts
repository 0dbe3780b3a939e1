/**
 * The live table: the revision that new calls are routed by. It is swapped by one assignment, so a call gets one whole
 * revision or the other; `changes.ts` has the one way to change it.
 */
import { NoSuchRevision } from '../base/errors.ts';
import { OneAtATime } from '../base/one-at-a-time.ts';
import type { ArrivedCall } from '../routing/routing.ts';
import type { Table } from '../routing/table.ts';
import { AuditLog, type AuditLogParts } from './audit-log.ts';
import { bootstrap } from './bootstrap.ts';
import { CanaryTrial, type Tallies } from './canary-trial.ts';
import { Changes, type Outcomes } from './changes.ts';
import type { CanaryWatch } from './fleet/canary.ts';
import { type DeploymentState, type HistoryEntry, mergeHistory } from './fleet/deployment-state.ts';
import type { Member } from './fleet/fleet.ts';
import { Reconciler } from './reconcile.ts';
import { Revisions } from './revisions.ts';
import type { Changed, ChangeRequest, FileSeen, ReloadRequest, Running, TableState } from './running.ts';
import type { KeptRevision } from './source/sources.ts';
import { TableFile } from './table-file.ts';
import { type Candidate, CandidateCheck } from './validate/candidate.ts';
import type { MissingAudio, MovedCalls } from './validate/change.ts';
import type { Validator } from './validate/validator.ts';

export interface LiveTableParts extends AuditLogParts {
  /** The table's file. */
  readonly file: string;
  readonly validator: Validator;
  readonly watch: CanaryWatch;
  /** Share of the numbers that a change may move unasked. */
  readonly mostNumbersMoved: number;
  readonly movedCalls: MovedCalls;
  /** Share of the calls of the last 24 hours that a change may send elsewhere unasked. */
  readonly mostCallsMoved: number;
  readonly missingAudio: MissingAudio;
}

/** Entries searched for a revision that somebody names; more than one disk keeps, because a fleet has more. */
const HISTORY_LOOKED_AT = 1_000;

/** A shorter one is more likely a slip: `rollback 9` is not nine back. */
const SHORTEST_BEGINNING = 4;

export class LiveTable {
  readonly #parts: LiveTableParts;
  readonly #revisions: Revisions;
  readonly #running: Running;
  readonly #auditLog: AuditLog;
  readonly #file: TableFile;
  readonly #reconciler: Reconciler;
  readonly #changes: Changes;
  readonly #trial: CanaryTrial;
  readonly #candidate: CandidateCheck;
  readonly #turns = new OneAtATime();
  #isLookWanted = false;
  #isStopped = false;

  private constructor(given: LiveTableParts, revisions: Revisions, running: Running) {
    this.#parts = given;
    this.#revisions = revisions;
    this.#running = running;
    this.#auditLog = new AuditLog(given, running);
    const parts = { ...given, revisions, running, auditLog: this.#auditLog };
    this.#file = new TableFile(given.file, parts);
    this.#reconciler = new Reconciler(parts);
    this.#changes = new Changes({ ...parts, file: this.#file, turns: this.#turns, look: () => this.look() });
    const compare = () => given.validator.compareFile(running.run.live, given.file, given.now());
    this.#candidate = new CandidateCheck(given.file, compare, given.now);
    this.#trial = new CanaryTrial({ ...parts, rollback: (asked) => this.rollback(asked) });
  }

  /** @throws TableRefused, FileUnreadable when there is no table to start on. */
  static async open(parts: LiveTableParts): Promise<LiveTable> {
    const { fleet, validator } = parts;
    const revisions = new Revisions(parts.store, fleet, validator);
    const opened: { table?: LiveTable } = {};
    await fleet.start({
      moved: () => opened.table?.look(),
      prepare: async (revision) => void (await revisions.find(revision)),
    });
    try {
      const { running, isFileAsked, isFromFile } = await bootstrap({ ...parts, revisions });
      const table = new LiveTable(parts, revisions, running);
      await table.#begin(isFromFile);
      opened.table = table;
      if (isFileAsked) await table.reload({ who: 'start-up', from: 'file' }).catch(() => undefined); // told of already
      return table;
    } catch (error) {
      await Promise.all([fleet.stop(), validator.stop()]);
      throw error;
    }
  }

  get table(): Table {
    return this.#running.table;
  }

  get deployment(): DeploymentState {
    return this.#running.run.deployment;
  }

  get state(): TableState {
    return this.#running.state;
  }

  /** Undefined: there is none. */
  get fleet(): 'connected' | 'unreachable' | undefined {
    const { isReachable } = this.#parts.fleet;
    if (isReachable === null) return undefined;
    return isReachable ? 'connected' : 'unreachable';
  }

  /** The last change requested here, when it was refused. */
  get lastRefused(): HistoryEntry | undefined {
    return this.#auditLog.lastRefused;
  }

  get file(): FileSeen {
    return this.#running.file;
  }

  /** Files whose change is a request to reload. */
  get files(): readonly string[] {
    return this.#file.files;
  }

  /** The table that a call is routed by from its arrival to its end. */
  tableFor(call: ArrivedCall): Table {
    return this.#running.tableFor(call, new Date(this.#parts.now()));
  }

  /** A revision that a call began with, live or not; undefined: it is not kept any more. */
  async tableOf(revision: string): Promise<Table | undefined> {
    const found = await this.#revisions.find(revision);
    return 'table' in found ? found.table : undefined;
  }

  /** @throws NoSuchRevision */
  async textOf(revision: string): Promise<KeptRevision> {
    return (await this.#changes.find(await this.#inFull(revision))).kept;
  }

  /** How reloads have ended since the start; canaries, promotions and rollbacks are reloads too. */
  get reloads(): Outcomes {
    return this.#changes.outcomes;
  }

  /** How calls have ended since the canary began, here and on the other controllers. */
  get tallies(): Tallies | undefined {
    return this.#trial.tallies;
  }

  /** @throws TableRefused, ChangeTooLarge, TableConflict, TableNotKept, FileUnreadable, BadRequest */
  reload(asked: ReloadRequest): Promise<Changed> {
    return this.#changes.reload(asked);
  }

  /** The file as it is now, whether or not somebody has asked for it to go live. @throws FileUnreadable */
  candidate(): Promise<Candidate> {
    return this.#candidate.ask(this.table.revision);
  }

  /** The file may have changed. New content is a request to reload. */
  async fileChanged(): Promise<void> {
    if (!(await this.#file.isChanged())) return;
    await this.reload({ who: 'file watch', from: 'file' }).catch(() => undefined); // told of already
  }

  /**
   * Ends a canary if one runs; otherwise goes back to the previous revision, or to a named one. A second rollback undoes the
   * first.
   * @throws NoSuchRevision, TableConflict, TableNotKept
   */
  async rollback(asked: ChangeRequest & { readonly revision?: string | undefined }): Promise<Changed> {
    if (asked.revision === undefined) return this.#changes.rollback(asked);
    return this.#changes.rollback({ ...asked, revision: await this.#inFull(asked.revision) });
  }

  /**
   * Completes an abbreviated revision, among those of the history and those on disk.
   * @throws NoSuchRevision when the abbreviation is ambiguous
   */
  async #inFull(beginning: string): Promise<string> {
    const { revision, previous, canary } = this.deployment;
    const told = (await this.history(HISTORY_LOOKED_AT)).map((entry) => entry.revision);
    const known = new Set([revision, previous, canary?.revision, ...told, ...(await this.#parts.store.names())]);
    if (known.has(beginning) || beginning.length < SHORTEST_BEGINNING) return beginning;
    const found = [...known].filter((each) => each?.startsWith(beginning));
    if (found.length <= 1) return found[0] ?? beginning;
    throw new NoSuchRevision(`${beginning} may be ${found.slice(0, 5).join(', ')}${found.length > 5 ? ' …' : ''}`);
  }

  /** The canary becomes live. @throws NoCanary, TableConflict, TableNotKept */
  promote(asked: ChangeRequest): Promise<Changed> {
    return this.#changes.promote(asked);
  }

  /** A call has ended; a canary that does worse than the live revision is rolled back. */
  callEnded(revision: string, isAnswered: boolean): void {
    this.#trial.callEnded(revision, isAnswered);
  }

  /** The newest first: the fleet's history, and entries that only this disk has. */
  async history(atMost: number): Promise<readonly HistoryEntry[]> {
    const { fleet, store } = this.#parts;
    const [ofFleet, ofDisk] = await Promise.all([fleet.history(atMost), store.history(atMost)]);
    return mergeHistory(ofFleet ?? [], ofDisk).slice(0, atMost);
  }

  /** Undefined: there is no fleet, or it cannot be reached. */
  members(): Promise<readonly Member[] | undefined> {
    return this.#parts.fleet.members();
  }

  /** Reconciles with the fleet, once at a time. */
  look(): void {
    if (this.#isLookWanted || this.#isStopped) return;
    this.#isLookWanted = true;
    const reconcile = async () => {
      this.#isLookWanted = false;
      if (!this.#isStopped) await this.#reconciler.reconcile();
    };
    this.#turns
      .take(reconcile)
      .catch((error: unknown) => this.#parts.log.error({ reason: String(error) }, 'could not follow the fleet'));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#trial.stop();
    await this.#turns.over;
    await Promise.all([this.#parts.fleet.stop(), this.#parts.validator.stop()]);
  }

  async #begin(isFromFile: boolean): Promise<void> {
    const { live, deployment } = this.#running.run;
    await this.#reconciler.reconcile();
    await this.#auditLog.write([live.kept]);
    if (isFromFile) await this.#auditLog.tell(this.#auditLog.accepted('start', deployment, 'file', null));
    this.#trial.start();
  }
}
