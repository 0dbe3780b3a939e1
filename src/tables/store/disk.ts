/** Files that are whole or not there, whatever happens between two instructions. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A file that is on the disk under another name. */
export interface Prepared {
  /** Gives it its name, in place of what has it now. Takes no room on the disk. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

export interface Disk {
  /** @throws whatever the file system says, and leaves nothing behind then. */
  prepare(file: string, text: string): Promise<Prepared>;
  /** Adds a line, even after one that a crash has cut. */
  append(file: string, line: string): Promise<void>;
  /** Undefined where there is none, or none that can be read. */
  read(file: string): Promise<string | undefined>;
  names(folder: string): Promise<readonly string[]>;
  remove(file: string): Promise<void>;
}

const NEWLINE = 10;

/** A rename is on the disk once its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

const writeThrough = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const read = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

export const realDisk: Disk = {
  prepare: async (file, text) => {
    const part = join(dirname(file), `.${basename(file)}.${randomUUID()}.part`);
    const discard = () => rm(part, { force: true });
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeThrough(part, text);
    } catch (error) {
      await discard();
      throw error;
    }
    const commit = async () => {
      await rename(part, file);
      await syncFolder(dirname(file));
    };
    return { commit, discard };
  },
  append: async (file, line) => {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(file, 'a+');
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(1, NEWLINE), 0, size === 0 ? 0 : 1, Math.max(0, size - 1));
      await handle.appendFile(`${buffer[0] === NEWLINE ? '' : '\n'}${line}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  read,
  names: (folder) => readdir(folder).catch(() => []),
  remove: (file) => rm(file, { force: true }),
};
