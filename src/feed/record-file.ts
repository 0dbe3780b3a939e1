/**
 * The record file of a controller: one JSON object a line, in the order emitted, many in one write when they come fast. What
 * a full disk did not take is kept from the very byte where it was cut off, and written first once there is room, so no line
 * is joined to another. Beyond `KEPT_AT_MOST` a record goes to the log instead.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CALLERS_MODE, makeFolder, orUnwritable } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { CallRecord } from '../records/record.ts';
import type { RecordSink } from './feed.ts';

const KEPT_AT_MOST = 10_000;
const NEWLINE = 10;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether a file's last line is whole. A crash, or a stop on a full disk, may have cut it. */
export async function endsWhole(file: FileHandle): Promise<boolean> {
  const found = await file.stat();
  if (!found.isFile() || found.size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, found.size - 1);
  return buffer[0] === NEWLINE;
}

export class RecordFile implements RecordSink {
  readonly #file: Pick<FileHandle, 'write' | 'close'>;
  readonly #log: Logger;
  /** Whole lines, the oldest first. */
  #waiting: string[] = [];
  /** The rest of what is being written. */
  #begun: Buffer;
  #writing: Promise<void> | undefined;
  #isFull = false;

  /** @param file opened for appending. @param begun what has to be in the file before the first line. */
  constructor(file: Pick<FileHandle, 'write' | 'close'>, log: Logger, begun = '') {
    this.#file = file;
    this.#log = log;
    this.#begun = Buffer.from(begun);
  }

  /** @throws FileUnwritable */
  static async open(path: string, log: Logger): Promise<RecordFile> {
    const opened = makeFolder(dirname(path)).then(() => open(path, 'a+', CALLERS_MODE));
    const file = await orUnwritable(path, opened);
    return new RecordFile(file, log, (await endsWhole(file)) ? '' : '\n');
  }

  take(record: CallRecord): void {
    if (this.#waiting.length >= KEPT_AT_MOST) {
      this.#log.error({ record }, 'the record file takes nothing and memory is full; the record is here only');
      return;
    }
    this.#waiting.push(`${JSON.stringify(record)}\n`);
    this.#writing ??= this.#write();
  }

  /** Tries once more to write what is left. What the disk still does not take goes to the log. */
  async stop(): Promise<void> {
    await this.#writing;
    await this.#write();
    const lost = this.#begun.toString() + this.#waiting.join('');
    if (lost !== '') this.#log.error({ lost }, `${lost.split('\n').length - 1} records could not be written`);
    await this.#file.close().catch((error: unknown) => this.#log.error({}, `the record file: ${messageOf(error)}`));
  }

  async #write(): Promise<void> {
    try {
      while (this.#begun.length > 0 || this.#waiting.length > 0) await this.#writeSome();
      if (this.#isFull) this.#log.info({}, 'the record file takes records again');
      this.#isFull = false;
    } catch (error) {
      if (!this.#isFull) this.#log.error({}, `records cannot be written, and are kept: ${messageOf(error)}`);
      this.#isFull = true;
    }
    this.#writing = undefined;
  }

  /** A disk that fills up takes a part of what it is given. Only the next write fails. */
  async #writeSome(): Promise<void> {
    if (this.#begun.length === 0) {
      this.#begun = Buffer.from(this.#waiting.join(''));
      this.#waiting = [];
    }
    const { bytesWritten } = await this.#file.write(this.#begun);
    this.#begun = this.#begun.subarray(bytesWritten);
  }
}
