/**
 * Looks after the recordings that the PBXs write: watches the free space, deletes those older than `keepDays`, and reports
 * the health of recording. Recordings lie in the folder itself, and in subfolders named like a PBX.
 */
import { dirname, join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { type RecordingDisk, realDisk } from './disk.ts';
import { isRecordingOf } from './file-name.ts';

const DAY_MS = 86_400_000;
const BYTES_PER_MB = 1_000_000;

export interface KeeperParts {
  readonly dir: string;
  readonly keepDays: number;
  readonly leastFreeMb: number;
  /** Names of the PBXs whose recordings these are. */
  readonly switches: readonly string[];
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
  readonly disk?: RecordingDisk;
}

/** Health of recording, for `/readyz` and metrics. */
export interface RecordingHealth {
  /**
   * `low-space`: none begins until there is room · `failing`: the last one failed, or the folder cannot be read, so that
   * the free space is unknown.
   */
  readonly state: 'ok' | 'low-space' | 'failing';
  /** Free bytes in the fullest folder; null: unknown. */
  readonly freeBytes: number | null;
  /** Recordings that are kept now. */
  readonly files: number;
  /** Recordings that failed since the service started. */
  readonly failed: number;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A thousand talks write up to 32 MB a second: 320 MB between two looks. */
const LOOK_EVERY_MS = 10_000;
const SWEEP_EVERY_MS = 3_600_000;

export class RecordingKeeper {
  readonly #parts: KeeperParts;
  readonly #disk: RecordingDisk;
  readonly #isOurs: (name: string) => boolean;
  #freeBytes: number | null = null;
  #files = 0;
  #failed = 0;
  #hasLastFailed = false;
  /** A PBX has written one since the service started, so there is a folder. */
  #hasWritten = false;
  /** Why the folder could not be looked at, at the last look. */
  #blind: string | undefined;
  #isLow = false;
  #timers: NodeJS.Timeout[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#disk = parts.disk ?? realDisk;
    this.#isOurs = isRecordingOf(parts.switches);
  }

  /** Why no recording may begin now; undefined: it may. It is tried also when the folder cannot be read. */
  get refusal(): 'low-space' | undefined {
    return this.#isLow ? 'low-space' : undefined;
  }

  get health(): RecordingHealth {
    const isFailing = this.#hasLastFailed || this.#blind !== undefined;
    const state = this.#isLow ? 'low-space' : isFailing ? 'failing' : 'ok';
    return { state, freeBytes: this.#freeBytes, files: this.#files, failed: this.#failed };
  }

  /** Looks and sweeps at once, then at intervals. */
  async start(): Promise<void> {
    await this.look();
    await this.sweep();
    const every = (ms: number, work: () => Promise<void>) =>
      this.#timers.push(setInterval(() => this.#after(work), ms));
    every(LOOK_EVERY_MS, () => this.look());
    every(SWEEP_EVERY_MS, () => this.sweep());
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#working;
  }

  /** How a recording that was asked for has ended. */
  ended(end: 'done' | 'not-begun' | 'broken-off'): void {
    this.#hasLastFailed = end !== 'done';
    if (end === 'done') this.#hasWritten = true;
    if (end !== 'done') this.#failed += 1;
  }

  /** Measures the free space; logs when recording stops or starts again because of it. */
  async look(): Promise<void> {
    const { dir, leastFreeMb, log } = this.#parts;
    try {
      this.#freeBytes = await this.#leastFree();
      this.#sees();
    } catch (error) {
      this.#freeBytes = null;
      this.#seesNothing(reasonOf(error));
    }
    const wasLow = this.#isLow;
    if (this.#freeBytes !== null) this.#isLow = this.#freeBytes < leastFreeMb * BYTES_PER_MB;
    const facts = { dir, freeBytes: this.#freeBytes, leastFreeMb };
    if (this.#isLow && !wasLow) log.error(facts, 'too little room for recordings: none begins until there is more');
    if (!this.#isLow && wasLow) log.info(facts, 'there is room for recordings again');
  }

  /** Deletes recordings older than `keepDays`, and counts the others. Files not named like our recordings stay. */
  async sweep(): Promise<void> {
    try {
      let kept = 0;
      for (const folder of await this.#folders()) kept += await this.#sweepFolder(folder);
      this.#files = kept;
    } catch (error) {
      if (!this.#isYetToBeMade(error)) this.#seesNothing(reasonOf(error));
    }
  }

  /** @returns how many recordings stay. */
  async #sweepFolder(folder: string): Promise<number> {
    let kept = 0;
    for await (const name of this.#disk.names(folder)) {
      if (this.#isOurs(name) && !(await this.#isSwept(join(folder, name)))) kept += 1;
    }
    return kept;
  }

  async #leastFree(): Promise<number> {
    const { dir } = this.#parts;
    try {
      return Math.min(...(await Promise.all((await this.#folders()).map((folder) => this.#disk.freeBytes(folder)))));
    } catch (error) {
      if (!this.#isYetToBeMade(error)) throw error;
      return this.#disk.freeBytes(dirname(dir));
    }
  }

  /** The PBX makes its folder with its first recording. If we made it, the PBX might not be allowed to write there. */
  #isYetToBeMade(error: unknown): boolean {
    return !this.#hasWritten && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }

  async #isSwept(file: string): Promise<boolean> {
    const { now, keepDays, log } = this.#parts;
    const found = await this.#disk.look(file);
    if (found === undefined) return true;
    if (now() - found.writtenAt < keepDays * DAY_MS) return false;
    try {
      await this.#disk.remove(file);
      log.info({ file, keepDays }, 'a recording has been kept as long as it may be, and is gone');
      return true;
    } catch (error) {
      log.error({ file, reason: reasonOf(error) }, 'a recording that may be kept no longer cannot be taken away');
      return false;
    }
  }

  async #folders(): Promise<readonly string[]> {
    const { dir, switches } = this.#parts;
    const within = switches.map((name) => join(dir, name));
    const areThere = await Promise.all(within.map((folder) => this.#disk.isFolder(folder)));
    return [dir, ...within.filter((_, index) => areThere[index])];
  }

  /** One after another: a slow disk must not be asked twice at once. */
  #after(work: () => Promise<void>): void {
    this.#working = this.#working.then(work);
  }

  #sees(): void {
    if (this.#blind !== undefined)
      this.#parts.log.info({ dir: this.#parts.dir }, 'recordings can be looked after again');
    this.#blind = undefined;
  }

  #seesNothing(reason: string): void {
    const { dir, log } = this.#parts;
    if (this.#blind === undefined)
      log.error({ dir, reason }, 'recordings cannot be looked after: nobody knows the room left');
    this.#blind = reason;
  }
}
