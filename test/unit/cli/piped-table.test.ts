/** A table that comes through a pipe: `hotline check --table <(sed … config/routes.yaml)`. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './hotline.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-piped-'));
});
afterAll(() => rm(folder, { recursive: true }));

const HOTLINE = `'${process.execPath}' src/cli/bin.ts`;

/** What a shell is told; the command is killed where it waits for something that never comes. */
const shell = (line: string) => {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: root, encoding: 'utf8', timeout: 15_000 });
  return { code: status, out: stdout, err: stderr };
};

describe('a table that comes through a pipe', () => {
  test('is checked as a file is, and what is wrong is told at its line', () => {
    const good = shell(`${HOTLINE} check --table <(cat config/routes.yaml)`);
    expect(good).toMatchObject({ code: 0, err: '' });
    expect(good.out).toContain('good: 32 numbers');
    const bad = shell(`sed 's/prompt: merged/prompt: mergd/' config/routes.yaml | ${HOTLINE} check --table /dev/stdin`);
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/^\/dev\/stdin:\d\d+:\d+: error UNKNOWN_PROMPT: /m);
  });

  test('is waited for where its FIFO has a name, and is compared and explained too', () => {
    const fifo = join(folder, 'new.yaml');
    const { code, out } = shell(
      `mkfifo '${fifo}'; (sleep 0.2; cat config/routes.yaml > '${fifo}') & ${HOTLINE} diff config/routes.yaml '${fifo}'`,
    );
    expect({ code, out }).toEqual({ code: 0, out: 'nothing moves\n32 numbers unchanged\n' });
    const explained = shell(`${HOTLINE} explain --to 12333 --table <(cat config/routes.yaml)`);
    expect(explained.code).toBe(0);
  });

  test('is not a device that never ends', () => {
    expect(shell(`${HOTLINE} check --table /dev/zero`)).toMatchObject({
      code: 2,
      err: 'error FILE_UNREADABLE: /dev/zero: not a regular file\n',
    });
  });
});
