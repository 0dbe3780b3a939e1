/** The table's file as one way to ask for a change: what it holds is remembered, so that it is asked for once. */
import type { Changed } from './asking.ts';
import type { Ledger } from './ledger.ts';
import type { Running } from './running.ts';
import { contentOf, prefixListOf, readSources, type TableRead } from './sources.ts';

export class TableFile {
  readonly #file: string;
  readonly #running: Running;
  readonly #ledger: Ledger;

  constructor(file: string, running: Running, ledger: Ledger) {
    this.#file = file;
    this.#running = running;
    this.#ledger = ledger;
  }

  /** It and its prefix list: a change of either is a request. */
  get files(): readonly string[] {
    const { prefixList } = this.#running.file;
    return prefixList === undefined ? [this.#file] : [this.#file, prefixList];
  }

  /** Whether it holds what nobody has looked at yet. */
  async isChanged(): Promise<boolean> {
    const content = await readSources(this.#file).then(
      ({ sources }) => contentOf(sources),
      () => null,
    );
    return content !== this.#running.file.content;
  }

  /** @throws FileUnreadable */
  async read(): Promise<TableRead> {
    try {
      const read = await readSources(this.#file);
      const prefixList = prefixListOf(this.#file, read.draft);
      this.#running.file = { content: contentOf(read.sources), revision: null, prefixList };
      return read;
    } catch (error) {
      this.#running.file = { ...this.#running.file, content: null, revision: null };
      throw error;
    }
  }

  /** What was read is a good table, live or not. */
  isGood(revision: string): void {
    this.#running.file = { ...this.#running.file, revision };
  }

  /**
   * A file that is not live is told of for as long as that is so, and is not asked for again after a restart. That it
   * was looked at is written once its change is over: one that a crash has cut off is asked for again.
   */
  async orTrouble(changing: Promise<Changed>): Promise<Changed> {
    try {
      const changed = await changing;
      this.#running.settle('file');
      return changed;
    } catch (error) {
      this.#running.trouble('file', `the table's file is not live: ${(error as Error).message}`);
      throw error;
    } finally {
      await this.#ledger.writeFileSeen();
    }
  }
}
