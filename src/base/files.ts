/** Making folders, and what may be read there. Not by `mkdir`'s own `recursive`: where a file system refuses with ENOENT (/proc), that never ends. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Makes a folder and those above it; one that is there is fine. Rejects as `mkdir` does; ENOTDIR when a file is in its place. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeOne(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeOne(folder);
  }
}

async function makeOne(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
  }
}

/** Of files that hold callers' numbers: for the user of the service, and to read for its group (a log shipper's, say). */
export const CALLERS_MODE = 0o640;

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EISDIR: 'it is a folder',
  ENOENT: 'no such place',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file stands where a folder has to be',
  EROFS: 'the disk is read-only',
};

/** Why something could not be written, in a person's words. */
export const whyNotWritten = (error: unknown): string => WORDS[codeOf(error) ?? ''] ?? codeOf(error) ?? String(error);
