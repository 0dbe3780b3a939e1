/**
 * Keeps records on disk until every sink has them, each with a number of its own. `append` returns once the operating system
 * has the record, so a killed process loses none. What the disk does not take (it is full, fails, or is slow) waits in memory,
 * in order, and goes to the disk as soon as possible; a reader sees no difference. When memory is full too, or the limit is
 * reached, the newest records are refused and counted, and the oldest are kept.
 *
 *   direct ──write fails, or takes long──▶ standing in ──all of it on disk, or confirmed; writes quick again──▶ direct
 */
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolder, whyNotWritten } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import type { FeedHealth } from '../health.ts';
import { SpoolFiles, type SpoolFilesParts } from './files.ts';
import { endOf, findSegments, realSpoolDisk, type Segment, type SegmentReader } from './segment.ts';

/** `slow`: a write that takes longer must not be on a call's path. */
const MS = { slow: 50, stopWithin: 1_000, tryAgain: 250, tellEvery: 10_000 } as const;
const WRITTEN_AT_ONCE = 500;
/** Numbers left out at a start: more than a power cut can have taken, so that no number is given twice. */
const GAP = 1_000_000;

type FilesOptions = Pick<SpoolFilesParts, 'dir' | 'limitBytes' | 'log'>;

export interface SpoolOptions extends FilesOptions, Partial<Pick<SpoolFilesParts, 'segmentBytes' | 'disk'>> {
  readonly memoryRecords?: number;
}

export interface Read {
  readonly lines: readonly string[];
  /** Number after the last of them: where to read on. */
  readonly next: number;
}

export class Spool {
  readonly #dir: string;
  readonly #limit: number;
  readonly #memoryRecords: number;
  readonly #files: SpoolFiles;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #isFresh: boolean;
  /** Records that the disk has not taken, the oldest first; numbered from `#memoryFirst`. */
  #memory: string[] = [];
  #memoryFirst: number;
  #standingIn: Promise<void> | undefined;
  #confirmed: number;
  #lost = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #waiting = new Set<() => void>();
  #isWriting = false;

  private constructor(options: SpoolOptions, segments: Segment[]) {
    this.#dir = options.dir;
    this.#limit = options.limitBytes;
    this.#memoryRecords = options.memoryRecords ?? 10_000;
    this.#log = options.log;
    const { dir, limitBytes, log, disk = realSpoolDisk } = options;
    const segmentBytes = Math.min(options.segmentBytes ?? 4 * 1024 * 1024, Math.ceil(limitBytes / 8));
    this.#files = new SpoolFiles({ dir, limitBytes, segmentBytes, disk, log, segments });
    this.#isFresh = segments.length === 0;
    const last = segments.at(-1);
    this.#memoryFirst = last === undefined ? Date.now() * 1000 : endOf(last) + GAP;
    this.#confirmed = segments[0]?.first ?? this.#memoryFirst;
  }

  /** @throws what the file system says: the folder cannot be made or read. */
  static async open(options: SpoolOptions): Promise<Spool> {
    await makeFolder(options.dir);
    return new Spool(options, findSegments(options.dir));
  }

  /** Whether it began empty: then numbers from before this start mean nothing. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** Number of the first record that is not confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** Number that the next record gets, unless numbers are left out. */
  get end(): number {
    return this.#memoryFirst + this.#memory.length;
  }

  get health(): FeedHealth['spool'] {
    return { bytes: this.#files.bytes, limitBytes: this.#limit, lost: this.#lost, state: this.#state() };
  }

  #state(): FeedHealth['spool']['state'] {
    if (this.#memory.length >= this.#memoryRecords) return 'full';
    if (this.#files.isNearlyFull || this.#standingIn !== undefined) return 'filling';
    return this.backlog(this.#confirmed) === 0 ? 'empty' : 'draining';
  }

  /** Records from a number on. */
  backlog(from: number): number {
    return this.#files.backlog(from) + Math.max(0, this.end - Math.max(from, this.#memoryFirst));
  }

  /** @param line one record, without a line end. */
  append(line: string): void {
    if (this.#standingIn !== undefined || !this.#writeNow(line)) this.#keep(line);
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when there is something to read from a number on, after `ms`, or when `signal` aborts. */
  async more(from: number, ms: number, signal: AbortSignal): Promise<void> {
    if (this.backlog(from) > 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const wake = () => resolve();
    signal.addEventListener('abort', wake, { once: true });
    this.#waiting.add(wake);
    await promise;
    this.#waiting.delete(wake);
    signal.removeEventListener('abort', wake);
    clearTimeout(timer);
  }

  /** At most so many records from a number on. Numbers that were left out are passed over. */
  async read(from: number, most: number, reader: SegmentReader): Promise<Read> {
    const segment = this.#files.holding(from);
    if (segment !== undefined) {
      const begin = Math.max(from, segment.first);
      const lines = await this.#files.read(segment, begin, most, reader);
      if (lines.length === 0) this.#lost += this.#files.giveUp(segment, begin);
      return { lines, next: begin + lines.length };
    }
    const begin = Math.max(from, this.#memoryFirst);
    const lines = this.#memory.slice(begin - this.#memoryFirst, begin - this.#memoryFirst + most);
    return { lines, next: lines.length === 0 ? from : begin + lines.length };
  }

  /** Every sink has the records before this number, so they need not be kept. */
  confirm(upTo: number): void {
    if (upTo <= this.#confirmed) return;
    this.#confirmed = upTo;
    this.#files.confirm(upTo);
  }

  /** Writes what is still in memory, as far as the disk takes it within a second. */
  async stop(): Promise<void> {
    const patience = setTimeout(() => this.#stopping.abort(), MS.stopWithin);
    await this.#standingIn;
    clearTimeout(patience);
    this.#stopping.abort();
    if (this.#memory.length > 0)
      this.#log.error({ records: this.#memory.length }, 'records that the spool could not take are not in the feed');
    await this.#files.close();
  }

  /** @returns whether the record is in the operating system's hands. */
  #writeNow(line: string): boolean {
    const bytes = Buffer.from(`${line}\n`);
    const begun = performance.now();
    try {
      const isTaken = this.#files.writeNow(bytes, this.#memoryFirst, this.#confirmed);
      if (isTaken === undefined) return this.#cannot('it has reached its limit');
      if (!isTaken) return this.#cut();
      this.#memoryFirst += 1;
    } catch (error) {
      return this.#cut(error);
    }
    const ms = performance.now() - begun;
    if (ms > MS.slow) this.#standIn(`the disk took ${Math.round(ms)} ms for a record`);
    return true;
  }

  #cut(error: unknown = Object.assign(new Error('full'), { code: 'ENOSPC' })): false {
    this.#files.cut();
    return this.#cannot(whyNotWritten(error));
  }

  #cannot(why: string): false {
    this.#standIn(why);
    return false;
  }

  /** Keeps a record in memory, or loses it. */
  #keep(line: string): void {
    if (this.#memory.length >= this.#memoryRecords) this.#forgetConfirmed();
    if (this.#memory.length < this.#memoryRecords) {
      this.#memory.push(line);
      return;
    }
    this.#lost += 1;
    if (performance.now() - this.#toldAt < MS.tellEvery) return;
    this.#toldAt = performance.now();
    this.#log.error({ lost: this.#lost }, 'ALARM: the spool is full, and so is memory; records are lost to the feed');
  }

  #standIn(why: string): void {
    if (this.#standingIn !== undefined) return;
    this.#log.error({ spool: this.#dir }, `ALARM: the spool takes no records: ${why}; they are kept in memory`);
    this.#standingIn = this.#writeMemory().finally(() => {
      this.#standingIn = undefined;
    });
  }

  async #writeMemory(): Promise<void> {
    const { signal } = this.#stopping;
    for (let quick = false; this.#memory.length > 0 || !quick; ) {
      const begun = performance.now();
      const isWritten = await this.#writeSome();
      quick = isWritten && performance.now() - begun < MS.slow;
      if (!quick && signal.aborted) return;
      if (!quick) await pause(MS.tryAgain, undefined, { signal }).catch(() => undefined); // stopped: one last try
    }
    this.#log.info({}, 'the spool takes records again');
  }

  /** @returns whether the disk has taken what it was given. */
  async #writeSome(): Promise<boolean> {
    this.#forgetConfirmed();
    const lines = this.#memory.slice(0, WRITTEN_AT_ONCE);
    if (lines.length === 0) return true;
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    this.#isWriting = true;
    try {
      const isTaken = await this.#files.write(bytes, lines.length, this.#memoryFirst, this.#confirmed);
      if (isTaken === undefined) return false;
      if (!isTaken) return this.#cut();
    } catch (error) {
      return this.#cut(error);
    } finally {
      this.#isWriting = false;
    }
    this.#memory = this.#memory.slice(lines.length);
    this.#memoryFirst += lines.length;
    return true;
  }

  /** Records that were delivered straight from memory need no disk. */
  #forgetConfirmed(): void {
    if (this.#isWriting) return;
    const many = Math.min(this.#memory.length, Math.max(0, this.#confirmed - this.#memoryFirst));
    if (many === 0) return;
    this.#memory = this.#memory.slice(many);
    this.#memoryFirst += many;
  }
}
