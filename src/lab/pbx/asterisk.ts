/** One private Asterisk: its folder, its files, its process. */
import { existsSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LabUnavailable } from '../../base/errors.ts';
import { type AriUser, commonFiles, INSTANCE_FOLDERS, type InstancePlan } from './asterisk-files.ts';
import { findAsteriskFolders, type Place, seenFrom, within } from './place.ts';
import { type Daemon, freeTcpPort, freeUdpPort, LOOPBACK, run, startDaemon } from './process.ts';
import { writeInstance } from './templates.ts';

/** Of a busy machine; an idle one needs two seconds. */
const BOOT_MS = 60_000;

export interface Asterisk {
  readonly pid: number;
  readonly sipPort: number;
  /** e.g. `http://127.0.0.1:41234`, what `ari-client` takes; REST lies under `/ari`. */
  readonly ariUrl: string;
  readonly ari: AriUser;
  /** Host path of the instance's folder. */
  readonly folder: string;
  /** Runs a command of its console and gives what it prints. */
  cli(command: string): Promise<string>;
  /** Settles when the process is gone, asked or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Ports and folder of an instance that is not running yet, so that two instances can know of each other. */
export const planInstance = async (
  place: Place,
  folder: string,
  name: string,
  ari: AriUser,
): Promise<InstancePlan> => ({
  folder: seenFrom(place, folder),
  name,
  ari,
  httpPort: await freeTcpPort(),
  sipPort: await freeUdpPort(),
});

/** Resolves once `file` is there. */
const appearance = (file: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const watcher = watch(dirname(file), () => look());
    const fail = (): void => {
      watcher.close();
      reject(signal.reason);
    };
    const look = (): void => {
      if (!existsSync(file)) return;
      signal.removeEventListener('abort', fail);
      watcher.close();
      resolve();
    };
    signal.addEventListener('abort', fail, { once: true });
    look();
  });

/** The socket is there a little before it is listened to; nothing tells when, so it is tried. */
const answered = async (cli: Asterisk['cli'], signal: AbortSignal): Promise<string> => {
  for (;;) {
    try {
      return await cli('core waitfullybooted');
    } catch (error) {
      if (signal.aborted) throw error;
      await pause(20, undefined, { signal });
    }
  }
};

/** Its control socket appears first; the console command then returns when every module is loaded. */
const booted = async (daemon: Daemon, folder: string, cli: Asterisk['cli']): Promise<void> => {
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(new Error(`not ready in ${BOOT_MS} ms`)), BOOT_MS);
  const died = daemon.ended.then(() => Promise.reject(new Error('it ended')));
  try {
    const ready = appearance(join(folder, 'run/asterisk.ctl'), tooLong.signal).then(() =>
      answered(cli, tooLong.signal),
    );
    await Promise.race([ready, died]);
  } catch (error) {
    tooLong.abort();
    await daemon.stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabUnavailable(`the lab's Asterisk did not start (${reason}): ${daemon.tail()}`);
  } finally {
    clearTimeout(timer);
  }
};

/** A console command that takes longer hangs. */
const CLI_MS = 10_000;

/** Starts an instance as planned; resolves when it is fully booted. */
export const startAsterisk = async (
  place: Place,
  folder: string,
  plan: InstancePlan,
  files: Readonly<Record<string, string>>,
): Promise<Asterisk> => {
  const folders = await findAsteriskFolders(place);
  if (folders === undefined) throw new LabUnavailable(`no Asterisk in ${place.root}`);
  await writeInstance(folder, INSTANCE_FOLDERS, 'etc', { ...(await commonFiles(plan, folders)), ...files });
  const conf = `${plan.folder}/etc/asterisk.conf`;
  const daemon = await startDaemon(within(place, ['asterisk', '-f', '-C', conf]));
  const cli = (command: string): Promise<string> =>
    run(within(place, ['asterisk', '-C', conf, '-rx', command]), { timeout: CLI_MS });
  await booted(daemon, folder, cli);
  return {
    pid: daemon.pid,
    sipPort: plan.sipPort,
    ariUrl: `http://${LOOPBACK}:${plan.httpPort}`,
    ari: plan.ari,
    folder,
    cli,
    ended: daemon.ended,
    stop: () => daemon.stop(() => cli('core stop now')),
  };
};
