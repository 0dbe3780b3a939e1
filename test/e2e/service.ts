/** The service as its own process, as `npm start` runs it, so that it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RecordingHealth } from '../../src/recordings/keeper.ts';
import { type CallRecord, recordShape } from '../../src/records/record.ts';
import type { AnyTestLab } from './test-lab.ts';

export interface Service {
  /** Of this life, e.g. `http://127.0.0.1:41234`. */
  url(): string;
  /** Holds its settings, records and token. */
  readonly folder: string;
  /** Kills it with -9 and starts it again. @param meanwhile done between. */
  killAndRestart(meanwhile?: () => Promise<void>): Promise<void>;
  /** Kills it with -9. */
  kill(): Promise<void>;
  /** Every record of every life, in the order written. */
  records(): Promise<readonly CallRecord[]>;
  /** Asks for something under `/api`; the answer's status and body. */
  post(path: string, body: object, token: string): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Calls the service says are up. */
  calls(): Promise<number>;
  /** How it says that recording fares. */
  recordings(): Promise<RecordingHealth>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 15_000;

/** @param settings replaces keys of the settings file. */
export async function writeSettings(folder: string, settings: object): Promise<string> {
  const file = join(folder, 'hotline.yaml');
  const usual = {
    records: join(folder, 'records.ndjson'),
    http: { port: 0, adminToken: join(folder, 'admin-token') },
    reload: { dir: join(folder, 'tables') },
    log: { level: 'info' },
  };
  await writeFile(file, stringify({ ...usual, ...settings }));
  return file;
}

/** Starts `src/main.ts`; its log lines are JSON. */
export const spawnService = (settingsFile: string): ChildProcess =>
  spawn(process.execPath, ['src/main.ts'], {
    env: { ...process.env, HOTLINE_SETTINGS: settingsFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Resolves with the service's address once it is connected to the PBX. */
async function whenConnected(child: ChildProcess): Promise<string> {
  let text = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout?.on('data', (piece: Buffer) => {
    text += piece.toString();
    const url = /"url":"(http:[^"]+)"[^\n]*the service answers/.exec(text)?.[1];
    if (url !== undefined && text.includes('connected to the PBX')) resolve(url);
  });
  child.once('exit', () => reject(new Error(`the service ended:\n${text}`)));
  const timer = setTimeout(() => reject(new Error(`the service was not ready:\n${text}`)), READY_WITHIN_MS);
  return promise.finally(() => clearTimeout(timer));
}

/** @param settings beside the switch. */
export async function startService({ switchSettings }: AnyTestLab, settings: object = {}): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-service-'));
  const file = await writeSettings(folder, { switches: [switchSettings], ...settings });
  let child = spawnService(file);
  let url = await whenConnected(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  const readiness = async <T>() => (await (await fetch(`${url}/readyz`)).json()) as T;
  return {
    url: () => url,
    folder,
    killAndRestart: async (meanwhile) => {
      await end('SIGKILL');
      await meanwhile?.();
      child = spawnService(file);
      url = await whenConnected(child);
    },
    kill: () => end('SIGKILL'),
    records: async () => {
      const lines = (await readFile(join(folder, 'records.ndjson'), 'utf8')).trim().split('\n');
      return lines.map((line) => recordShape.parse(JSON.parse(line)));
    },
    post: async (path, body, token) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(`${url}/api${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: response.status, body: await response.json() };
    },
    calls: async () => (await readiness<{ calls: number }>()).calls,
    recordings: async () => (await readiness<{ recordings: RecordingHealth }>()).recordings,
    stop: () => end('SIGTERM'),
  };
}
