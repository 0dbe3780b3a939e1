/** Folders made, files written whole or not at all, and why something could not be written. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileUnwritable } from './errors.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Makes a folder and those above it; one that is there is fine. Not by `mkdir`'s own `recursive`: where a file system
 * refuses with ENOENT (/proc), that never ends. Rejects as `mkdir` does; ENOTDIR when a file is in its place.
 */
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

/** Rejects with `FileUnwritable` in place of what the file system says. */
export const orUnwritable = <T>(file: string, work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw new FileUnwritable(file, whyNotWritten(error));
  });

export interface WriteOptions {
  /** Of the file, when it is made; 0o666 without the user's mask. */
  readonly mode?: number;
  /** Survives a power cut from `commit` on. */
  readonly sync?: boolean;
  /** Nobody else writes this file, so that what a crash leaves half-written is overwritten by the next write. */
  readonly soleWriter?: boolean;
}

/** A file that is on the disk under another name. */
export interface PreparedFile {
  /** Gives it its name, in place of what has it now. Takes no room on the disk. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** Writes a file beside the one it is to replace. Rejects as the file system does, and leaves nothing behind then. */
export async function prepareFile(
  file: string,
  content: string | Uint8Array,
  { mode, sync = false, soleWriter = false }: WriteOptions = {},
): Promise<PreparedFile> {
  const folder = dirname(file);
  const part = join(folder, `.${basename(file)}${soleWriter ? '' : `.${randomUUID()}`}.part`);
  const discard = (): Promise<void> => rm(part, { force: true });
  await makeFolder(folder);
  try {
    await using handle = await open(part, 'w', mode);
    await handle.writeFile(content);
    if (sync) await handle.sync();
  } catch (error) {
    await discard();
    throw error;
  }
  const commit = async (): Promise<void> => {
    await rename(part, file);
    if (sync) await syncFolder(folder);
  };
  return { commit, discard };
}

/** Writes a file whole: whoever reads it meanwhile, a PBX in the middle of a call too, gets the old one or the new one. */
export async function writeWhole(file: string, content: string | Uint8Array, options?: WriteOptions): Promise<void> {
  const { commit, discard } = await prepareFile(file, content, options);
  await commit().catch(async (error: unknown) => {
    await discard();
    throw error;
  });
}

/** A rename is on the disk once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
