/** The file system as the keeper of recordings uses it. */
import { lstat, opendir, rm, statfs } from 'node:fs/promises';

export interface RecordingFile {
  /** Unix milliseconds of the last write. */
  readonly writtenAt: number;
}

export interface RecordingDisk {
  /** Bytes that are free for the service's user. @throws whatever the file system says. */
  freeBytes(folder: string): Promise<number>;
  /** Names in a folder, one by one: there may be millions. @throws whatever the file system says. */
  names(folder: string): AsyncIterable<string>;
  isFolder(path: string): Promise<boolean>;
  /** Undefined for what is no plain file, or is gone. */
  look(file: string): Promise<RecordingFile | undefined>;
  /** One that is gone already is no error. @throws whatever the file system says. */
  remove(file: string): Promise<void>;
}

export const realDisk: RecordingDisk = {
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  names: async function* (folder) {
    for await (const { name } of await opendir(folder)) yield name;
  },
  isFolder: async (path) => {
    const found = await lstat(path).catch(() => undefined); // not there, most likely
    return found?.isDirectory() === true;
  },
  look: async (file) => {
    const found = await lstat(file).catch(() => undefined); // swept by another controller meanwhile
    return found?.isFile() ? { writtenAt: found.mtimeMs } : undefined;
  },
  remove: (file) => rm(file, { force: true }),
};
