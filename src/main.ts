/**
 * The service: reads settings, wires the parts, starts and stops them. The only file that knows every concrete part.
 * With no PBX in the settings it brings up the lab, serves that, and shows one call.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openAdminToken } from './admin/access/admin-token.ts';
import type { Token } from './admin/access/tokens.ts';
import { BoardKeeper } from './admin/board/keeper.ts';
import { startAdmin } from './admin/http.ts';
import { FileUnwritable, HotlineError, TableRefused } from './base/errors.ts';
import { createLogger, type Logger } from './base/log.ts';
import { LiveCalls } from './calls/live-calls.ts';
import type { RecordSink } from './feed/feed.ts';
import { type FeedParts, openFeed, spoolDirOf } from './feed/open-feed.ts';
import { ToldBefore } from './feed/told-before.ts';
import { FleetCalls } from './fleet/calls-elsewhere.ts';
import { RedisBus } from './fleet/redis-bus.ts';
import { type Demonstration, openDemonstration } from './lab/demonstration.ts';
import { closedTerminal } from './lab/terminal.ts';
import { DEFAULT_VOICE } from './prompts/tools.ts';
import { RecordingKeeper } from './recordings/keeper.ts';
import { endingOf } from './records/call-view.ts';
import { formatProblem, type Problem } from './routing/problems.ts';
import { readSettings, requireFilledIn, type Settings } from './settings/settings.ts';
import type { SwitchSettings } from './settings/switches.ts';
import { connectAri } from './switch/asterisk/ari/library.ts';
import { AsteriskSwitch } from './switch/asterisk/switch.ts';
import { connectEsl } from './switch/freeswitch/esl/events.ts';
import { listenForChannels } from './switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from './switch/freeswitch/switch.ts';
import type { Switch } from './switch/port.ts';
import { CanaryWatch } from './tables/fleet/canary.ts';
import { noFleet } from './tables/fleet/fleet.ts';
import { RedisFleet } from './tables/fleet/redis.ts';
import { LiveTable } from './tables/live-table.ts';
import { FileWatch } from './tables/source/watch-file.ts';
import { realDisk } from './tables/store/disk.ts';
import { TableStore } from './tables/store/store.ts';
import { ValidationThread } from './tables/validate/thread.ts';
import { callControl } from './wiring/call-control.ts';
import { type Audio, missingAudioOf, movedCallsOf } from './wiring/change-guards.ts';
import { tableControl } from './wiring/table-control.ts';
import { tellUnseenEnds } from './wiring/unseen-ends.ts';

/** A PBX that does not answer must not keep us from stopping. */
const GIVEN_BACK_WITHIN_SECONDS = 5;

/** @throws TableRefused after every problem was printed. */
async function openLiveTable(settings: Settings, audio: () => Audio, log: Logger): Promise<LiveTable> {
  const { table: file, redis, records, reload, name = `${hostname()}-${process.pid}` } = settings;
  const store = new TableStore(realDisk, reload.dir, file);
  const fleet = redis === undefined ? noFleet : new RedisFleet({ url: redis, name, log });
  const watch = new CanaryWatch(reload.canary);
  const { mostNumbersMoved, mostCallsMoved } = reload;
  try {
    return await LiveTable.open({
      file,
      store,
      fleet,
      judging: new ValidationThread(),
      watch,
      mostNumbersMoved,
      movedCalls: movedCallsOf(records, Date.now, log),
      mostCallsMoved,
      missingAudio: missingAudioOf(audio),
      name,
      now: Date.now,
      log,
    });
  } catch (error) {
    const problems = error instanceof TableRefused ? (error.problems as readonly Problem[]) : [];
    for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
    throw error;
  }
}

/** Where prompts are, and how they are spoken. */
const audioOf = ({ prompts }: Settings): Audio => ({
  ...prompts,
  voice: { ...DEFAULT_VOICE, ...(prompts.synthesiser && { synthesiser: prompts.synthesiser }) },
});

/** Asks without waiting: what becomes of it is in the log, in the history and on `/readyz`. */
function takeSignal(live: LiveTable, isOver: () => boolean, started: AsyncDisposableStack): void {
  const onSignal = () => {
    if (isOver()) signalled.resolve(0);
    else void live.reload({ who: 'SIGHUP', from: 'signal' }).catch(() => undefined);
  };
  process.on('SIGHUP', onSignal);
  started.defer(() => void process.off('SIGHUP', onSignal));
}

async function watchFiles(live: LiveTable, settleMs: number, started: AsyncDisposableStack): Promise<void> {
  const files = new FileWatch({ files: () => live.files, changed: () => live.fileChanged(), settleMs });
  started.defer(() => files.stop());
  await files.start();
  await live.fileChanged(); // between the first look and the watch
}

/** How calls end tells whether a canary is any good. */
const canarySink = (live: LiveTable): RecordSink => ({
  take: (record) => {
    if (record.type === 'ended' && record.number !== null && endingOf(record) === 'seen')
      live.callEnded(record.revision, record.answeredBy !== null);
  },
  stop: async () => undefined,
});

/** The tokens of the settings, and one for commands on this machine. */
async function tokensOf({ http }: Settings, log: Logger): Promise<readonly Token[]> {
  try {
    return [...http.tokens, { name: 'admin-token', role: 'operator', token: await openAdminToken(http.adminToken) }];
  } catch (error) {
    log.warn({ file: http.adminToken, reason: String(error) }, 'no token for commands on this machine');
    return http.tokens;
  }
}

/** Of two labs started in one folder, the second keeps what is on its way in a folder of its own. */
async function feedOf({ settings, demonstration, log }: Served, more: readonly RecordSink[]): Promise<FeedParts> {
  const { records, redis, feed, name = `${hostname()}-${process.pid}` } = settings;
  const options = { ...feed, records, redis, name, more, now: Date.now, log };
  try {
    return await openFeed(options);
  } catch (error) {
    if (demonstration === undefined || !(error instanceof FileUnwritable)) throw error;
    return openFeed({ ...options, spool: { ...feed.spool, dir: join(demonstration.folder, 'spool') } });
  }
}

async function keepRecordings(settings: Settings, log: Logger): Promise<RecordingKeeper | undefined> {
  if (settings.recordings === undefined) return undefined;
  const switches = settings.switches.map(({ name }) => name);
  const keeper = new RecordingKeeper({ ...settings.recordings, switches, now: Date.now, log });
  await keeper.start();
  return keeper;
}

/** Not for a lab: its PBX is new, and the records may be another lab's, of calls that are up there. */
const toldBefore = ({ records, feed }: Settings, log: Logger): Promise<ToldBefore> =>
  ToldBefore.read(records, spoolDirOf(records, feed.spool.dir), log);

/** Of the whole fleet, where there is one. */
async function callsOf({ redis }: Settings, live: LiveCalls, started: AsyncDisposableStack, log: Logger) {
  const local = callControl(live);
  if (redis === undefined) return local;
  const calls = new FleetCalls(local, new RedisBus(redis), log);
  started.defer(() => calls.stop());
  await calls.start();
  return calls;
}

function openSwitch(settings: SwitchSettings, log: Logger): Switch {
  switch (settings.kind) {
    case 'asterisk':
      return new AsteriskSwitch(settings, connectAri, log);
    case 'freeswitch':
      return new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
  }
}

interface Served {
  readonly settings: Settings;
  /** Other controllers may share the table. */
  readonly hasFleet: boolean;
  readonly table: LiveTable;
  readonly demonstration: Demonstration | undefined;
  readonly log: Logger;
}

/** Starts everything; what was started is stopped by disposing of `started`, the last first. */
async function serve(served: Served, started: AsyncDisposableStack, hurry: AbortSignal) {
  const { settings, hasFleet, table, demonstration, log } = served;
  const keeper = new BoardKeeper({ records: settings.records, log });
  const told = demonstration ? new ToldBefore() : await toldBefore(settings, log);
  const watching = [canarySink(table), keeper, told, ...(demonstration ? [demonstration.sink] : [])];
  const { feed, health, missed } = await feedOf(served, watching);
  started.defer(() => feed.stop());
  const recordings = await keepRecordings(settings, log);
  if (recordings) started.defer(() => recordings.stop());
  const live = new LiveCalls({
    tableFor: (call) => table.tableFor(call),
    tableOf: (revision) => table.tableOf(revision),
    emit: feed.emit,
    ...(recordings && { recordings }),
    now: Date.now,
    steady: () => performance.now(),
    toldBefore: (callId) => told.of(callId),
    log,
  });
  void keeper.start(() => live.ids); // calls do not wait for it
  const switches = settings.switches.map((each) => openSwitch(each, log));
  const readiness = () => ({
    ready: switches.every(({ connected }) => connected),
    revision: table.state.revision,
    table: table.state,
    ...(table.fleet && { fleet: table.fleet }),
    switches: switches.map(({ name, connected }) => ({ name, connected })),
    calls: live.count,
    ...(recordings && { recordings: recordings.health }),
  });
  const control = tableControl(table, settings.table, hasFleet);
  const tokens = await tokensOf(settings, log);
  const admin = await startAdmin({
    ...settings.http,
    readiness,
    reloads: () => table.reloads,
    tokens,
    table: control,
    liveTable: () => table.table,
    feed: health,
    missed,
    calls: await callsOf(settings, live, started, log),
    keeper,
    tableOf: (revision) => table.tableOf(revision),
    log,
  });
  started.defer(() => admin.stop());
  log.info({ url: admin.url, ...table.state }, 'the service answers; connecting to the PBX');
  for (const each of switches) started.defer(() => each.stop());
  const stopping = new AbortController();
  started.defer(() => stopping.abort());
  started.defer(() => leaveCalls(live, settings.stop, hurry));
  const ends = { told, live, emit: feed.emit, now: Date.now, signal: stopping.signal, log };
  await Promise.all(
    switches.map(async (each) => {
      await each.start(live.takerFor(each.name));
      void tellUnseenEnds(each, ends);
    }),
  );
  return { url: admin.url };
}

/** Calls may end by themselves for a while; who still waits then must not wait for a controller that never comes. */
async function leaveCalls(
  live: LiveCalls,
  { drainSeconds, waiting }: Settings['stop'],
  hurry: AbortSignal,
): Promise<void> {
  await live.drain(drainSeconds, hurry);
  if (waiting === 'give-back') await live.giveBack(GIVEN_BACK_WITHIN_SECONDS);
}

async function main(started: AsyncDisposableStack, hurry: AbortSignal): Promise<void> {
  const settings = readSettings(process.env);
  requireFilledIn(settings);
  const isDemonstration = settings.switches.length === 0;
  const log = createLogger(isDemonstration ? 'warn' : settings.log.level);
  process.on('unhandledRejection', (reason) => log.error({ reason: String(reason) }, 'a fault nobody waited for'));
  let audio = audioOf(settings);
  const table = await openLiveTable(settings, () => audio, log);
  started.defer(() => table.stop());
  const demonstration = isDemonstration ? await openDemonstration(settings, table.table) : undefined;
  if (demonstration) {
    started.defer(() => demonstration.stop());
    audio = { ...audioOf(demonstration.settings), out: demonstration.settings.prompts.dir };
  }
  const hasFleet = settings.redis !== undefined;
  const served = { settings: demonstration?.settings ?? settings, hasFleet, table, demonstration, log };
  takeSignal(table, demonstration ? closedTerminal() : () => false, started);
  if (settings.reload.watch) await watchFiles(table, settings.reload.settleMs, started);
  const { url } = await serve(served, started, hurry);
  await demonstration?.show(url);
}

const started = new AsyncDisposableStack();
const signalled = Promise.withResolvers<number>();
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
for (const signal of SIGNALS) process.on(signal, () => signalled.resolve(0));

const hurrying = new AbortController();
process.stdout.on('error', () => undefined); // a service outlives the terminal it was started from
const failed = main(started, hurrying.signal).then(
  () => new Promise<never>(() => undefined), // serves until signalled
  (error: unknown) => {
    const line = error instanceof HotlineError ? `${error.code}: ${error.message}` : `INTERNAL: ${String(error)}`;
    process.stderr.write(`error ${line}\n`);
    return error instanceof HotlineError ? error.exitCode : 1;
  },
);
const code = await Promise.race([signalled.promise, failed]);
// Once more: without waiting for calls. But a terminal's Ctrl-C comes twice, to us and by way of what started us.
setTimeout(() => {
  for (const signal of SIGNALS) process.on(signal, () => hurrying.abort());
}, 1_000).unref();
await started.disposeAsync();
process.exit(code);
