/** The lab on this machine's own packages, for where no rootfs can be made. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findAsteriskFolders, type Place } from './place.ts';
import { run } from './process.ts';

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
