/** One at a time among processes: a lock file that holds its owner's pid; a dead owner's lock is taken over. */
import { watch } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isAlive } from './process.ts';

const LOOK_AGAIN_MS = 1000;

const tryTake = async (file: string): Promise<boolean> => {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

const ownerOf = async (file: string): Promise<number | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
};

/** Until the lock's folder changes, or a second has gone by (an owner that is killed changes nothing). */
const change = (file: string): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(dirname(file), () => done());
    const timer = setTimeout(() => done(), LOOK_AGAIN_MS);
    const done = (): void => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
  });

/** Runs `work` while holding `file`; `waiting` is called once when somebody else holds it. */
export const withLock = async <T>(
  file: string,
  waiting: (owner: number) => void,
  work: () => Promise<T>,
): Promise<T> => {
  await mkdir(dirname(file), { recursive: true });
  let told = false;
  while (!(await tryTake(file))) {
    const owner = await ownerOf(file);
    if (owner !== undefined && !isAlive(owner)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told && owner !== undefined) waiting(owner);
    told = true;
    await change(file);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
};
