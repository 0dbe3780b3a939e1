/** What people and programs meet at `/api`: who may do what, what is written down, and how often they may ask. */
import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MAY, ROLES } from '../../../src/admin/access/roles.ts';
import { movedText } from '../tables/texts.ts';
import { adminRig, TOKENS } from './rig.ts';

const json = async (answer: Promise<Response>): Promise<unknown> => (await answer).json();

describe('roles', () => {
  test('each token is told who it is and what it may do', async () => {
    const { ask } = await adminRig();
    expect(await json(ask('agent', 'GET', '/api/me'))).toEqual({
      name: 'seat',
      role: 'agent',
      endpoint: '12345-xiamen-1',
      may: ['see', 'handleCalls'],
    });
    expect(await json(ask('operator', 'GET', '/api/me'))).toMatchObject({ endpoint: null, may: Object.keys(MAY) });
  });

  test('a role that may not is told whose token it takes, before its body is looked at', async () => {
    const { ask } = await adminRig();
    const answer = await ask('supervisor', 'POST', '/api/table/reload', '{"broken');
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { code: 'FORBIDDEN', message: 'lead is a supervisor; this takes an operator' },
    ]);
  });

  test("callers' numbers are whole for those who may see them only", async () => {
    const { ask } = await adminRig();
    const callerFor = async (role: (typeof ROLES)[number]) =>
      ((await json(ask(role, 'GET', '/api/missed'))) as [{ caller: string }])[0].caller;
    expect(await Promise.all(ROLES.map(callerFor))).toEqual([
      '0592****1234',
      '05922001234', // an agent calls back
      '05922001234',
      '05922001234',
    ]);
  });

  test('a missed call is closed once', async () => {
    const { ask } = await adminRig();
    expect((await ask('viewer', 'POST', '/api/missed/pbx1-1/close', {})).status).toBe(403);
    expect(await json(ask('agent', 'POST', '/api/missed/pbx1-1/close', {}))).toEqual({ closed: true });
    const again = await ask('agent', 'POST', '/api/missed/pbx1-1/close', {});
    expect([again.status, await again.json()]).toMatchObject([404, { code: 'NO_SUCH_CALL' }]);
  });

  test('a rollback, a promotion and a reload without a body are asked for as with an empty one', async () => {
    const { ask } = await adminRig();
    const answer = async (path: string, body?: object | string) => {
      const told = await ask('operator', 'POST', `/api/table/${path}`, body);
      return [told.status, await told.json()];
    };
    for (const path of ['rollback', 'promote', 'reload']) {
      expect(await answer(path)).toEqual(await answer(path, {}));
      expect(await answer(path, ' ')).toEqual(await answer(path, {})); // said to be JSON, and nothing
    }
    expect((await answer('reload'))[0]).toBe(200);
    expect((await answer('promote'))[0]).toBe(409);
  });

  test('a revision that is none is refused in words, not by the pattern it misses', async () => {
    const { ask } = await adminRig();
    for (const [asked, where] of [
      [ask('operator', 'GET', '/api/table/revisions/live-one'), 'params/revision'],
      [ask('operator', 'POST', '/api/table/rollback', { revision: 'live one' }), 'body/revision'],
    ] as const) {
      const message = `${where} is not a revision, or the beginning of one: digits and letters a to f`;
      expect(await json(asked)).toEqual({ code: 'BAD_REQUEST', message });
    }
  });

  test('a reload with an If-Match that is stale is 412, though the file holds what is live', async () => {
    const { url } = await adminRig();
    const headers = { authorization: `Bearer ${TOKENS.operator}`, 'if-match': '"abc"' };
    const answer = await fetch(`${url}/api/table/reload`, { method: 'POST', headers });
    expect([answer.status, await answer.json()]).toMatchObject([412, { code: 'CONFLICT' }]);
  });

  test('a route that does not say which roles it asks for stops the service from starting', async () => {
    const careless = adminRig({ routes: [(api) => void api.get('/careless', async () => ({}))] });
    await expect(careless).rejects.toThrow('GET /api/careless does not say which roles it asks for');
  });
});

describe('the audit trail', () => {
  test('has every change that was asked for, by whom, and what came of it', async () => {
    const { ask, auditFile } = await adminRig();
    await ask('viewer', 'POST', '/api/missed/pbx1-1/close', {});
    await ask('agent', 'POST', '/api/missed/pbx1-1/close', {});
    await ask('operator', 'POST', '/api/table/reload', { yes: true, table: { text: movedText() } });
    await ask('operator', 'POST', '/api/table/rollback', { revision: 'abc' });
    const trail = (await json(ask('operator', 'GET', '/api/audit?limit=3'))) as {
      asked: { table?: { text: string } };
    }[];
    expect(trail).toMatchObject([
      { who: 'duty', what: 'rollBackTable', asked: { revision: 'abc' }, status: 404, code: 'NO_SUCH_REVISION' },
      { who: 'duty', what: 'reloadTable', status: 200, from: 'http', address: '127.0.0.1' },
      { who: 'seat', role: 'agent', what: 'closeMissed', path: '/api/missed/pbx1-1/close', status: 200 },
    ]);
    expect(trail[1]?.asked.table?.text).toMatch(/… \(\d+ characters, sha256 [0-9a-f]{16}\)$/);
    expect((await stat(auditFile)).mode & 0o777).toBe(0o600);
    expect((await readFile(auditFile, 'utf8')).trim().split('\n')).toHaveLength(4);
  });

  test('is read by operators only, and is not written by looking', async () => {
    const { ask } = await adminRig();
    for (const role of ['viewer', 'agent', 'supervisor'] as const)
      expect((await ask(role, 'GET', '/api/audit')).status).toBe(403);
    expect(await json(ask('operator', 'GET', '/api/audit'))).toEqual([]);
  });

  test('that cannot be written holds up no change, and is in the log', async () => {
    const { ask, log } = await adminRig({ audit: '/proc/nowhere/audit.ndjson' });
    expect((await ask('agent', 'POST', '/api/missed/pbx1-1/close', {})).status).toBe(200);
    expect(log.join()).toContain('the audit trail cannot be written');
  });
});

describe('limits', () => {
  test('one token asks so often and no oftener; another is not held up, and a flood is not written down', async () => {
    const { ask } = await adminRig({ limits: { perMinute: 30, changesPerMinute: 2 } });
    const changes = await Promise.all([1, 2, 3].map(() => ask('agent', 'POST', '/api/missed/x/close', {})));
    expect(changes.map(({ status }) => status).toSorted()).toEqual([404, 404, 429]);
    const late = await ask('agent', 'POST', '/api/missed/x/close', {});
    expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, 30]);
    expect(await late.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    const looks = await Promise.all(Array.from({ length: 40 }, () => ask('viewer', 'GET', '/api/me')));
    expect(looks.filter(({ status }) => status === 429)).toHaveLength(10);
    expect(await json(ask('operator', 'GET', '/api/audit'))).toHaveLength(2);
  });

  test('whoever tries tokens is stopped, and those who have one go on', async () => {
    const { url, ask } = await adminRig();
    const guess = async (n: number) =>
      (await fetch(`${url}/api/me`, { headers: { authorization: `Bearer guess-${n}` } })).status;
    const statuses: number[] = [];
    for (let n = 0; n < 70; n++) statuses.push(await guess(n));
    expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask('viewer', 'GET', '/api/me')).status).toBe(200);
  });
});

test('every answer tells a browser to load nothing from elsewhere, frame nothing and keep nothing', async () => {
  const { url, ask } = await adminRig();
  const answers = [await ask('viewer', 'GET', '/api/me'), await ask(undefined, 'GET', '/api/me')];
  for (const { headers } of [...answers, await fetch(`${url}/healthz`), await fetch(`${url}/nowhere`)]) {
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('what is hardly a request is refused in the same shape', async () => {
  const { url, ask } = await adminRig();
  const long = await ask('viewer', 'GET', `/api/calls/${'a'.repeat(20_000)}`);
  expect([long.status, await long.json()]).toMatchObject([431, { code: 'BAD_REQUEST' }]);
  const crooked = await fetch(`${url}/api/calls/%zz`, { headers: { authorization: 'Bearer viewer-viewer-viewer' } });
  expect([crooked.status, await crooked.json()]).toMatchObject([400, { code: 'BAD_REQUEST' }]);
});

test('the OpenAPI document has every operation, whose token it takes, and how it refuses', async () => {
  const { ask } = await adminRig();
  const { paths } = (await json(ask('viewer', 'GET', '/api/openapi.json'))) as {
    paths: Record<string, Record<string, { 'x-roles'?: string[]; operationId?: string; responses: object }>>;
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    path.startsWith('/api/') ? Object.values(methods) : [],
  );
  expect(operations.length).toBeGreaterThan(10);
  expect(paths['/api/table/reload']?.post?.['x-roles']).toEqual(['operator']);
  expect(paths['/api/missed/{id}/close']?.post?.operationId).toBe('closeMissed');
  for (const { responses, operationId, 'x-roles': roles } of operations) {
    expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
    expect(roles?.length, operationId).toBeGreaterThan(0);
    expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['401', '403', '429']));
  }
});
