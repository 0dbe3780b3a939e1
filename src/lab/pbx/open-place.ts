/** Chooses where the lab lives: a private rootfs where one can be made, else this machine's own packages. */

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { LabUnavailable } from '../../base/errors.ts';
import { findAsteriskFolders, type Place } from './place.ts';
import { run } from './process.ts';
import { canProvision, openRootfs, type Progress } from './rootfs.ts';

/** The project's ignored folder for everything the lab makes. */
export const labHome = (): string => join(import.meta.dirname, '../../../.lab');

/** @throws {LabUnavailable} saying what is missing for either way. */
export const openPlace = async (home: string, progress: Progress): Promise<Place> => {
  await mkdir(home, { recursive: true });
  const rootfs = await canProvision();
  if ('mirror' in rootfs) return openRootfs(home, rootfs.mirror, progress);
  const machine = await openMachine();
  if (!('missing' in machine)) return machine;
  throw new LabUnavailable(
    `no PBX for the lab. A private one cannot be made: ${rootfs.missing}. This machine's own cannot be used: ${machine.missing}. ` +
      'Run as root on Debian, or install asterisk (20 or later), redis-server, espeak-ng and sox',
  );
};

const OLDEST_ASTERISK = 20;
const PROGRAMS = ['asterisk', 'redis-server', 'espeak-ng', 'sox'] as const;

const onPath = (program: string): boolean =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].some((folder) =>
    existsSync(join(folder, program)),
  );

/** The machine as a place for the lab, or what it lacks. */
export const openMachine = async (): Promise<Place | { readonly missing: string }> => {
  const absent = PROGRAMS.filter((program) => !onPath(program));
  if (absent.length > 0) return { missing: `not installed here: ${absent.join(', ')}` };
  const version = await run(['asterisk', '-V']);
  const major = Number(/(\d+)\./.exec(version)?.[1] ?? 0);
  if (major < OLDEST_ASTERISK) return { missing: `${version.trim()} is older than ${OLDEST_ASTERISK}` };
  // Short, because the path of a Unix socket may not pass 107 bytes.
  const work = join(tmpdir(), `hotline-lab-${process.getuid?.() ?? 0}`);
  await mkdir(work, { recursive: true });
  const place: Place = { kind: 'machine', root: '/', work, prefix: [] };
  return (await findAsteriskFolders(place)) === undefined ? { missing: 'no Asterisk modules with ARI found' } : place;
};
