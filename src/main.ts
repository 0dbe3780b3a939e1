/**
 * The service: joins the parts, starts and stops them. The only file that knows every concrete part.
 * With no PBX in the settings it brings up the lab, serves that, and shows one call.
 */
import { join } from 'node:path';
import { allTokens } from './admin/access/tokens.ts';
import { BoardKeeper } from './admin/board/keeper.ts';
import type { Readiness } from './admin/health.ts';
import { startAdmin } from './admin/http.ts';
import { FileUnwritable, HotlineError } from './base/errors.ts';
import { createLogger, type Logger } from './base/log.ts';
import { LiveCalls } from './calls/live-calls.ts';
import { AlreadyEmitted } from './feed/already-emitted.ts';
import type { RecordSink } from './feed/feed.ts';
import { type FeedParts, openFeed, spoolDirOf } from './feed/open-feed.ts';
import { type Demonstration, openDemonstration } from './lab/demonstration.ts';
import { closedTerminal } from './lab/terminal.ts';
import { RecordingKeeper } from './recordings/keeper.ts';
import { readSettings, requireFilledIn, type Settings } from './settings/settings.ts';
import type { SwitchSettings } from './settings/switches.ts';
import { connectAri } from './switch/asterisk/ari/library.ts';
import { AsteriskSwitch } from './switch/asterisk/switch.ts';
import { connectEsl } from './switch/freeswitch/esl/events.ts';
import { listenForChannels } from './switch/freeswitch/esl/outbound-server.ts';
import { FreeSwitchSwitch } from './switch/freeswitch/switch.ts';
import type { Switch } from './switch/port.ts';
import type { LiveTable } from './tables/live-table.ts';
import { callControl } from './wiring/call-control.ts';
import { audioOf, canarySink, openLiveTable, watchFiles } from './wiring/open-table.ts';
import { endOrphanedCalls, type OrphanedCallsParts } from './wiring/orphaned-calls.ts';
import { tableControl } from './wiring/table-control.ts';

/** A PBX that does not answer must not keep us from stopping. */
const GIVEN_BACK_WITHIN_SECONDS = 5;

interface Parts {
  readonly settings: Settings;
  /** Other controllers may share the table. */
  readonly hasFleet: boolean;
  readonly table: LiveTable;
  readonly demonstration: Demonstration | undefined;
  readonly log: Logger;
  /** What was started; disposing of it stops it, the last first. */
  readonly started: AsyncDisposableStack;
  /** Aborted by a second signal: stop without waiting for calls. */
  readonly hurry: AbortSignal;
}

/** Of two labs started in one folder, the second keeps its spool in a folder of its own. */
async function startFeed(
  { settings, demonstration, started, log }: Parts,
  more: readonly RecordSink[],
): Promise<FeedParts> {
  const { records, redis, feed, name } = settings;
  const options = { ...feed, records, redis, name, more, now: Date.now, log };
  const parts = await openFeed(options).catch((error: unknown) => {
    if (demonstration === undefined || !(error instanceof FileUnwritable)) throw error;
    return openFeed({ ...options, spool: { ...feed.spool, dir: join(demonstration.folder, 'spool') } });
  });
  started.defer(() => parts.feed.stop());
  return parts;
}

async function keepRecordings({ settings, started, log }: Parts): Promise<RecordingKeeper | undefined> {
  if (settings.recordings === undefined) return undefined;
  const switches = settings.switches.map(({ name }) => name);
  const keeper = new RecordingKeeper({ ...settings.recordings, switches, now: Date.now, log });
  await keeper.start();
  started.defer(() => keeper.stop());
  return keeper;
}

/** Empty for a lab: its PBX is new, and the records file may hold live calls of another lab. */
async function readEmitted({ settings: { records, feed }, demonstration, log }: Parts): Promise<AlreadyEmitted> {
  return demonstration ? new AlreadyEmitted() : AlreadyEmitted.read(records, spoolDirOf(records, feed.spool.dir), log);
}

function openSwitch(settings: SwitchSettings, log: Logger): Switch {
  switch (settings.kind) {
    case 'asterisk':
      return new AsteriskSwitch(settings, connectAri, log);
    case 'freeswitch':
      return new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
  }
}

/** Starts everything behind the live table. */
async function serve(parts: Parts): Promise<{ readonly url: string }> {
  const { settings, hasFleet, table, demonstration, log, started } = parts;
  const keeper = new BoardKeeper({ records: settings.records, log });
  const emitted = await readEmitted(parts);
  const sinks = [canarySink(table), keeper, emitted, ...(demonstration ? [demonstration.sink] : [])];
  const { feed, health, missed } = await startFeed(parts, sinks);
  const recordings = await keepRecordings(parts);
  const live = new LiveCalls({
    tableFor: (call) => table.tableFor(call),
    tableOf: (revision) => table.tableOf(revision),
    emit: feed.emit,
    ...(recordings && { recordings }),
    now: Date.now,
    steady: () => performance.now(),
    alreadyEmitted: (callId) => emitted.of(callId),
    log,
  });
  void keeper.start(() => live.ids); // calls do not wait for it
  const switches = settings.switches.map((each) => openSwitch(each, log));
  const admin = await startAdmin({
    ...settings.http,
    readiness: () => readinessOf(switches, table, live, recordings),
    reloads: () => table.reloads,
    tokens: await allTokens(settings.http, log),
    table: tableControl(table, settings.table, hasFleet),
    liveTable: () => table.table,
    feed: health,
    missed,
    calls: await callControl(live, settings.redis, started, log),
    keeper,
    tableOf: (revision) => table.tableOf(revision),
    log,
  });
  started.defer(() => admin.stop());
  log.info({ url: admin.url, ...table.state }, 'the service answers; connecting to the PBX');
  await startSwitches(switches, live, { emitted, emit: feed.emit }, parts);
  return { url: admin.url };
}

function readinessOf(
  switches: readonly Switch[],
  table: LiveTable,
  live: LiveCalls,
  recordings: RecordingKeeper | undefined,
): Readiness {
  return {
    ready: switches.every(({ connected }) => connected),
    revision: table.state.revision,
    table: table.state,
    ...(table.fleet && { fleet: table.fleet }),
    switches: switches.map(({ name, connected }) => ({ name, connected })),
    calls: live.count,
    ...(recordings && { recordings: recordings.health }),
  };
}

async function startSwitches(
  switches: readonly Switch[],
  live: LiveCalls,
  past: Pick<OrphanedCallsParts, 'emitted' | 'emit'>,
  { settings, hurry, started, log }: Parts,
): Promise<void> {
  for (const each of switches) started.defer(() => each.stop());
  const stopping = new AbortController();
  started.defer(() => stopping.abort());
  started.defer(() => leaveCalls(live, settings.stop, hurry));
  const orphans = { ...past, live, now: Date.now, signal: stopping.signal, log };
  await Promise.all(
    switches.map(async (each) => {
      await each.start(live.takerFor(each.name));
      void endOrphanedCalls(each, orphans);
    }),
  );
}

/** Calls may end by themselves for a while; whoever still waits then is given back, so as not to wait for nobody. */
async function leaveCalls(
  live: LiveCalls,
  { drainSeconds, waiting }: Settings['stop'],
  hurry: AbortSignal,
): Promise<void> {
  await live.drain(drainSeconds, hurry);
  if (waiting === 'give-back') await live.giveBack(GIVEN_BACK_WITHIN_SECONDS);
}

/** SIGHUP asks for a reload and does not wait: what becomes of it is in the log, in the history and on `/readyz`. */
function takeHangup(live: LiveTable, isOver: () => boolean, started: AsyncDisposableStack): void {
  const onSignal = () => {
    if (isOver()) signalled.resolve(0);
    else void live.reload({ who: 'SIGHUP', from: 'signal' }).catch(() => undefined);
  };
  process.on('SIGHUP', onSignal);
  started.defer(() => void process.off('SIGHUP', onSignal));
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
  takeHangup(table, demonstration ? closedTerminal() : () => false, started);
  if (settings.reload.watch) await watchFiles(table, settings.reload.settleMs, started);
  const hasFleet = settings.redis !== undefined;
  const served = demonstration?.settings ?? settings;
  const { url } = await serve({ settings: served, hasFleet, table, demonstration, log, started, hurry });
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
// A second signal: stop without waiting for calls. Not at once: a terminal's Ctrl-C comes twice, to us and by way of what started us.
setTimeout(() => {
  for (const signal of SIGNALS) process.on(signal, () => hurrying.abort());
}, 1_000).unref();
await started.disposeAsync();
process.exit(code);
