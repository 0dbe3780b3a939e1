/** The lab: a private PBX, an exchange with agents, and a Redis, all on loopback, all gone after `stop`. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueEngineName } from '../dialplan/freeswitch/queues.ts';
import type { Table } from '../routing/table.ts';
import { type Exchange, openExchange, voicesOf } from './exchange/exchange.ts';
import { exchangeFiles } from './exchange/exchange-files.ts';
import { type Asterisk, planInstance, startAsterisk } from './pbx/asterisk.ts';
import type { AriUser } from './pbx/asterisk-files.ts';
import { type FreeSwitch, planFreeSwitch, refersAt, startFreeSwitch } from './pbx/freeswitch.ts';
import type { Refers } from './pbx/freeswitch-files.ts';
import { newLabFolder } from './pbx/leftovers.ts';
import { labHome, openPlace } from './pbx/open-place.ts';
import { pbxFiles } from './pbx/pbx.ts';
import { type Place, seenFrom } from './pbx/place.ts';
import { startRedis } from './pbx/redis.ts';
import type { Progress } from './pbx/rootfs.ts';
import { writeMusic } from './sound/voices.ts';

export interface LabOptions {
  readonly table: Table;
  readonly progress?: Progress;
  /** A prompt folder of this lab's own; otherwise one that all labs of the project share and that outlives them. */
  readonly ownPrompts?: boolean;
  /** Default: `.lab` of the project. */
  readonly home?: string;
}

/** A lab around a PBX of either kind; the exchange is the same. */
export interface LabOf<Pbx> {
  readonly pbx: Pbx;
  readonly exchange: Exchange;
  readonly redisUrl: string;
  /** Where prompt audio goes: on this host, and as the PBX sees it. */
  readonly promptsDir: string;
  readonly promptsPbxDir: string;
  /** Host path of the file system that its programs live in; `/` where they are this machine's own. */
  readonly root: string;
  /** The lab's own folder on this host. */
  readonly folder: string;
  stop(): Promise<void>;
}

export type Lab = LabOf<Asterisk>;
export type FreeSwitchLab = LabOf<FreeSwitch>;

interface PbxNeeds {
  readonly place: Place;
  /** Host path of the PBX's own folder. */
  readonly folder: string;
  readonly table: Table;
  readonly exchangePort: number;
  readonly ari: AriUser;
  /** Host paths. */
  readonly music: string;
  readonly prompts: string;
}

/** Plans a PBX, so that the exchange can know its port; then it can be started. */
type PlanPbx<Pbx> = (needs: PbxNeeds) => Promise<{ readonly sipPort: number; start(): Promise<Pbx> }>;

interface Stoppable {
  stop(): Promise<void>;
}

const planAsterisk: PlanPbx<Asterisk> = async ({ place, folder, table, exchangePort, ari, music, prompts }) => {
  const plan = await planInstance(place, folder, 'pbx', ari);
  const seen = { music: seenFrom(place, music), prompts: seenFrom(place, prompts) };
  const files = await pbxFiles(plan, table, exchangePort, seen);
  return { sipPort: plan.sipPort, start: () => startAsterisk(place, folder, plan, files) };
};

/** On this host, not in the place: the installation is somebody else's. */
const planFreeSwitchAt =
  (home: string, queues: QueueEngineName, refers: Refers): PlanPbx<FreeSwitch> =>
  async ({ folder, table, exchangePort, prompts }) => {
    const plan = await planFreeSwitch(home, folder, exchangePort, prompts, { queues, refers });
    return { sipPort: plan.sipPort, start: () => startFreeSwitch(home, plan, table) };
  };

const startBoth = async <Pbx extends Stoppable>(
  place: Place,
  folder: string,
  { table, prompts, planPbx }: { readonly table: Table; readonly prompts: string; readonly planPbx: PlanPbx<Pbx> },
  started: AsyncDisposableStack,
): Promise<readonly [Pbx, Asterisk]> => {
  const ari = { user: 'hotline', password: randomBytes(12).toString('hex') };
  const folders = {
    pbx: join(folder, 'pbx'),
    exchange: join(folder, 'exchange'),
    music: join(folder, 'music'),
    voices: join(folder, 'voices'),
  };
  const exchange = await planInstance(place, folders.exchange, 'exchange', ari);
  await writeMusic(folders.music);
  const needs = {
    place,
    folder: folders.pbx,
    table,
    exchangePort: exchange.sipPort,
    ari,
    music: folders.music,
    prompts,
  };
  const pbx = await planPbx(needs);
  const files = await exchangeFiles(exchange, pbx.sipPort, seenFrom(place, folders.voices), voicesOf(table));
  const stopLater = async <T extends Stoppable>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.defer(() => one.stop());
    return one;
  };
  return settled([stopLater(pbx.start()), stopLater(startAsterisk(place, folders.exchange, exchange, files))]);
};

/** All of them, or the first failure once every one has settled: nothing is still starting when its lab is undone. */
const settled = async <T extends readonly unknown[]>(work: { [K in keyof T]: Promise<T[K]> }): Promise<T> => {
  await Promise.allSettled(work);
  return Promise.all(work) as unknown as Promise<T>;
};

const start = async <Pbx extends Stoppable>(
  place: Place,
  options: LabOptions,
  planPbx: PlanPbx<Pbx>,
  started: AsyncDisposableStack,
): Promise<Omit<LabOf<Pbx>, 'stop'>> => {
  const folder = await newLabFolder(place);
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const promptsDir = join(options.ownPrompts ? folder : place.work, 'prompts');
  await mkdir(promptsDir, { recursive: true });
  const [[pbx, network], redis] = await settled([
    startBoth(place, folder, { table: options.table, prompts: promptsDir, planPbx }, started),
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
    root: place.root,
    folder,
  };
};

const openLab = async <Pbx extends Stoppable>(options: LabOptions, planPbx: PlanPbx<Pbx>): Promise<LabOf<Pbx>> => {
  const place = await openPlace(options.home ?? labHome(), options.progress ?? (() => undefined));
  const started = new AsyncDisposableStack();
  try {
    const lab = await start(place, options, planPbx, started);
    return { ...lab, stop: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
};

/** @throws {LabUnavailable} when this machine cannot have a lab, saying what is missing. */
export const startLab = (options: LabOptions): Promise<Lab> => openLab(options, planAsterisk);

/**
 * The same with a FreeSWITCH for the PBX.
 * @param freeSwitchHome prefix that FreeSWITCH is installed under. @param queues the module that queues callers there.
 * @param refers what becomes of phones' REFERs there.
 * @throws {LabUnavailable}
 */
export const startFreeSwitchLab = (
  options: LabOptions,
  freeSwitchHome: string,
  queues: QueueEngineName = 'callcenter',
  refers: Refers = refersAt(freeSwitchHome),
): Promise<FreeSwitchLab> => openLab(options, planFreeSwitchAt(freeSwitchHome, queues, refers));
