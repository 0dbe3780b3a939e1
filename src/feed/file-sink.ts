/** Records to an NDJSON file: appended in the order told, many in one write when they come fast. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileUnreadable } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { RecordSink } from './feed.ts';
import type { CallRecord } from './record.ts';

export class FileSink implements RecordSink {
  readonly #file: FileHandle;
  readonly #log: Logger;
  #pending = '';
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, log: Logger) {
    this.#file = file;
    this.#log = log;
  }

  /** @throws FileUnreadable */
  static async open(path: string, log: Logger): Promise<FileSink> {
    try {
      await mkdir(dirname(path), { recursive: true });
      return new FileSink(await open(path, 'a'), log);
    } catch (error) {
      throw new FileUnreadable(path, error instanceof Error ? error.message : String(error));
    }
  }

  take(record: CallRecord): void {
    this.#pending += `${JSON.stringify(record)}\n`;
    this.#writing ??= this.#write();
  }

  async stop(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async #write(): Promise<void> {
    while (this.#pending !== '') {
      const lines = this.#pending;
      this.#pending = '';
      try {
        await this.#file.appendFile(lines);
      } catch (error) {
        this.#log.error(
          { lost: lines },
          `records could not be written: ${error instanceof Error ? error.message : error}`,
        );
      }
    }
    this.#writing = undefined;
  }
}
