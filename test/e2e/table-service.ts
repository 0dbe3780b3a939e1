/** Services as their own processes, for what happens to their table; their PBX is never there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { TableShown } from '../../src/admin/table-api.ts';
import { newLabFolder } from '../../src/lab/pbx/leftovers.ts';
import { labHome, openPlace } from '../../src/lab/pbx/open-place.ts';
import { startRedis } from '../../src/lab/pbx/redis.ts';

const UP_WITHIN_MS = 20_000;

export interface LogLine {
  readonly time: string;
  readonly msg: string;
  readonly revision?: string;
}

export interface TableService {
  readonly folder: string;
  /** The table's file. */
  readonly file: string;
  readonly log: readonly LogLine[];
  readonly token: () => Promise<string>;
  readonly url: () => string;
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  table(): Promise<TableShown>;
  /** As `hotline ARGS` typed on its machine. */
  hotline(...args: string[]): Promise<{ code: number | null; out: string; err: string }>;
  signal(signal: NodeJS.Signals): void;
  kill(): Promise<void>;
  /** As `SIGTERM`, waited for. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param settings replaces keys of the settings; those of `reload` one by one. */
export async function tableService(
  name: string,
  text: string,
  { reload = {}, ...settings }: { reload?: object; redis?: string; http?: object } = {},
): Promise<TableService> {
  const folder = await mkdtemp(join(tmpdir(), `hotline-${name}-`));
  const file = join(folder, 'routes.yaml');
  await writeFile(file, text);
  const nobody = {
    name: 'pbx',
    kind: 'asterisk',
    url: 'http://127.0.0.1:1',
    user: 'u',
    password: 'p',
    promptsDir: '/p',
  };
  const usual = {
    name,
    table: file,
    switches: [nobody],
    records: join(folder, 'records.ndjson'),
    http: { port: 0, adminToken: join(folder, 'admin-token') },
    reload: { dir: join(folder, 'tables'), settleMs: 50, ...reload },
  };
  const settingsFile = join(folder, 'hotline.yaml');
  await writeFile(settingsFile, stringify({ ...usual, ...settings }));
  const env = { ...process.env, HOTLINE_SETTINGS: settingsFile };
  const log: LogLine[] = [];
  let child: ChildProcess | undefined;
  let url = '';

  const start = async (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let [rest, all] = ['', ''];
    const started = spawn(process.execPath, ['src/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    started.stderr.on('data', (piece: Buffer) => {
      all += piece.toString();
    });
    started.stdout.on('data', (piece: Buffer) => {
      all += piece.toString();
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const told = JSON.parse(line) as LogLine & { url?: string };
        log.push(told);
        if (told.url !== undefined) resolve(told.url);
      }
    });
    started.once('exit', () => reject(new Error(`${name} ended:\n${all}`)));
    const timer = setTimeout(() => reject(new Error(`${name} was not up:\n${all}`)), UP_WITHIN_MS);
    url = await promise.finally(() => clearTimeout(timer));
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const token = async () => (await readFile(join(folder, 'admin-token'), 'utf8')).trim();
  const ask: TableService['ask'] = async (method, path, body, headers = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  onTestFinished(async () => {
    await end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await start();
  return {
    folder,
    file,
    log,
    token,
    url: () => url,
    ask,
    table: async () => (await (await ask('GET', '/api/table')).json()) as TableShown,
    hotline: async (...args) => {
      const run = spawn(process.execPath, ['src/cli/bin.ts', ...args], {
        env: { ...env, HOTLINE_HTTP_PORT: new URL(url).port },
      });
      let [out, err] = ['', ''];
      run.stdout.on('data', (piece: Buffer) => {
        out += piece.toString();
      });
      run.stderr.on('data', (piece: Buffer) => {
        err += piece.toString();
      });
      const [code] = (await once(run, 'close')) as [number | null];
      return { code, out, err };
    },
    signal: (signal) => void child?.kill(signal),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start,
  };
}

export interface TestRedis {
  readonly url: string;
  /** As kill -9; whatever it held is gone. */
  kill(): Promise<void>;
  /** At the same address, empty. */
  comeBack(): Promise<void>;
}

/** A real one, of the lab's packages. */
export async function testRedis(): Promise<TestRedis> {
  const place = await openPlace(labHome(), () => undefined);
  const folder = await newLabFolder(place);
  const started = new AsyncDisposableStack();
  onTestFinished(async () => {
    await started.disposeAsync();
    await rm(folder, { recursive: true, force: true });
  });
  let redis = await startRedis(place, folder, started);
  const { port } = new URL(redis.url);
  return {
    url: redis.url,
    kill: async () => {
      process.kill(redis.pid, 'SIGKILL');
    },
    comeBack: async () => {
      redis = await startRedis(place, folder, started, Number(port));
    },
  };
}
