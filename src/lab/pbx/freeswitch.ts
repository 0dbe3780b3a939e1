/** One private FreeSWITCH, of an installation that somebody else made: its folder, its files, its process. */
import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LabUnavailable } from '../../base/errors.ts';
import type { QueueEngineName } from '../../dialplan/freeswitch/queues.ts';
import type { Table } from '../../routing/table.ts';
import { type Address, type FreeSwitchPlan, freeSwitchFiles, type Refers } from './freeswitch-files.ts';
import { type Daemon, freeTcpPort, freeUdpPort, LOOPBACK, run, startDaemon } from './process.ts';
import { writeInstance } from './templates.ts';

/** Of a busy machine; an idle one needs two seconds. */
const BOOT_MS = 60_000;

export interface FreeSwitch {
  readonly pid: number;
  readonly sipPort: number;
  readonly eventSocket: { readonly host: string; readonly port: number; readonly password: string };
  /** Where it looks for controllers, in the order it tries them. */
  readonly controllers: readonly Address[];
  /** Host path of the instance's folder. */
  readonly folder: string;
  /** Runs a command of its console and gives what it prints. */
  cli(command: string): Promise<string>;
  /** Settles when the process is gone, asked or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * A loopback address of its own. A free port of the usual one may be anybody's by the time a controller listens: it is
 * chosen long before, and every connection that is made meanwhile takes one.
 */
const controllerAddress = (): Address => ({ host: ownHost(), port: 8084 });

/** A loopback address that nobody else is likely to have. */
const ownHost = (): string => `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`;

/** Whether it writes call detail records: not every installation has the module. @param home where FreeSWITCH is installed. */
export const hasDetailRecords = (home: string): boolean => existsSync(join(home, 'lib/freeswitch/mod/mod_cdr_csv.so'));

/** An installation without mod_lua cannot look at a REFER, and refuses all. */
export const refersAt = (home: string): Refers =>
  existsSync(join(home, 'lib/freeswitch/mod/mod_lua.so')) ? 'guarded' : 'refused';

/** Ports and folder of an instance that is not running yet, so that the exchange can know of it. */
export const planFreeSwitch = async (
  home: string,
  folder: string,
  exchangePort: number,
  prompts: string,
  { queues, refers }: Pick<FreeSwitchPlan, 'queues' | 'refers'>,
): Promise<FreeSwitchPlan> => ({
  folder,
  exchangePort,
  prompts,
  queues,
  hasCdr: hasDetailRecords(home),
  refers,
  rtpHost: ownHost(),
  sipPort: await freeUdpPort(),
  eventSocketPort: await freeTcpPort(),
  password: randomBytes(12).toString('hex'),
  controllers: [controllerAddress(), controllerAddress()],
});

/** Folders of an instance; each is given on the command line, so that nothing of the installation's own is used. */
const FOLDERS = ['conf', 'log', 'run', 'db', 'scripts', 'temp', 'recordings', 'storage', 'grammar', 'cache'];

/** A command of the module that queues callers, and what it says once it is there. */
const QUEUES_ANSWER: Readonly<Record<QueueEngineName, readonly [command: string, answer: string]>> = {
  callcenter: ['callcenter_config queue list', '+OK'],
  fifo: ['fifo list', '<fifo_report>'],
};

/** Nothing tells when it is up: it is asked until its SIP side and its queues answer. */
const booted = async (daemon: Daemon, cli: FreeSwitch['cli'], queues: QueueEngineName): Promise<void> => {
  const [command, answer] = QUEUES_ANSWER[queues];
  const deadline = Date.now() + BOOT_MS;
  let gone = false;
  void daemon.ended.then(() => {
    gone = true;
  });
  for (;;) {
    const text = await cli('sofia status').catch(() => '');
    const said = text.includes('RUNNING') ? await cli(command).catch(() => '') : '';
    if (said.includes(answer)) return;
    if (gone || Date.now() > deadline) {
      await daemon.stop();
      const reason = gone ? 'it ended' : `not ready in ${BOOT_MS} ms`;
      throw new LabUnavailable(`the lab's FreeSWITCH did not start (${reason}): ${daemon.tail()}`);
    }
    await pause(50);
  }
};

/** A console command that takes longer hangs. */
const CLI_MS = 10_000;

/** Starts an instance as planned; resolves when it takes calls. @param home where FreeSWITCH is installed. */
export const startFreeSwitch = async (home: string, plan: FreeSwitchPlan, table: Table): Promise<FreeSwitch> => {
  const program = join(home, 'bin/freeswitch');
  if (!existsSync(program)) throw new LabUnavailable(`no FreeSWITCH at ${program}`);
  const { folder, eventSocketPort: port, password } = plan;
  await writeInstance(folder, FOLDERS, 'conf', await freeSwitchFiles(plan, table));
  // Kept from lab to lab: each start with an empty folder makes an RSA key of 4096 bits first.
  const certs = join(folder, '../../freeswitch-certs');
  await mkdir(certs, { recursive: true });
  const folders = [...FOLDERS.flatMap((name) => [`-${name}`, join(folder, name)]), '-certs', certs];
  // -nc: without it the console reads an end of file for ever, in a loop of realtime priority (-np: none of that)
  const daemon = await startDaemon([program, '-nc', '-nf', '-np', '-nonat', ...folders]);
  const door = ['-H', LOOPBACK, '-P', String(port), '-p', password];
  const cli = (command: string): Promise<string> =>
    run([join(home, 'bin/fs_cli'), ...door, '-t', '2000', '-x', command], { timeout: CLI_MS });
  await booted(daemon, cli, plan.queues);
  return {
    pid: daemon.pid,
    sipPort: plan.sipPort,
    eventSocket: { host: LOOPBACK, port, password },
    controllers: plan.controllers,
    folder,
    cli,
    ended: daemon.ended,
    stop: () => daemon.stop(() => cli('fsctl shutdown now')),
  };
};
