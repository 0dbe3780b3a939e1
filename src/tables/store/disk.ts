/** The file system as the store uses it: files are whole or absent, even after a crash. Tests hand in a disk that fails. */
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, type PreparedFile, prepareFile } from '../../base/files.ts';

export interface Disk {
  /** Leaves nothing behind when it fails. @throws the file system's error */
  prepare(file: string, text: string): Promise<PreparedFile>;
  /** Adds a line; the file may end in a line that a crash cut short. */
  append(file: string, line: string): Promise<void>;
  /** Undefined when the file is absent or unreadable. */
  read(file: string): Promise<string | undefined>;
  names(folder: string): Promise<readonly string[]>;
  remove(file: string): Promise<void>;
}

const NEWLINE = 10;

const read = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

export const realDisk: Disk = {
  prepare: (file, text) => prepareFile(file, text, { sync: true }),
  append: async (file, line) => {
    await makeFolder(dirname(file));
    await using handle = await open(file, 'a+');
    const { size } = await handle.stat();
    const { buffer } = await handle.read(Buffer.alloc(1, NEWLINE), 0, size === 0 ? 0 : 1, Math.max(0, size - 1));
    await handle.appendFile(`${buffer[0] === NEWLINE ? '' : '\n'}${line}\n`);
    await handle.sync();
  },
  read,
  names: (folder) => readdir(folder).catch(() => []),
  remove: (file) => rm(file, { force: true }),
};
