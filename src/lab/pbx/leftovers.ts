/** Labs whose process was killed: their folder names their owner, and their programs are ended by the next lab. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.ts';
import { type Place, seenFrom } from './place.ts';
import { isAlive } from './process.ts';

const PREFIX = 'lab-';
const OWNER = 'owner.pid';

/** A new folder for a lab, owned by this process. */
const claimFolder = async (place: Place): Promise<string> => {
  const folder = await mkdtemp(join(place.work, PREFIX));
  await writeFile(join(folder, OWNER), String(process.pid));
  return folder;
};

const commandLine = async (pid: string): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');

/** Processes whose command line names one of `folders`, a lab's own as each may see it. */
const processesOf = async (folders: readonly string[]): Promise<number[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map(async (pid) => [pid, await commandLine(pid)] as const));
  const isOf = (argument: string): boolean =>
    folders.some((folder) => argument === folder || argument.startsWith(`${folder}/`));
  return lines.filter(([, line]) => line.split(' ').some(isOf)).map(([pid]) => Number(pid));
};

const ownerAlive = async (folder: string): Promise<boolean> => {
  const owner = Number(await readFile(join(folder, OWNER), 'utf8').catch(() => '0'));
  return owner > 0 && isAlive(owner);
};

const labsOf = async (place: Place): Promise<string[]> => {
  const names = await readdir(place.work).catch(() => []);
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => join(place.work, name));
};

export const hasLivingLab = async (place: Place): Promise<boolean> =>
  (await Promise.all((await labsOf(place)).map(ownerAlive))).includes(true);

const end = (pid: number): void => {
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
};

/** Ends and removes every lab of this place whose owner is gone. */
const sweepDeadLabs = async (place: Place): Promise<void> => {
  for (const folder of await labsOf(place)) {
    if (await ownerAlive(folder)) continue;
    for (const pid of await processesOf([folder, seenFrom(place, folder)])) end(pid);
    await rm(folder, { recursive: true, force: true });
  }
};

/** Clears away dead labs, then makes a folder for a new one; one process at a time, for a folder without owner is swept. */
export const newLabFolder = async (place: Place): Promise<string> =>
  withLock(
    join(place.work, 'lock'),
    () => undefined,
    async () => {
      await sweepDeadLabs(place);
      return claimFolder(place);
    },
  );
