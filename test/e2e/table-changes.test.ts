/** Every way to change the table of a running service, and every way to be refused. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { allMovedText, brokenText, commented, liveText, movedText } from '../unit/tables/texts.ts';
import { type TableService, tableService } from './table-service.ts';

const run = promisify(execFile);
const soon = { timeout: 10_000, interval: 25 };
const viewer = 'a-viewer-of-the-wallboard';
const tokens = [{ name: 'wallboard', role: 'viewer', token: viewer }];

const liveIs = (service: TableService, text: string) =>
  vi.waitFor(async () => {
    const { revision } = await service.table();
    const kept = await service.ask('GET', `/api/table/revisions/${revision}`);
    expect(((await kept.json()) as { text: string }).text).toBe(text);
  }, soon);

test('a saved file goes live by itself, SIGHUP reads it too, and the history tells them apart', async () => {
  const service = await tableService('file', liveText);
  const begun = performance.now();
  await writeFile(service.file, movedText());
  await liveIs(service, movedText());
  process.stdout.write(`saved to live: ${Math.round(performance.now() - begun)} ms\n`);
  const still = await tableService('signal', liveText, { reload: { watch: false } });
  await writeFile(still.file, movedText());
  still.signal('SIGHUP');
  await liveIs(still, movedText());
  const history = async ({ ask }: TableService) =>
    (await (await ask('GET', '/api/table/history?limit=1')).json()) as object;
  expect(await history(service)).toMatchObject([{ what: 'reload', from: 'file', who: 'file watch' }]);
  expect(await history(still)).toMatchObject([{ what: 'reload', from: 'signal', who: 'SIGHUP' }]);
});

test('a broken file changes nothing; readyz, status and a restart say so, and the last good table serves', async () => {
  const service = await tableService('broken', liveText, { redis: 'redis://127.0.0.1:1' });
  const { revision } = await service.table();
  await writeFile(service.file, brokenText());
  const readyz = async () => (await (await fetch(`${service.url()}/readyz`)).json()) as { table: object };
  await vi.waitFor(
    async () => expect((await readyz()).table).toMatchObject({ revision, problem: expect.stringContaining('error') }),
    soon,
  );
  await rm(service.file);
  execFileSync('mkfifo', [service.file]); // that nobody writes to, and a stop does not wait for
  await vi.waitFor(
    async () => expect((await readyz()).table).toMatchObject({ problem: expect.stringContaining('not a regular') }),
    soon,
  );
  await service.stop();
  await rm(service.file);
  await writeFile(service.file, brokenText());
  await service.start(); // with the YAML broken and Redis down
  expect((await readyz()).table).toMatchObject({
    revision,
    source: 'last-known-good',
    problem: expect.stringMatching(/not live: .*routes\.yaml:\d+:\d+: error/),
  });
  const status = await service.hotline('status');
  expect(status.out).toContain('PROBLEM: ');
  expect(status.out).toContain('Redis cannot be reached');
});

test('an engineer reloads, is asked to mean it, tries a canary, promotes, rolls back and looks back, by command', async () => {
  const service = await tableService('commands', liveText, { reload: { watch: false } });
  const { revision: first } = await service.table();
  await writeFile(service.file, allMovedText());
  const large = await service.hotline('reload');
  expect(large).toMatchObject({
    code: 1,
    err: expect.stringMatching(/error CHANGE_TOO_LARGE: moves \d+ of 32 numbers/),
  });
  const meant = await service.hotline('reload', '--yes');
  expect(meant).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^live: ${first} → [0-9a-f]{16}: `)) });
  expect(await service.hotline('rollback')).toMatchObject({ code: 0, out: expect.stringContaining(`→ ${first}`) });
  const other = join(service.folder, 'other.yaml');
  await writeFile(other, movedText());
  const tried = await service.hotline('reload', '--table', other, '--canary', 'number:12301', '--json');
  const { canary } = JSON.parse(tried.out) as { canary: { revision: string } };
  expect((await service.hotline('status')).out).toContain(`canary ${canary.revision} takes calls to 12301`);
  expect((await service.hotline('promote')).out).toContain(`live: ${first} → ${canary.revision}`);
  expect((await service.hotline('rollback', first)).code).toBe(0);
  const history = await service.hotline('history');
  expect(
    history.out
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/)[1]),
  ).toEqual(['rollback', 'promote', 'canary', 'rollback', 'reload', 'reload', 'start']);
  expect(history.out).toContain('refused CHANGE_TOO_LARGE  by admin-token (cli)');
  expect((await service.hotline('history', first)).out).toBe(liveText);
  const { out: moves } = await service.hotline('diff', first, canary.revision);
  expect(moves).toMatch(/^12301 everywhere: .*seats:12348/);
  expect((await service.hotline('diff', 'live', other)).out).toBe(moves);
  expect((await service.hotline('diff', 'live', 'ffff')).err).toContain('error NO_SUCH_REVISION');
  await writeFile(other, brokenText());
  expect(await service.hotline('reload', '--table', other)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/other\.yaml:\d+:\d+: error/),
  });
  expect((await service.hotline('rollback', 'ffff')).err).toContain('error NO_SUCH_REVISION');
  expect((await service.hotline('reload', '--canary', 'city:xiamen')).code).toBe(2);
}, 240_000);

describe('over HTTP', () => {
  test('nothing under /api answers without a token it knows, and a viewer changes nothing', async () => {
    const service = await tableService('tokens', liveText, {
      http: { port: 0, tokens, adminToken: join(tmpdir(), 'none', `${process.pid}`) },
    });
    const as = (token: string | undefined, method: string, path: string) =>
      fetch(`${service.url()}${path}`, { method, ...(token && { headers: { authorization: `Bearer ${token}` } }) });
    for (const path of ['/api/table', '/api/table/history', '/api/nothing', '/api/table/revisions/ab']) {
      for (const token of [undefined, '', 'wrong', `${viewer}x`]) {
        const answer = await as(token, 'GET', path);
        expect([answer.status, await answer.json()]).toEqual([
          401,
          { code: 'UNAUTHORISED', message: expect.any(String) },
        ]);
      }
    }
    expect((await as(viewer, 'GET', '/api/table')).status).toBe(200);
    expect((await as(viewer, 'GET', '/api/nothing')).status).toBe(404);
    for (const change of ['reload', 'rollback', 'canary', 'promote']) {
      expect((await as(viewer, 'POST', `/api/table/${change}`)).status).toBe(403);
    }
    await rm(join(tmpdir(), 'none'), { recursive: true, force: true });
  });

  test('If-Match holds a change to the revision it was made for', async () => {
    const service = await tableService('if-match', liveText);
    const shown = await service.ask('GET', '/api/table');
    const etag = shown.headers.get('etag') ?? '';
    expect(etag).toBe(`"${(await service.table()).revision}"`);
    const body = (word: string) => ({ table: { text: commented(word) } });
    expect((await service.ask('POST', '/api/table/reload', body('one'), { 'if-match': etag })).status).toBe(200);
    const late = await service.ask('POST', '/api/table/reload', body('two'), { 'if-match': etag });
    expect([late.status, await late.json()]).toMatchObject([412, { code: 'CONFLICT' }]);
  });

  test('what is not in shape is refused in one line, and a bad table with every problem at its place', async () => {
    const service = await tableService('shape', liveText);
    const bad: readonly (readonly [string, object])[] = [
      ['reload', { yes: 'true' }],
      ['reload', { table: {} }],
      ['reload', { file: '/etc/passwd' }],
      ['canary', {}],
      ['canary', { calls: '200%' }],
      ['canary', { calls: 'region:nowhere', table: { text: commented('one') } }],
      ['rollback', { revision: '../../etc' }],
    ];
    for (const [what, body] of bad) {
      const answer = await service.ask('POST', `/api/table/${what}`, body);
      const told = (await answer.json()) as { message: string };
      expect([answer.status, told], what).toEqual([400, { code: 'BAD_REQUEST', message: expect.any(String) }]);
      expect(told.message).not.toMatch(/\n| at /);
    }
    const headers = { 'content-type': 'application/json' };
    const cut = {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${await service.token()}` },
      body: '{"yes":',
    };
    expect((await fetch(`${service.url()}/api/table/reload`, cut)).status).toBe(400);
    const refused = await service.ask('POST', '/api/table/reload', {
      table: { name: 'mine.yaml', text: brokenText() },
    });
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      {
        code: 'TABLE_REFUSED',
        problems: expect.arrayContaining([expect.objectContaining({ file: 'mine.yaml', line: expect.any(Number) })]),
      },
    ]);
  });

  test('the token of this machine is for its user only', async () => {
    const service = await tableService('own', liveText);
    expect((await stat(join(service.folder, 'admin-token'))).mode & 0o777).toBe(0o600);
  });
});

test.skipIf(process.getuid?.() !== 0)(
  'a disk that is full refuses a reload and spoils nothing; with room again it goes',
  async () => {
    const small = await mkdtemp(join(tmpdir(), 'hotline-small-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]);
    onTestFinished(async () => {
      await run('umount', ['-l', small]);
      await rm(small, { recursive: true, force: true });
    });
    await mkdir(join(small, 'tables'));
    const service = await tableService('full', liveText, { reload: { dir: join(small, 'tables'), watch: false } });
    const { revision } = await service.table();
    await run('sh', ['-c', `head -c 1000000 /dev/zero > ${join(small, 'filler')} || true`]);
    const refused = await service.ask('POST', '/api/table/reload', { table: { text: movedText() } });
    expect([refused.status, await refused.json()]).toMatchObject([
      507,
      { code: 'TABLE_NOT_KEPT', message: expect.stringContaining('ENOSPC') },
    ]);
    expect((await service.table()).revision).toBe(revision);
    await service.kill();
    await service.start();
    expect((await service.table()).revision).toBe(revision);
    await rm(join(small, 'filler'));
    expect((await service.ask('POST', '/api/table/reload', { table: { text: movedText() } })).status).toBe(200);
    await service.kill();
    await service.start();
    await liveIs(service, movedText());
  },
);
