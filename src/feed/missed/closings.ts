/** Cases closed by hand: a file with one line each. The API and commands write it, the service reads it. */
import { appendFile, open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CALLERS_MODE, makeFolder } from '../../base/files.ts';

const closingShape = z.object({ key: z.string(), at: z.string(), who: z.string() });

export type Closing = Readonly<z.infer<typeof closingShape>>;

const fileIn = (dir: string): string => join(dir, 'closed.ndjson');

/** @throws what the file system says. */
export async function writeClosing(dir: string, closing: Closing): Promise<void> {
  await makeFolder(dir);
  await appendFile(fileIn(dir), `${JSON.stringify(closing)}\n`, { mode: CALLERS_MODE });
}

const closingIn = (line: string): readonly Closing[] => {
  try {
    return [closingShape.parse(JSON.parse(line))];
  } catch {
    return [];
  }
};

/** Reads the file on, so that each closing is given once. */
export class Closings {
  readonly #file: string;
  #read = 0;

  constructor(dir: string) {
    this.#file = fileIn(dir);
  }

  async fresh(): Promise<readonly Closing[]> {
    try {
      await using file = await open(this.#file, 'r');
      const { size } = await file.stat();
      const bytes = Buffer.alloc(Math.max(0, size - this.#read));
      await file.read(bytes, 0, bytes.length, this.#read);
      const whole = bytes.lastIndexOf('\n') + 1;
      this.#read += whole;
      return bytes.toString('utf8', 0, whole).split('\n').flatMap(closingIn);
    } catch {
      return []; // nothing was closed yet
    }
  }
}
