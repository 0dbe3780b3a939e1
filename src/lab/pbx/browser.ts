/**
 * A Chromium of Debian's for tests of the wallboard: unpacked beside the rootfs when first asked for, so that whoever only
 * starts the lab does not wait for it. It runs in a mount namespace of its own, where it finds /proc and /dev; nothing of the
 * machine's mounts changes.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabUnavailable } from '../../base/errors.ts';
import { run } from './process.ts';
import { canProvision, openUnpacked, type Progress } from './rootfs.ts';

const BROWSER = {
  kind: 'browser',
  packages: ['chromium', 'fonts-noto-cjk', 'bash', 'coreutils', 'libc-bin'],
  neededMegabytes: 1800,
} as const;

/** Mounts what Chromium needs, then becomes it. `$0` is the root. */
const ENTER =
  'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && root="$0" && exec chroot "$root" /usr/lib/chromium/chromium "$@"';

export interface Browser {
  /** Program and first arguments that start it; what it is told comes after them. */
  readonly argv: readonly string[];
  /** Host path of a folder that it sees as `/tmp`. */
  readonly tmp: string;
}

/** @param home of the lab. @throws LabUnavailable saying what is missing. */
export async function openBrowser(home: string, progress: Progress): Promise<Browser> {
  const can = await canProvision();
  if ('missing' in can) throw new LabUnavailable(`no browser: ${can.missing}`);
  await mkdir(home, { recursive: true });
  const { root } = await openUnpacked(home, can.mirror, BROWSER, progress);
  for (const folder of ['proc', 'dev']) await mkdir(join(root, folder), { recursive: true });
  await run(['unshare', '--mount', 'true']).catch(() => {
    throw new LabUnavailable('no browser: this machine does not allow mount namespaces');
  });
  return { argv: ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', ENTER, root], tmp: join(root, 'tmp') };
}
