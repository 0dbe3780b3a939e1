/** Where the lab's programs live: a private rootfs entered with chroot, or this machine's own packages. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A file system with Asterisk, Redis, eSpeak NG and SoX in it, and how its programs are started. */
export interface Place {
  readonly kind: 'rootfs' | 'machine';
  /** Host path of its root: `/` for the machine itself. */
  readonly root: string;
  /** Host path of the folder that labs write in. */
  readonly work: string;
  /** What goes before a program's name to run it there; empty on the machine itself. */
  readonly prefix: readonly string[];
}

/** The argument vector that runs `argv` in the place. */
export const within = (place: Place, argv: readonly string[]): readonly string[] => [...place.prefix, ...argv];

/** A host path as the place's programs see it; the path must lie under the place's root. */
export const seenFrom = (place: Place, hostPath: string): string =>
  place.root === '/' ? hostPath : join('/', relative(place.root, hostPath));

/** Asterisk's module and data folders differ between distributions. */
export interface AsteriskFolders {
  readonly modules: string;
  readonly data: string;
}

const firstExisting = (root: string, candidates: readonly string[], within: string): string | undefined =>
  candidates.find((candidate) => existsSync(join(root, candidate, within)));

/** Paths as seen from inside the place; undefined where Asterisk is not installed. */
export const findAsteriskFolders = async (place: Place): Promise<AsteriskFolders | undefined> => {
  const libraries = existsSync(join(place.root, 'usr/lib')) ? await readdir(join(place.root, 'usr/lib')) : [];
  const homes = ['/usr/lib', '/usr/lib64', '/usr/local/lib', ...libraries.map((name) => `/usr/lib/${name}`)];
  const modules = firstExisting(
    place.root,
    homes.map((home) => `${home}/asterisk/modules`),
    'app_stasis.so',
  );
  const data = firstExisting(place.root, ['/usr/share/asterisk', '/var/lib/asterisk'], 'rest-api/resources.json');
  return modules !== undefined && data !== undefined ? { modules, data } : undefined;
};
