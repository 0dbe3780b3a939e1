/** Programs the lab starts: each is kept by its pid, and only those are ever stopped. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** Runs a program to its end and gives its output; rejects with the output when it fails. `timeout`: milliseconds. */
export const run = async (argv: readonly string[], options: { timeout?: number } = {}): Promise<string> => {
  const [program = '', ...rest] = argv;
  const { stdout } = await runFile(program, rest, { maxBuffer: 64 << 20, ...options });
  return stdout;
};

/** Not so for one that has ended and that nobody waits for: a container's first process seldom does. */
export const isAlive = (pid: number): boolean => {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false; // no such process
  }
};

/** A program that runs until it is stopped. */
export interface Daemon {
  readonly pid: number;
  /** Settles when it has ended, by itself or because of `stop`. */
  readonly ended: Promise<void>;
  /** Exit code; null when a signal ended it. */
  readonly exitCode: Promise<number | null>;
  /** Each line it prints, on either stream. */
  onLine(listener: (line: string) => void): void;
  /** Last lines printed, for an error message. */
  readonly tail: () => string;
  /** Asks with `ask` (default: TERM), then kills after `graceMs`. */
  stop(ask?: () => Promise<unknown>, graceMs?: number): Promise<void>;
}

const TAIL_LINES = 12;

const watchLines = (child: ChildProcess) => {
  const listeners = new Set<(line: string) => void>();
  const last: string[] = [];
  const take = (line: string): void => {
    if (line.trim() === '') return;
    last.push(line);
    if (last.length > TAIL_LINES) last.shift();
    for (const listener of listeners) listener(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(take);
    });
  }
  return { listeners, last };
};

/** Starts a program in a session of its own, so that Ctrl-C in the terminal does not reach it. */
export const startDaemon = async (argv: readonly string[]): Promise<Daemon> => {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const { listeners, last } = watchLines(child);
  const exitCode = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const ended = exitCode.then(() => undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid ?? 0;
  return {
    pid,
    ended,
    exitCode,
    onLine: (listener) => listeners.add(listener),
    tail: () => last.join('\n'),
    stop: async (ask = async () => child.kill('SIGTERM'), graceMs = 4000) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ask().catch(() => child.kill('SIGKILL'));
      await ended;
      clearTimeout(timer);
    },
  };
};

export const LOOPBACK = '127.0.0.1';

export const freeTcpPort = async (): Promise<number> => {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

export const freeUdpPort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, LOOPBACK);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
};
