/** The lab: a private PBX, an exchange with agents, and a Redis, all on loopback, all gone after `stop`. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Table } from '../routing/table.ts';
import { type Asterisk, planInstance, startAsterisk } from './asterisk.ts';
import type { InstancePlan } from './asterisk-files.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { exchangeFiles } from './exchange-files.ts';
import { newLabFolder } from './leftovers.ts';
import { labHome, openPlace } from './open-place.ts';
import { pbxFiles } from './pbx.ts';
import { type Place, seenFrom, within } from './place.ts';
import { startRedis } from './redis.ts';
import type { Progress } from './rootfs.ts';
import { writeMusic } from './voices.ts';

export interface LabOptions {
  readonly table: Table;
  readonly progress?: Progress;
  /** A prompt folder of this lab's own; otherwise one that all labs of the project share and that outlives them. */
  readonly ownPrompts?: boolean;
  /** Default: `.lab` of the project. */
  readonly home?: string;
}

export interface Lab {
  readonly pbx: Asterisk;
  readonly exchange: Exchange;
  readonly redisUrl: string;
  /** Where prompt audio goes: on this host, and as the PBX sees it. */
  readonly promptsDir: string;
  readonly promptsPbxDir: string;
  /** Argument vector that runs a tool (espeak-ng, sox) where it is installed. */
  tool(argv: readonly string[]): readonly string[];
  /** A host path as those tools and the PBX see it; it must lie under the lab's root. */
  seen(hostPath: string): string;
  /** The lab's own folder on this host. */
  readonly folder: string;
  stop(): Promise<void>;
}

const startAsterisks = async (
  place: Place,
  folder: string,
  { table, prompts }: { readonly table: Table; readonly prompts: string },
  started: AsyncDisposableStack,
) => {
  const user = { user: 'hotline', password: randomBytes(12).toString('hex') };
  const folders = { pbx: join(folder, 'pbx'), exchange: join(folder, 'exchange'), music: join(folder, 'music') };
  const pbx = await planInstance(place, folders.pbx, 'pbx', user);
  const exchange = await planInstance(place, folders.exchange, 'exchange', user);
  await writeMusic(folders.music);
  const seen = { music: seenFrom(place, folders.music), prompts: seenFrom(place, prompts) };
  const files = await pbxFiles(pbx, table, exchange.sipPort, seen);
  const start = async (
    own: string,
    plan: InstancePlan,
    ownFiles: Readonly<Record<string, string>>,
  ): Promise<Asterisk> => {
    const asterisk = await startAsterisk(place, own, plan, ownFiles);
    started.defer(() => asterisk.stop());
    return asterisk;
  };
  return settled([
    start(folders.pbx, pbx, files),
    start(folders.exchange, exchange, exchangeFiles(exchange, pbx.sipPort)),
  ]);
};

/** All of them, or the first failure once every one has settled: nothing is still starting when its lab is undone. */
const settled = async <T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> => {
  await Promise.allSettled(work);
  return Promise.all(work) as unknown as Promise<T>;
};

const start = async (place: Place, options: LabOptions, started: AsyncDisposableStack): Promise<Omit<Lab, 'stop'>> => {
  const folder = await newLabFolder(place);
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const promptsDir = join(options.ownPrompts ? folder : place.work, 'prompts');
  await mkdir(promptsDir, { recursive: true });
  const [[pbx, network], redis] = await settled([
    startAsterisks(place, folder, { table: options.table, prompts: promptsDir }, started),
    startRedis(place, folder, started),
  ]);
  const voices = join(folder, 'voices');
  const exchange = await openExchange({
    asterisk: network,
    table: options.table,
    voices: { host: voices, seen: seenFrom(place, voices) },
  });
  started.defer(() => exchange.close());
  return {
    pbx,
    exchange,
    redisUrl: redis.url,
    promptsDir,
    promptsPbxDir: seenFrom(place, promptsDir),
    tool: (argv) => within(place, argv),
    seen: (hostPath) => seenFrom(place, hostPath),
    folder,
  };
};

/** @throws {LabUnavailable} when this machine cannot have a lab, saying what is missing. */
export const startLab = async (options: LabOptions): Promise<Lab> => {
  const place = await openPlace(options.home ?? labHome(), options.progress ?? (() => undefined));
  const started = new AsyncDisposableStack();
  try {
    const lab = await start(place, options, started);
    return { ...lab, stop: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
};
