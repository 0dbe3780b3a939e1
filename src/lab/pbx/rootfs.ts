/**
 * A private root file system with Asterisk, Redis, eSpeak NG and SoX, made of Debian packages under `.lab/`.
 * Packages are unpacked, not configured: no maintainer script runs, nothing is mounted, so plain root in a container
 * can do it. Nothing inside starts by itself.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { LabUnavailable } from '../../base/errors.ts';
import { writeWhole } from '../../base/files.ts';
import { debianMirror, parseAptSources } from './apt-sources.ts';
import { hasLivingLab } from './leftovers.ts';
import { withLock } from './lock.ts';
import { findAsteriskFolders, type Place } from './place.ts';
import { run, startDaemon } from './process.ts';

/** Debian 12 and 13 have no Asterisk; these suites do. Tried in this order. */
const SUITES = ['forky', 'sid'] as const;
const PACKAGES = [
  'asterisk',
  'asterisk-core-sounds-en-wav',
  'redis-server',
  'espeak-ng',
  'sox',
  'sip-tester',
  'bash',
  'coreutils',
  'libc-bin',
];
/** Raised when what is done to the packages changes. */
const RECIPE = 2;
const NEEDED_MEGABYTES = 1200;

export type Progress = (line: string) => void;

/** A folder of packages unpacked under the lab's home, its name made of what is in it. */
export interface Unpacked {
  readonly kind: string;
  readonly packages: readonly string[];
  readonly neededMegabytes: number;
}

const OWN: Unpacked = { kind: 'rootfs', packages: PACKAGES, neededMegabytes: NEEDED_MEGABYTES };

const folderName = ({ kind, packages }: Unpacked): string =>
  `${kind}-${createHash('sha256')
    .update(JSON.stringify([RECIPE, SUITES, packages]))
    .digest('hex')
    .slice(0, 8)}`;

const aptSourceFiles = async (): Promise<string[]> => {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name));
  return ['/etc/apt/sources.list', ...files];
};

const findMirror = async (): Promise<string | undefined> => {
  const files = await aptSourceFiles();
  const texts = await Promise.all(
    files.map(async (file) => [file, await readFile(file, 'utf8').catch(() => '')] as const),
  );
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const codename = /^VERSION_CODENAME="?([a-z]+)/m.exec(release)?.[1];
  return debianMirror(
    texts.flatMap(([file, text]) => parseAptSources(file, text)),
    codename,
  );
};

const placeIn = (root: string): Place => ({ kind: 'rootfs', root, work: join(root, 'lab'), prefix: ['chroot', root] });

/** Why this machine cannot have the rootfs, or the mirror to make it from. */
export const canProvision = async (): Promise<{ readonly mirror: string } | { readonly missing: string }> => {
  if (process.getuid?.() !== 0) return { missing: 'not running as root' };
  if (!existsSync('/usr/bin/apt-get')) return { missing: 'no apt-get (this is not a Debian system)' };
  const mirror = await findMirror();
  return mirror === undefined ? { missing: 'no Debian mirror in /etc/apt/sources.list*' } : { mirror };
};

const checkDisk = async (home: string, neededMegabytes: number): Promise<void> => {
  const { bavail, bsize } = await statfs(home);
  const megabytes = Math.floor((bavail * bsize) / 2 ** 20);
  if (megabytes < neededMegabytes)
    throw new LabUnavailable(`the lab needs ${neededMegabytes} MB of disk at ${home}, ${megabytes} MB are free`);
};

/** Runs a long program, its lines shown as they come. */
const runShown = async (argv: readonly string[], progress: Progress): Promise<void> => {
  const daemon = await startDaemon(argv);
  daemon.onLine((line) => progress(`  ${line}`));
  const code = await daemon.exitCode;
  if (code !== 0)
    throw new LabUnavailable(`${argv[0]} failed (exit ${code}): ${daemon.tail().split('\n').slice(-3).join(' · ')}`);
};

const haveMmdebstrap = async (progress: Progress): Promise<void> => {
  if (existsSync('/usr/bin/mmdebstrap')) return;
  progress('installing mmdebstrap');
  const install = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-y',
    '--no-install-recommends',
    'install',
    'mmdebstrap',
  ];
  const listed = await run(['apt-cache', 'show', 'mmdebstrap']).then(
    () => true,
    () => false,
  );
  if (!listed) await runShown(['apt-get', '-qq', '-o', 'Acquire::Check-Valid-Until=false', 'update'], progress);
  await runShown(install, progress);
};

const unpack = async (
  suite: string,
  mirror: string,
  { folder, packages }: { folder: string; packages: readonly string[] },
  progress: Progress,
): Promise<void> => {
  progress(`unpacking Debian ${suite} packages from ${mirror}`);
  await runShown(
    [
      'mmdebstrap',
      '--variant=extract',
      '--mode=root',
      // A mirror that is a snapshot has a Release file past its date.
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=APT::Install-Recommends "false"',
      '--aptopt=Acquire::Retries "3"',
      `--include=${packages.join(',')}`,
      suite,
      folder,
      mirror,
    ],
    progress,
  );
  await run(['chroot', folder, '/usr/sbin/ldconfig']);
};

const unpackFirstSuite = async (
  mirror: string,
  what: { folder: string; packages: readonly string[] },
  progress: Progress,
): Promise<void> => {
  const failures: string[] = [];
  for (const suite of SUITES) {
    await rm(what.folder, { recursive: true, force: true });
    try {
      return await unpack(suite, mirror, what, progress);
    } catch (error) {
      failures.push(`${suite}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new LabUnavailable(`packages of the lab could not be had from ${mirror} · ${failures.join(' · ')}`);
};

/** Earlier rootfs, made of other packages; one that a living lab uses stays. */
const removeOlder = async (home: string, root: string, kind: string): Promise<void> => {
  const names = (await readdir(home)).filter((name) => name.startsWith(`${kind}-`) && name !== basename(root));
  for (const name of names)
    if (!(await hasLivingLab(placeIn(join(home, name))))) await rm(join(home, name), { recursive: true, force: true });
};

const provision = async (
  home: string,
  root: string,
  { mirror, what }: { mirror: string; what: Unpacked },
  progress: Progress,
): Promise<void> => {
  const folder = `${root}.part`;
  await checkDisk(home, what.neededMegabytes);
  await haveMmdebstrap(progress);
  const startedAt = Date.now();
  await unpackFirstSuite(mirror, { folder, packages: what.packages }, progress);
  if (what === OWN) await quietenDns(placeIn(folder));
  await rename(folder, root);
  await removeOlder(home, root, what.kind);
  progress(`lab packages ready in ${Math.round((Date.now() - startedAt) / 1000)} s`);
};

/**
 * Files that depend on the machine of today. Without its own name in `hosts` PJSIP stalls every call on DNS.
 */
const furnish = async (root: string): Promise<void> => {
  const files: Record<string, string> = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
    'etc/group': 'root:x:0:\n',
    'etc/hosts': `127.0.0.1 localhost ${hostname()}\n`,
    'etc/resolv.conf': '',
  };
  for (const [name, text] of Object.entries(files)) {
    await rm(join(root, name), { force: true });
    await writeFile(join(root, name), text);
  }
  if (!existsSync(join(root, 'dev/null'))) await writeFile(join(root, 'dev/null'), '');
  await mkdir(join(root, 'tmp'), { recursive: true });
};

/** What is unpacked under `home`, made now if it is not there yet. One process makes it, others wait for it. */
export const openUnpacked = async (
  home: string,
  mirror: string,
  what: Unpacked,
  progress: Progress,
): Promise<Place> => {
  const root = join(home, folderName(what));
  await withLock(
    join(home, 'lock'),
    (owner) => progress(`waiting for process ${owner}, which prepares the lab`),
    async () => {
      if (!existsSync(root)) await provision(home, root, { mirror, what }, progress);
      await furnish(root);
      await mkdir(placeIn(root).work, { recursive: true });
    },
  );
  return placeIn(root);
};

/** The rootfs of the lab. */
export const openRootfs = (home: string, mirror: string, progress: Progress): Promise<Place> =>
  openUnpacked(home, mirror, OWN, progress);

/** Both between NUL bytes, as names stand in an ELF string table; the second no longer than the first. */
const ASKS = Buffer.from('\0ast_dns_get_nameservers\0');
const ANSWERS_NOTHING = Buffer.from('\0getttyent\0');

const withoutResolver = (module: Buffer): Buffer => {
  const at = module.indexOf(ASKS);
  if (at < 0) return module;
  const changed = Buffer.from(module);
  changed.fill(0, at, at + ASKS.length);
  ANSWERS_NOTHING.copy(changed, at);
  return changed;
};

/**
 * Keeps the rootfs's Asterisk off every address but loopback. PJSIP's own DNS resolver opens a UDP socket on all
 * addresses, and no option stops it; without name servers Asterisk does without that resolver, but glibc always names
 * one. So the copy of `res_pjsip.so` in the rootfs asks for them under another name: `getttyent`, which takes nothing
 * and answers NULL where there is no /etc/ttys. "Could not retrieve local system nameservers" in the log is this. A
 * module without the name is left as it is.
 */
const quietenDns = async (place: Place): Promise<void> => {
  const folders = await findAsteriskFolders(place);
  if (folders === undefined) return;
  const file = join(place.root, folders.modules, 'res_pjsip.so');
  await writeWhole(file, withoutResolver(await readFile(file)), { mode: 0o644 });
};
