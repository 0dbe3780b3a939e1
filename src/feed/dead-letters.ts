/** Dead letters: records that were given up, on the disk of the controller that gave them up. One file per sink. */
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CALLERS_MODE, makeFolder } from '../base/files.ts';

const letterShape = z.object({ at: z.string(), reason: z.string(), record: z.unknown() });

export interface DeadLetter {
  /** When it was given up, ISO 8601. */
  readonly at: string;
  readonly reason: string;
  /** JSON. */
  readonly line: string;
}

const ENDING = '.ndjson';
const TAKEN = '.taken';

export class DeadLetters {
  readonly #dir: string;
  readonly #counted = new Map<string, { readonly state: string; readonly count: number }>();

  /** @param dir folder of the spool. */
  constructor(dir: string) {
    this.#dir = join(dir, 'dead');
  }

  #file(sink: string): string {
    return join(this.#dir, `${sink}${ENDING}`);
  }

  /** @throws what the file system says; then they are not given up. */
  async add(sink: string, lines: readonly string[], reason: string, at: Date): Promise<void> {
    await makeFolder(this.#dir);
    const text = lines.map(
      (line) => `{"at":"${at.toISOString()}","reason":${JSON.stringify(reason)},"record":${asJson(line)}}\n`,
    );
    await using file = await open(this.#file(sink), 'a', CALLERS_MODE);
    const { size } = await file.stat();
    try {
      await file.appendFile(text.join(''));
      await file.datasync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  }

  /** Sinks that have some. */
  async sinks(): Promise<readonly string[]> {
    const names = await readdir(this.#dir).catch(() => []);
    return [...new Set(names.map((name) => name.replace(TAKEN, '').replace(ENDING, '')))].toSorted();
  }

  /** Read again only when a file has changed. */
  async count(sink: string): Promise<number> {
    const state = await Promise.all(this.#files(sink).map(stateOf));
    const known = this.#counted.get(sink);
    if (known?.state === state.join()) return known.count;
    const count = (await this.list(sink)).length;
    this.#counted.set(sink, { state: state.join(), count });
    return count;
  }

  #files(sink: string): readonly string[] {
    return [`${this.#file(sink)}${TAKEN}`, this.#file(sink)];
  }

  async list(sink: string): Promise<readonly DeadLetter[]> {
    const texts = await Promise.all(this.#files(sink).map(textOf));
    return texts.flatMap(lettersIn);
  }

  /**
   * Takes all of them out and sends them again. What `send` gives a reason for is put back. What a crash leaves taken out is
   * sent by the next retry.
   */
  async retry(
    sink: string,
    send: (line: string) => Promise<string | undefined>,
  ): Promise<{ sent: number; left: number }> {
    const taken = `${this.#file(sink)}${TAKEN}`;
    const before = await textOf(taken);
    if (before === '') await rename(this.#file(sink), taken).catch(() => undefined); // none: nothing to take
    const letters = lettersIn(before === '' ? await textOf(taken) : before);
    let left = 0;
    for (const { line } of letters) {
      const reason = await send(line);
      if (reason === undefined) continue;
      left += 1;
      await this.add(sink, [line], reason, new Date());
    }
    await rm(taken, { force: true });
    return { sent: letters.length - left, left };
  }
}

/** A line that a power cut has damaged is kept as text. */
const asJson = (line: string): string => {
  try {
    JSON.parse(line);
    return line;
  } catch {
    return JSON.stringify(line);
  }
};

const stateOf = async (file: string): Promise<string> => {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? '' : `${found.size} ${found.mtimeMs}`;
};

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

const lettersIn = (text: string): readonly DeadLetter[] => text.split('\n').flatMap((line) => letterIn(line));

const letterIn = (line: string): readonly DeadLetter[] => {
  try {
    const { at, reason, record } = letterShape.parse(JSON.parse(line));
    return [{ at, reason, line: JSON.stringify(record) }];
  } catch {
    return []; // an empty line, or one that a power cut has cut
  }
};
