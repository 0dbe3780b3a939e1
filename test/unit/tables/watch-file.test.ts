import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { FileWatch } from '../../../src/tables/source/watch-file.ts';

const SETTLE_MS = 60;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-watch-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const watching = async (files: readonly string[], lookEveryMs = 60_000) => {
  const changed = vi.fn(async () => undefined);
  const watch = new FileWatch({ files: () => files, changed, settleMs: SETTLE_MS, lookEveryMs });
  await watch.start();
  onTestFinished(() => watch.stop());
  return changed;
};

/** Told once, and not again for a while. */
const toldOnce = async (changed: ReturnType<typeof vi.fn>) => {
  await vi.waitFor(() => expect(changed).toHaveBeenCalled(), { timeout: 5_000, interval: 10 });
  await pause(SETTLE_MS * 4);
  expect(changed).toHaveBeenCalledTimes(1);
};

/** As the kubelet does: a new folder, and the link to it swapped by a rename. */
const kubernetes = async (version: string, text: string) => {
  await mkdir(join(folder, version));
  await writeFile(join(folder, version, 'routes.yaml'), text);
  await symlink(version, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
};

describe('a table file', () => {
  test('that is written in place is told of once it is still, not while it is being written', async () => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, '0');
    const changed = await watching([file]);
    for (let n = 1; n <= 8; n += 1) {
      await writeFile(file, 'x'.repeat(n));
      await pause(SETTLE_MS / 4);
    }
    expect(changed).not.toHaveBeenCalled();
    await toldOnce(changed);
  });

  test('that an editor renames another over is told of', async () => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, 'old');
    const changed = await watching([file]);
    await writeFile(join(folder, '.routes.yaml.swp'), 'new');
    await rename(join(folder, '.routes.yaml.swp'), file);
    await toldOnce(changed);
  });

  test('behind links that Kubernetes swaps is told of, each time', async () => {
    await kubernetes('..2026_1', 'old');
    const file = join(folder, 'routes.yaml');
    await symlink('..data/routes.yaml', file);
    const changed = await watching([file]);
    await kubernetes('..2026_2', 'new');
    await toldOnce(changed);
    changed.mockClear();
    await rm(join(folder, '..2026_1'), { recursive: true });
    await kubernetes('..2026_3', 'newer');
    await toldOnce(changed);
  });

  test('in a folder that is swapped away as a whole is told of without any event', async () => {
    for (const version of ['v1', 'v2']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'routes.yaml'), version);
    }
    await symlink('v1', join(folder, 'current'));
    const changed = await watching([join(folder, 'current', 'routes.yaml')], 50);
    await symlink('v2', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    await toldOnce(changed);
  });

  test('whose prefix list changes is told of', async () => {
    const files = [join(folder, 'routes.yaml'), join(folder, 'prefixes.csv')];
    for (const each of files) await writeFile(each, 'old');
    const changed = await watching(files);
    await writeFile(files[1] ?? '', 'new');
    await toldOnce(changed);
  });

  test('that is deleted, and that comes back, is told of', async () => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, 'old');
    const changed = await watching([file]);
    await rm(file);
    await toldOnce(changed);
    changed.mockClear();
    await writeFile(file, 'back');
    await toldOnce(changed);
  });

  test('that nobody touches is not told of, nor what else lies in its folder', async () => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, 'old');
    const changed = await watching([file], 30);
    await writeFile(join(folder, 'notes.txt'), 'hello');
    await pause(300);
    expect(changed).not.toHaveBeenCalled();
  });

  test('that changes while the last change is taken in is told of afterwards, not meanwhile', async () => {
    const file = join(folder, 'routes.yaml');
    await writeFile(file, 'old');
    let [running, most] = [0, 0];
    const changed = vi.fn(async () => {
      running += 1;
      most = Math.max(most, running);
      await writeFile(file, `change ${Math.min(3, changed.mock.calls.length)}`);
      await pause(SETTLE_MS);
      running -= 1;
    });
    const watch = new FileWatch({ files: () => [file], changed, settleMs: SETTLE_MS, lookEveryMs: 60_000 });
    await watch.start();
    onTestFinished(() => watch.stop());
    await writeFile(file, 'new');
    await vi.waitFor(() => expect(changed.mock.calls.length).toBeGreaterThan(1), { timeout: 5_000 });
    expect(most).toBe(1);
  });
});
