/** Chooses where the lab lives: a private rootfs where one can be made, else this machine's own packages. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabUnavailable } from '../../base/errors.ts';
import { openMachine } from './machine.ts';
import type { Place } from './place.ts';
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
