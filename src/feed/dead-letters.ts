/** Records that were given up, on the disk of the controller that gave them up: one file per sink. */
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../folder.ts';

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

  /** @param dir folder of the spool. */
  constructor(dir: string) {
    this.#dir = join(dir, 'dead');
  }

  #file(sink: string): string {
    return join(this.#dir, `${sink}${ENDING}`);
  }

  /** @throws what the file system says: then they are not given up. */
  async add(sink: string, lines: readonly string[], reason: string, at: Date): Promise<void> {
    await makeFolder(this.#dir);
    const text = lines.map(
      (line) => `{"at":"${at.toISOString()}","reason":${JSON.stringify(reason)},"record":${asJson(line)}}\n`,
    );
    await using file = await open(this.#file(sink), 'a');
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

  async count(sink: string): Promise<number> {
    return (await this.list(sink)).length;
  }

  async list(sink: string): Promise<readonly DeadLetter[]> {
    const texts = await Promise.all([`${this.#file(sink)}${TAKEN}`, this.#file(sink)].map(textOf));
    return texts.flatMap(lettersIn);
  }

  /** Takes them out to be sent again; `put` says what became of them. What a crash leaves taken is among the next. */
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

/** A line that a power cut has spoiled is kept as the text it is. */
const asJson = (line: string): string => {
  try {
    JSON.parse(line);
    return line;
  } catch {
    return JSON.stringify(line);
  }
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
