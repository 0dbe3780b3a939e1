import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifier, openAdminToken } from '../../../src/admin/access/tokens.ts';

describe('the token of this machine', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hotline-token-'));
    file = join(folder, 'var', 'admin-token');
  });

  afterEach(() => rm(folder, { recursive: true }));

  test('is made where there is none, for its user only, and used on by the next controller', async () => {
    const token = await openAdminToken(file);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await openAdminToken(file)).toBe(token);
  });

  test('that others could read, or that was cut, is replaced', async () => {
    const token = await openAdminToken(file);
    await chmod(file, 0o644);
    const second = await openAdminToken(file);
    expect(second).not.toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, second.slice(0, 20));
    expect(await openAdminToken(file)).toHaveLength(64);
    expect((await readFile(file, 'utf8')).trim()).toHaveLength(64);
  });
});

describe('a bearer token', () => {
  const identify = identifier([
    { name: 'duty', role: 'operator', token: 'operator-operator' },
    { name: 'wall', role: 'viewer', token: 'viewer-viewer-viewer' },
  ]);

  test('tells who asks', () => {
    expect(identify('Bearer operator-operator')).toEqual({ name: 'duty', role: 'operator' });
    expect(identify('bearer viewer-viewer-viewer')).toEqual({ name: 'wall', role: 'viewer' });
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic operator-operator', 'Bearer operator-operato', 'Bearer a b'])(
    'is not %s',
    (authorization) => expect(() => identify(authorization)).toThrow('a bearer token that this service knows'),
  );
});

test('a service without any token lets nobody in', () => {
  expect(() => identifier([])('Bearer ')).toThrow();
});
