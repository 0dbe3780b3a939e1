/** Records every change, accepted or refused: on disk, in the history, and in the fleet. */
import { HotlineError, TableNotKept } from '../base/errors.ts';
import type { PreparedFile } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { ChangeFrom, DeploymentState, HistoryEntry } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Running } from './running.ts';
import type { KeptRevision } from './source/sources.ts';
import type { TableStore } from './store/store.ts';

export interface AuditLogParts {
  readonly store: TableStore;
  readonly fleet: Fleet;
  /** Name of this controller. */
  readonly name: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export type What = HistoryEntry['what'];

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class AuditLog {
  readonly #parts: AuditLogParts;
  readonly #running: Running;
  /** Content of the table's file as it was last stored on disk. */
  #fileSeen: string | null | undefined;
  #lastRefused: HistoryEntry | undefined;

  constructor(parts: AuditLogParts, running: Running) {
    this.#parts = parts;
    this.#running = running;
  }

  /** The last change requested here since the start, when it was refused. */
  get lastRefused(): HistoryEntry | undefined {
    return this.#lastRefused;
  }

  /** To be called when a later request was accepted. */
  forgetRefused(): void {
    this.#lastRefused = undefined;
  }

  when(): string {
    return new Date(this.#parts.now()).toISOString();
  }

  accepted(what: What, deployment: DeploymentState, from: ChangeFrom, before: string | null): HistoryEntry {
    const { when, who, summary, canary } = deployment;
    const revision = what === 'canary' ? (canary?.revision ?? deployment.revision) : deployment.revision;
    return { what, outcome: 'accepted', revision, before, when, who, from, summary, controller: this.#parts.name };
  }

  /** Stores that the file was seen, when its content is not live. */
  async writeFileSeen(): Promise<void> {
    if (this.#running.file.content !== this.#fileSeen) await this.write([]);
  }

  /** Writes a change to disk before anybody learns of it, so that there is room for it. @throws TableNotKept */
  async prepare(kept: KeptRevision, next: DeploymentState): Promise<PreparedFile> {
    await this.#parts.store.keep(kept);
    return this.#parts.store.prepare(next, this.#running.file.content);
  }

  /** As `prepare`, for a rollback: a full disk does not prevent going back to a revision it already holds. */
  async prepareBack(kept: KeptRevision, next: DeploymentState): Promise<PreparedFile> {
    try {
      return await this.prepare(kept, next);
    } catch (error) {
      if (!(error instanceof TableNotKept) || (await this.#parts.store.revision(kept.revision)) === undefined)
        throw error;
      return { commit: () => Promise.reject(error), discard: async () => undefined };
    }
  }

  /** The change is decided: a disk that fails now is reported, and costs no call. */
  async settle(prepared: PreparedFile, entry: HistoryEntry): Promise<void> {
    await this.#orTrouble(prepared.commit());
    this.#running.settle('kept'); // somebody has decided anew
    this.#fileSeen = this.#running.file.content;
    await this.tell(entry);
    const { revision, previous, canary } = this.#running.run.deployment;
    await this.#parts.store.prune([revision, previous, canary?.revision]);
  }

  /** Stores on disk what is run, after another controller decided it. */
  async write(kept: readonly KeptRevision[]): Promise<void> {
    const { store } = this.#parts;
    const all = async () => {
      for (const each of kept) await store.keep(each);
      await (await store.prepare(this.#running.run.deployment, this.#running.file.content)).commit();
      this.#fileSeen = this.#running.file.content;
    };
    await this.#orTrouble(all());
  }

  async refused(what: What, { who, from }: { who: string; from: ChangeFrom }, error: unknown): Promise<void> {
    const code = error instanceof HotlineError ? error.code : 'INTERNAL';
    const summary = messageOf(error);
    this.#parts.log.warn({ what, who, from, code }, `a change was refused: ${summary}`);
    const before = this.#running.table.revision;
    const said = { what, revision: null, before, when: this.when(), who, from, summary, code };
    const entry = { ...said, outcome: 'refused', controller: this.#parts.name } as const;
    this.#lastRefused = entry;
    await this.tell(entry);
    await this.#parts.fleet.tell(entry);
  }

  async tell(entry: HistoryEntry): Promise<void> {
    await this.#parts.store
      .tell(entry)
      .catch((error: unknown) => this.#parts.log.error({ entry }, `not in the history: ${messageOf(error)}`));
  }

  async acknowledge(): Promise<void> {
    const { name, fleet } = this.#parts;
    const { deployment } = this.#running.run;
    const outcome = this.#running.isBehindFleet ? 'refused' : 'acknowledged';
    const { revision, problem } = this.#running.state;
    await fleet.acknowledge({ name, revision, counter: deployment.counter, outcome, problem });
  }

  async #orTrouble(work: Promise<void>): Promise<void> {
    try {
      await work;
      this.#running.settle('disk');
    } catch (error) {
      const { revision } = this.#running.table;
      const why = error instanceof TableNotKept ? error.fault : messageOf(error);
      const problem = `revision ${revision} is live, and that is not on disk, so a restart may go back on it: ${why}`;
      if (this.#running.trouble('disk', problem)) this.#parts.log.error({ revision }, problem);
    }
  }
}
