/** Records to a file, one JSON object a line. Opened anew for each batch: it may be rotated at any time. */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CALLERS_MODE, makeFolder } from '../../base/files.ts';
import type { Sink } from './sink.ts';

const NEWLINE = 10;

export class NdjsonSink implements Sink {
  readonly kind = 'file';
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A batch of which only a part found room is taken back: it comes again, whole. */
  async send(lines: readonly string[]): Promise<void> {
    await makeFolder(dirname(this.#path));
    await using file = await open(this.#path, 'a+', CALLERS_MODE);
    const { size } = await file.stat();
    const last = Buffer.alloc(1, NEWLINE);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    try {
      await file.appendFile(`${last[0] === NEWLINE ? '' : '\n'}${lines.join('\n')}\n`);
      await file.datasync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  }

  async stop(): Promise<void> {
    // nothing is kept open
  }
}
