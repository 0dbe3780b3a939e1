/** The command as an engineer types it, in a process of its own: exit codes and streams are what is tried. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

export const hotline = (...args: readonly string[]) => {
  const bin = join(root, 'src/cli/bin.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
};
