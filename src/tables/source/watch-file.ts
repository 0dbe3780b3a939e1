/**
 * Notices that the table's file or its prefix list has changed, however that was done: written in place, renamed over
 * by an editor, or behind symbolic links that were swapped (Kubernetes' `..data`). What a path leads to is looked at
 * again and again; events of the folder only have it looked at sooner, so a lost one costs a second at most.
 * docs/decisions/0043 says why no package does this for us.
 */
import { type FSWatcher, watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface FileWatchOptions {
  /** Asked each time: which prefix list belongs to a table may change with the table. */
  readonly files: () => readonly string[];
  /** The files have changed and have been still for `settleMs`. The next change waits until it has settled. */
  readonly changed: () => Promise<void>;
  /** A file that is still being written changes within this time. */
  readonly settleMs: number;
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 1_000;

/** Where a path leads and what is there, as far as it can be told without reading. */
export const signatureOf = async (file: string): Promise<string> => {
  try {
    const [real, { dev, ino, size, mtimeNs, ctimeNs }] = await Promise.all([
      realpath(file),
      stat(file, { bigint: true }),
    ]);
    return [real, dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'not there';
  }
};

export class FileWatch {
  readonly #options: FileWatchOptions;
  #handled = '';
  #watchers: FSWatcher[] = [];
  #watched = '';
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  /** Something happened that the look under way may have come too early for. */
  #again = false;
  #isStopped = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Changes are told from here on. */
  async start(): Promise<void> {
    this.#handled = await this.#signature();
    this.#rest();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#unwatch();
    await this.#looking;
  }

  /** Looks at once, or once more when the look that is under way is over. */
  #look(): void {
    if (this.#looking) this.#again = true;
    if (this.#isStopped || this.#looking) return;
    this.#again = false;
    clearTimeout(this.#timer);
    this.#looking = this.#settle().finally(() => {
      this.#looking = undefined;
      this.#rest();
    });
  }

  async #settle(): Promise<void> {
    let seen = await this.#signature();
    while (seen !== this.#handled && !this.#isStopped) {
      const { promise, resolve } = Promise.withResolvers<void>();
      setTimeout(resolve, this.#options.settleMs);
      await promise;
      const now = await this.#signature();
      if (now === seen && !this.#isStopped) {
        this.#handled = now;
        await this.#options.changed();
      }
      seen = now === seen ? await this.#signature() : now;
    }
  }

  #rest(): void {
    if (this.#isStopped) return;
    const isNew = this.#watchFolders();
    if (isNew || this.#again)
      this.#look(); // what came before the watching was told to nobody
    else this.#timer = setTimeout(() => this.#look(), this.#options.lookEveryMs ?? LOOK_EVERY_MS).unref();
  }

  async #signature(): Promise<string> {
    return (await Promise.all(this.#options.files().map(signatureOf))).join('\n');
  }

  /** Anew whenever the files have changed place: a folder that was swapped away tells nothing any more. @returns whether so */
  #watchFolders(): boolean {
    const files = this.#options.files();
    const wanted = `${files.join('\n')}\n${this.#handled}`;
    if (wanted === this.#watched) return false;
    this.#watched = wanted;
    this.#unwatch();
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#look());
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // not there, or no events to be had: looking again and again is enough
      }
    }
    return true;
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}
