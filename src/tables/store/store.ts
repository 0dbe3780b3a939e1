/**
 * What a controller keeps of its tables on disk, so that it starts with nothing else: the text of each accepted
 * revision, the deployment state, and the history.
 *
 *   live.json              deployment state, and the content of the table's file when it was last seen
 *   revisions/REV.json     text, prefix list, and the clock it was checked by
 *   history.ndjson         one line for each change and each refusal, only ever added to
 */
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { TableNotKept } from '../../base/errors.ts';
import type { PreparedFile } from '../../base/files.ts';
import {
  type DeploymentState,
  deploymentStateShape,
  type HistoryEntry,
  historyShape,
  keptRevisionShape,
  parseAs,
} from '../fleet/deployment-state.ts';
import type { KeptRevision } from '../source/sources.ts';
import type { Disk } from './disk.ts';

/** Revisions beyond these are forgotten, the oldest first. */
const KEPT_AT_MOST = 200;

/** A message that names a file which is there and cannot be used. */
export type Corrupt = string;

const placeShape = z.object({ file: z.string(), fileContent: z.string().nullable(), standing: deploymentStateShape });

/** What was live when the controller last stored it. */
export interface LastKnownGood {
  readonly deployment: DeploymentState;
  /** Hash of the table's file when it was last seen; null: it could not be read. */
  readonly fileContent: string | null;
}

const reasonOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

export class TableStore {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Absolute path: a state stored for one table's file is not used for another. */
  readonly #file: string;

  constructor(disk: Disk, folder: string, file: string) {
    this.#disk = disk;
    this.#folder = folder;
    this.#file = resolve(file);
  }

  async lastKnownGood(): Promise<LastKnownGood | undefined> {
    const found = parseAs(placeShape, await this.#disk.read(this.#place));
    if (found?.file !== this.#file) return undefined;
    return { deployment: found.standing, fileContent: found.fileContent };
  }

  /** Which of `live.json` and the revisions it names cannot be read. To be asked before either is written anew. */
  async corrupt(): Promise<readonly Corrupt[]> {
    const place = parseAs(placeShape, await this.#disk.read(this.#place));
    if (place === undefined) {
      const isThere = (await this.#disk.names(this.#folder)).includes(basename(this.#place));
      return isThere ? [`${this.#place} cannot be read, so what was live last is not known`] : [];
    }
    if (place.file !== this.#file) return [];
    const { revision, previous, canary } = place.standing;
    const named = [revision, previous, canary?.revision].flatMap((each) => each ?? []);
    const found = await Promise.all([...new Set(named)].map((each) => this.corruptRevision(each)));
    return found.filter((each) => each !== undefined);
  }

  async corruptRevision(revision: string): Promise<Corrupt | undefined> {
    const file = this.#revisionFile(revision);
    if ((await this.revision(revision)) !== undefined) return undefined;
    const isThere = (await this.#disk.names(join(this.#folder, 'revisions'))).includes(basename(file));
    return isThere ? `${file} cannot be read` : undefined;
  }

  /**
   * Revisions to start on when it is not known which was live last, the best first: those of the history, then the others.
   * None if the folder last served another table's file.
   */
  async revisionsToTry(): Promise<readonly string[]> {
    const place = parseAs(placeShape, await this.#disk.read(this.#place));
    if (place !== undefined && place.file !== this.#file) return [];
    const told = (await this.history(Number.MAX_SAFE_INTEGER)).filter(
      ({ what, outcome }) => outcome === 'accepted' && what !== 'canary',
    );
    const kept = new Set(await this.names());
    const live = told.flatMap(({ revision }) => (revision !== null && kept.has(revision) ? [revision] : []));
    return [...new Set([...live, ...kept])];
  }

  /** Every revision that is on disk, good or corrupt. */
  async names(): Promise<readonly string[]> {
    const names = await this.#disk.names(join(this.#folder, 'revisions'));
    return names.filter((name) => name.endsWith('.json')).map((name) => basename(name, '.json'));
  }

  /** @throws TableNotKept */
  prepare(deployment: DeploymentState, fileContent: string | null): Promise<PreparedFile> {
    return this.#orNotKept(
      this.#disk.prepare(this.#place, JSON.stringify({ file: this.#file, fileContent, standing: deployment })),
    );
  }

  /** @throws TableNotKept */
  async keep(kept: KeptRevision): Promise<void> {
    if ((await this.revision(kept.revision)) !== undefined) return;
    const prepared = await this.#orNotKept(this.#disk.prepare(this.#revisionFile(kept.revision), JSON.stringify(kept)));
    await this.#orNotKept(prepared.commit());
  }

  /** Undefined when the revision is not on disk, or is corrupt. */
  async revision(revision: string): Promise<KeptRevision | undefined> {
    if (!/^[0-9a-f]+$/.test(revision)) return undefined;
    const kept = parseAs(keptRevisionShape, await this.#disk.read(this.#revisionFile(revision)));
    return kept?.revision === revision ? kept : undefined;
  }

  /** @throws TableNotKept */
  tell(entry: HistoryEntry): Promise<void> {
    return this.#orNotKept(this.#disk.append(this.#history, JSON.stringify(entry)));
  }

  /** The newest first. */
  async history(atMost: number): Promise<readonly HistoryEntry[]> {
    const lines = ((await this.#disk.read(this.#history)) ?? '').split('\n');
    return lines
      .flatMap((line) => parseAs(historyShape, line) ?? [])
      .slice(-atMost)
      .reverse();
  }

  /** Removes revisions that left the history long ago. @param needed revisions that stay in any case */
  async prune(needed: readonly (string | null | undefined)[]): Promise<void> {
    const names = await this.#disk.names(join(this.#folder, 'revisions'));
    if (names.length <= KEPT_AT_MOST) return;
    const told = (await this.history(Number.MAX_SAFE_INTEGER)).map(({ revision }) => revision);
    const stay = new Set([...needed, ...told].slice(0, KEPT_AT_MOST));
    const gone = names.filter((name) => name.endsWith('.json') && !stay.has(basename(name, '.json')));
    await Promise.all(gone.map((name) => this.#disk.remove(join(this.#folder, 'revisions', name))));
  }

  get #place(): string {
    return join(this.#folder, 'live.json');
  }

  get #history(): string {
    return join(this.#folder, 'history.ndjson');
  }

  #revisionFile(revision: string): string {
    return join(this.#folder, 'revisions', `${revision}.json`);
  }

  async #orNotKept<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw new TableNotKept(this.#folder, reasonOf(error));
    }
  }
}
