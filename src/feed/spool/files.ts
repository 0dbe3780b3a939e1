/**
 * The files of a spool, within a limit of bytes. Records are written to the last one. A file is removed as a whole, once every
 * sink has all its records.
 */
import { whyNotWritten } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import { endOf, type Segment, type SegmentReader, type SpoolDisk, segmentPath } from './segment.ts';

export interface SpoolFilesParts {
  readonly dir: string;
  readonly limitBytes: number;
  readonly segmentBytes: number;
  readonly disk: SpoolDisk;
  readonly log: Logger;
  readonly segments: Segment[];
}

const SYNC_EVERY_MS = 1_000;
const NEARLY_FULL = 0.8;

export class SpoolFiles {
  readonly #parts: SpoolFilesParts;
  /** The oldest first; the last is written to while `#fd` is there. */
  readonly #segments: Segment[];
  #fd: number | undefined;
  #syncing: NodeJS.Timeout | undefined;
  #isNearlyFull = false;

  constructor(parts: SpoolFilesParts) {
    this.#parts = parts;
    this.#segments = parts.segments;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get isNearlyFull(): boolean {
    return this.bytes > this.#parts.limitBytes * NEARLY_FULL;
  }

  /** Records from a number on. */
  backlog(from: number): number {
    return this.#segments.reduce((sum, each) => sum + Math.max(0, endOf(each) - Math.max(from, each.first)), 0);
  }

  /** The file that holds a number, or the next one. */
  holding(from: number): Segment | undefined {
    return this.#segments.find((each) => endOf(each) > from);
  }

  /** Lines of a file; none if somebody has removed it. @throws what else the file system says. */
  async read(segment: Segment, begin: number, most: number, reader: SegmentReader): Promise<readonly string[]> {
    return reader.read({ ...segment }, begin, most).catch((error: unknown) => this.#isGone(segment, error));
  }

  /** Writes one line at once. @returns whether all of it was taken; undefined: no room within the limit. @throws what the file system says. */
  writeNow(bytes: Buffer, first: number, confirmed: number): boolean | undefined {
    const segment = this.#segmentFor(bytes.length, first, confirmed);
    if (segment === undefined) return undefined;
    const isWhole = this.#parts.disk.writeNow(this.#fd as number, bytes) === bytes.length;
    if (isWhole) this.#grown(segment, 1, bytes.length);
    return isWhole;
  }

  /** Writes lines without holding anybody up; answers as {@link writeNow}. */
  async write(bytes: Buffer, lines: number, first: number, confirmed: number): Promise<boolean | undefined> {
    const segment = this.#segmentFor(bytes.length, first, confirmed);
    if (segment === undefined) return undefined;
    const isWhole = (await this.#parts.disk.write(this.#fd as number, bytes)) === bytes.length;
    if (isWhole) this.#grown(segment, lines, bytes.length);
    return isWhole;
  }

  /** Gives up a file that is not as it was left: waiting for the rest would hold up later records. @returns records lost. */
  giveUp(segment: Segment, from: number): number {
    if (!this.#segments.includes(segment)) return 0; // confirmed, and taken away, while it was read
    const records = endOf(segment) - from;
    this.#parts.log.error(
      { file: segment.path, records },
      'ALARM: records of the spool cannot be read, and are lost to the feed',
    );
    if (segment === this.#segments.at(-1)) void this.close();
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    return records;
  }

  /** Every sink has the records before this number. */
  confirm(upTo: number): void {
    while (this.#segments.length > 1 || this.#fd === undefined) {
      const [oldest] = this.#segments;
      if (oldest === undefined || endOf(oldest) > upTo) break;
      this.#remove(oldest);
    }
  }

  /** Removes a half line: the next line would be joined to it. */
  cut(): void {
    const segment = this.#segments.at(-1);
    if (segment !== undefined && this.#fd !== undefined) {
      try {
        this.#parts.disk.cutTo(this.#fd, segment.bytes);
      } catch {
        void this.close(); // the next start cuts it
      }
    }
  }

  /** @throws what the file system says, but for a file that somebody has taken away. */
  #isGone({ path }: Segment, error: unknown): readonly string[] {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    this.#parts.log.error({ file: path }, 'ALARM: somebody has taken a part of the spool away');
    return [];
  }

  #remove(segment: Segment): void {
    try {
      this.#parts.disk.remove(segment.path);
    } catch (error) {
      this.#parts.log.warn({ file: segment.path }, `a delivered part of the spool stays: ${whyNotWritten(error)}`);
    }
    this.#segments.splice(this.#segments.indexOf(segment), 1);
  }

  #grown(segment: Segment, lines: number, bytes: number): void {
    segment.lines += lines;
    segment.bytes += bytes;
    this.#warnIfNearlyFull();
    this.#syncing ??= setTimeout(() => void this.#sync(), SYNC_EVERY_MS).unref();
  }

  #warnIfNearlyFull(): void {
    const bytes = this.bytes;
    const isNearlyFull = bytes > this.#parts.limitBytes * NEARLY_FULL;
    if (isNearlyFull && !this.#isNearlyFull)
      this.#parts.log.error(
        { bytes, limitBytes: this.#parts.limitBytes },
        'ALARM: the spool is nearly full: a sink, or Redis, takes nothing',
      );
    this.#isNearlyFull = isNearlyFull;
  }

  async #sync(): Promise<void> {
    this.#syncing = undefined;
    if (this.#fd === undefined) return;
    await this.#parts.disk
      .sync(this.#fd)
      .catch((error: unknown) => this.#parts.log.error({}, `the spool cannot be synced: ${whyNotWritten(error)}`));
  }

  /** The file to write so many bytes to; undefined: no room within the limit. @throws what the file system says. */
  #segmentFor(bytes: number, at: number, confirmed: number): Segment | undefined {
    const last = this.#segments.at(-1);
    if (
      last !== undefined &&
      this.#fd !== undefined &&
      this.bytes + bytes > this.#parts.limitBytes &&
      endOf(last) <= confirmed
    )
      this.#finish(last, true);
    if (this.bytes + bytes > this.#parts.limitBytes) return undefined;
    const active = this.#fd === undefined ? undefined : this.#segments.at(-1);
    if (active !== undefined && active.bytes < this.#parts.segmentBytes && endOf(active) === at) return active;
    if (active !== undefined) this.#finish(active, endOf(active) <= confirmed);
    const path = segmentPath(this.#parts.dir, at);
    this.#fd = this.#parts.disk.open(path);
    const fresh = { path, first: at, lines: 0, bytes: 0 };
    this.#segments.push(fresh);
    return fresh;
  }

  #finish(segment: Segment, isDelivered: boolean): void {
    void this.close();
    if (isDelivered) this.#remove(segment);
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) return;
    try {
      await this.#parts.disk.sync(fd);
      await this.#parts.disk.close(fd);
    } catch (error) {
      this.#parts.log.error({}, `the spool cannot be synced: ${whyNotWritten(error)}`);
    }
  }
}
