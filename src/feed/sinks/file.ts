/** Records to a file, one JSON object a line. Opened anew for each batch: it may be rotated at any time. */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CALLERS_MODE, makeFolder } from '../../base/files.ts';
import { fromProject } from '../../base/project.ts';
import { endsWhole } from '../record-file.ts';
import { type Sink, sinkKind } from './sink.ts';

export class FileSink implements Sink {
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
    const begin = (await endsWhole(file)) ? '' : '\n';
    try {
      await file.appendFile(`${begin}${lines.join('\n')}\n`);
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

export const file = sinkKind(
  'file',
  { path: z.string().min(1).transform(fromProject) },
  ({ path }) => new FileSink(path),
);
