/**
 * The service: reads settings, wires the parts, starts and stops them. The only file that knows every concrete part.
 * With no PBX in the settings it brings up the lab, serves that, and shows one call.
 */
import { startAdmin } from './admin/http.ts';
import { LiveCalls } from './calls/live-calls.ts';
import { HotlineError, TableRefused } from './errors.ts';
import { Feed, type RecordSink } from './feed/feed.ts';
import { FileSink } from './feed/file-sink.ts';
import { openRedis } from './feed/redis-connection.ts';
import { RedisSink } from './feed/redis-sink.ts';
import { type Demonstration, openDemonstration } from './lab/demonstration.ts';
import { createLogger, type Logger } from './log.ts';
import { formatProblem } from './routing/problems.ts';
import type { Table } from './routing/table.ts';
import { readSettings, requireFilledIn, type Settings } from './settings.ts';
import { connectAri } from './switch/asterisk/ari-client.ts';
import { AsteriskSwitch } from './switch/asterisk/switch.ts';
import { connectEsl } from './switch/freeswitch/esl-client.ts';
import { listenForChannels } from './switch/freeswitch/hand-over-server.ts';
import { FreeSwitchSwitch } from './switch/freeswitch/switch.ts';
import type { Switch } from './switch/port.ts';
import type { SwitchSettings } from './switch-settings.ts';
import { loadTable } from './tables/load.ts';

/** A PBX that does not answer must not keep us from stopping. */
const GIVEN_BACK_WITHIN_SECONDS = 5;

/** @throws TableRefused after every problem was printed. */
async function liveTable(file: string): Promise<Table> {
  const { table, problems } = await loadTable(file);
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
  if (table === undefined) throw new TableRefused(`${file} is not good; the service does not start on it`);
  return table;
}

async function openFeed(settings: Settings, log: Logger, more: readonly RecordSink[]): Promise<Feed> {
  const sinks: RecordSink[] = [await FileSink.open(settings.records, log), ...more];
  if (settings.redis !== undefined) sinks.push(new RedisSink(openRedis(settings.redis, log), log));
  return new Feed(sinks);
}

function openSwitch(settings: SwitchSettings, log: Logger): Switch {
  switch (settings.kind) {
    case 'asterisk':
      return new AsteriskSwitch(settings, connectAri, log);
    case 'freeswitch':
      return new FreeSwitchSwitch(settings, { connect: connectEsl, listen: listenForChannels(log) }, log);
  }
}

/** Starts everything; what was started is stopped by disposing of `started`, the last first. */
async function serve(
  settings: Settings,
  table: Table,
  demonstration: Demonstration | undefined,
  started: AsyncDisposableStack,
  hurry: AbortSignal,
) {
  const log = createLogger(demonstration ? 'warn' : settings.log.level);
  process.on('unhandledRejection', (reason) => log.error({ reason: String(reason) }, 'a fault nobody waited for'));
  const feed = await openFeed(settings, log, demonstration ? [demonstration.sink] : []);
  started.defer(() => feed.stop());
  const live = new LiveCalls({ table: () => table, emit: feed.emit, now: Date.now, log });
  const switches = settings.switches.map((each) => openSwitch(each, log));
  const readiness = () => ({
    ready: switches.every(({ connected }) => connected),
    revision: table.revision,
    switches: switches.map(({ name, connected }) => ({ name, connected })),
    calls: live.count,
  });
  const admin = await startAdmin({ ...settings.http, readiness });
  started.defer(() => admin.stop());
  log.info({ url: admin.url, revision: table.revision }, 'the service answers; connecting to the PBX');
  for (const each of switches) started.defer(() => each.stop());
  started.defer(() => leaveCalls(live, settings.stop, hurry));
  await Promise.all(switches.map((each) => each.start(live.takerFor(each.name))));
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
  const table = await liveTable(settings.table);
  const demonstration = settings.switches.length === 0 ? await openDemonstration(settings, table) : undefined;
  if (demonstration) started.defer(() => demonstration.stop());
  const { url } = await serve(demonstration?.settings ?? settings, table, demonstration, started, hurry);
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
