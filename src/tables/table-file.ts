/** The table's file as one way to request a change. Its content is remembered, so that it is requested only once. */
import type { AuditLog } from './audit-log.ts';
import type { Changed, Running } from './running.ts';
import { contentOf, readIfThere, readSource } from './source/sources.ts';
import type { ValidatedFile, Validator } from './validate/validator.ts';

export class TableFile {
  readonly #file: string;
  readonly #running: Running;
  readonly #auditLog: AuditLog;
  readonly #validator: Validator;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(file: string, parts: { running: Running; auditLog: AuditLog; validator: Validator; now: () => number }) {
    this.#file = file;
    this.#running = parts.running;
    this.#auditLog = parts.auditLog;
    this.#validator = parts.validator;
    this.#now = parts.now;
  }

  get path(): string {
    return this.#file;
  }

  /** It and its prefix list: a change of either is a request. */
  get files(): readonly string[] {
    const { prefixList } = this.#running.file;
    return prefixList === undefined ? [this.#file] : [this.#file, prefixList];
  }

  /** True when the content is new. The file is only read, not parsed: the last parsed text said which prefix list it names. */
  async isChanged(): Promise<boolean> {
    return (await this.#content()) !== this.#running.file.content;
  }

  /** @throws FileUnreadable */
  async validate(): Promise<ValidatedFile> {
    try {
      const validated = await this.#validator.validateFile(this.#file, this.#now());
      const { content, prefixList, revision } = validated;
      this.#running.file = { content, revision: revision?.table.revision ?? null, prefixList };
      return validated;
    } catch (error) {
      this.#running.file = { ...this.#running.file, content: null, revision: null };
      throw error;
    }
  }

  /**
   * Reports a problem for as long as the file is not live. That the file was seen is stored only when its change is over:
   * a restart does not request it again, but a change that a crash cut off is.
   */
  async orTrouble(changing: Promise<Changed>): Promise<Changed> {
    try {
      const changed = await changing;
      this.#running.settle('file');
      return changed;
    } catch (error) {
      if (this.#running.file.revision !== this.#running.table.revision)
        this.#running.trouble('file', `the table's file is not live: ${(error as Error).message}`);
      throw error;
    } finally {
      await this.#auditLog.writeFileSeen();
    }
  }

  /** Null: it cannot be read. */
  async #content(): Promise<string | null> {
    const { prefixList: list } = this.#running.file;
    try {
      const table = await readSource(this.#file);
      const prefixList = list === undefined ? undefined : await readIfThere(list);
      return contentOf({ table, ...(prefixList && { prefixList }) });
    } catch {
      return null;
    }
  }
}
