/**
 * `/metrics` for Prometheus. Nothing is counted here: each scrape fills a new registry with the state of the service at
 * that moment. docs/wallboard.md explains each metric; docker/ has a dashboard and alerts.
 */
import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import type { FeedHealth } from '../feed/health.ts';
import type { Board } from './board/board.ts';
import { WAIT_EDGES } from './board/levels.ts';
import type { Totals, WaitSeries } from './board/totals.ts';
import type { Level } from './board/view-model.ts';
import { driftOf } from './board/view-model.ts';
import type { Delay, Readiness } from './health.ts';
import type { TableShown } from './table-api.ts';

/** How changes have ended since the service started: reloads, canaries, promotions and rollbacks. */
export interface ReloadCounts {
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
}

export interface MetricsSource {
  readonly readiness: () => Readiness;
  readonly table: () => Promise<TableShown>;
  readonly reloads: () => ReloadCounts;
  readonly board: Board;
  readonly totals: Totals;
  readonly feed: () => FeedHealth;
  readonly eventLoop: () => Delay;
  readonly watchers: () => number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

type Labelled = readonly (readonly [labels: readonly string[], value: number])[];

/** A registry, and short ways to fill it. */
class Exposition {
  readonly registry = new Registry();

  gauge(name: string, help: string, value: number): void {
    this.gauges(name, help, [], [[[], value]]);
  }

  gauges(name: string, help: string, labelNames: readonly string[], series: Labelled): void {
    const gauge = new Gauge({ name, help, labelNames, registers: [this.registry] });
    for (const [labels, value] of series) gauge.set(named(labelNames, labels), value);
  }

  counters(name: string, help: string, labelNames: readonly string[], series: Labelled): void {
    const counter = new Counter({ name, help, labelNames, registers: [this.registry] });
    for (const [labels, value] of series) counter.inc(named(labelNames, labels), value);
  }

  /** The library cannot set a histogram's values, so a metric is registered that answers as a histogram does. */
  histogram(name: string, help: string, series: readonly WaitSeries[]): void {
    const values = series.flatMap((each) => histogramLines(name, each));
    const told = { name, help, type: 'histogram', aggregator: 'sum', values };
    this.registry.registerMetric({ name, get: async () => told } as unknown as Metric);
  }
}

const named = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, n) => [name, values[n] ?? '']));

function histogramLines(name: string, { number, result, bars, sumSeconds }: WaitSeries): readonly object[] {
  const labels = { number, result };
  let count = 0;
  const buckets = bars.map((bar, n) => {
    count += bar;
    const le = WAIT_EDGES[n] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

function exposeTable(to: Exposition, shown: TableShown, reloads: ReloadCounts): void {
  const { revision, source, problem } = shown;
  const info = 'The live table and where it came from';
  to.gauges('hotline_table_info', info, ['revision', 'source'], [[[revision, source], 1]]);
  const isProblem = problem !== undefined;
  to.gauge('hotline_table_problem', '1: not all is well with the table; /readyz says what', Number(isProblem));
  const ended = Object.entries(reloads).map(([outcome, count]) => [[outcome], count] as const);
  const reloadsHelp = 'Reloads, canaries, promotions and rollbacks since the start, by how they ended';
  to.counters('hotline_table_reloads_total', reloadsHelp, ['outcome'], ended);
  const drift = driftOf(shown);
  if (drift !== null) to.gauge('hotline_fleet_drift', 'Controllers on another revision than this one', drift);
}

function exposeLinks(to: Exposition, { switches, calls, fleet }: Readiness, { redis }: FeedHealth): void {
  to.gauge('hotline_calls_live', 'Calls up at this moment', calls);
  const links = switches.map(({ name, connected }) => [[name], Number(connected)] as const);
  to.gauges('hotline_switch_connected', 'Whether the PBX is connected', ['switch'], links);
  const isConnected = redis !== false && fleet !== 'unreachable';
  if (redis !== null || fleet !== undefined)
    to.gauge(
      'hotline_redis_connected',
      'Whether Redis is connected, for the feed and for the fleet',
      Number(isConnected),
    );
}

function exposeCalls(to: Exposition, totals: Totals): void {
  const labels = ['number', 'region'];
  to.counters('hotline_calls_arrived_total', 'Calls since the start', labels, totals.arrived);
  to.counters(
    'hotline_calls_ended_total',
    'Calls that ended, by outcome: answered, gave-up, no-answer, failure, lost, given-back, refused',
    [...labels, 'outcome'],
    totals.ended,
  );
  to.counters(
    'hotline_calls_answered_within_total',
    'Calls answered within so many seconds of the INVITE, prompt included',
    [...labels, 'seconds'],
    totals.within,
  );
  const over = 'Calls whose wait is over: levels are shares of these, and not of those that ended, for many still talk';
  to.counters('hotline_calls_wait_over_total', over, [...labels, 'result'], totals.over);
  const lost =
    'Calls that a failure, or the death of a PBX, has cost; there from 0 on, so that the first is seen to rise';
  to.counters('hotline_calls_lost_total', lost, [], [[[], totals.lost]]);
  to.histogram(
    'hotline_call_wait_seconds',
    'From INVITE to an agent, prompt included, or to the end of a call that was missed',
    totals.waits,
  );
}

const levelSeries = (window: string, { answered, missed, within15, within30 }: Level): Labelled => {
  const all = answered + missed;
  if (all === 0) return []; // no calls, no level
  return [
    [[window, '15'], within15 / all],
    [[window, '30'], within30 / all],
  ];
};

function exposeBoard(to: Exposition, board: Board, now: number): void {
  const { live, hour, day, destinations, agents } = board.figures(now);
  const { total: _, ...states } = live;
  to.gauges(
    'hotline_calls_live_by_state',
    'Calls up by state; prompt: those of any state that still hear one',
    ['state'],
    Object.entries(states).map(([state, count]) => [[state], count]),
  );
  to.gauges(
    'hotline_service_level_ratio',
    'Share of calls answered within so many seconds of the INVITE, of those whose wait is over',
    ['window', 'seconds'],
    [...levelSeries('1h', hour), ...levelSeries('24h', day)],
  );
  const waiting = destinations.map((each) => [[each.id], each.waiting] as const);
  const longest = destinations.map(
    ({ id, waitingSince }) => [[id], waitingSince === null ? 0 : Math.max(0, now - waitingSince) / 1000] as const,
  );
  const talking = destinations.map((each) => [[each.id], each.talking] as const);
  to.gauges('hotline_destination_waiting', 'Callers who wait in a queue or for seats', ['destination'], waiting);
  to.gauges('hotline_destination_longest_wait_seconds', 'Of those who wait', ['destination'], longest);
  to.gauges('hotline_destination_talking', 'Calls with an agent', ['destination'], talking);
  to.gauge('hotline_agents_seen', 'Agents who answered a call in the last eight hours', agents.length);
  const busy = agents.filter(({ talkingSince }) => talkingSince !== null);
  to.gauge('hotline_agents_talking', 'Agents on a call', busy.length);
}

const SINK_STATES = ['ok', 'behind', 'down'] as const;

function exposeFeed(to: Exposition, { sinks, spool }: FeedHealth): void {
  const of = (value: (sink: FeedHealth['sinks'][number]) => number): Labelled =>
    sinks.map((sink) => [[sink.name], value(sink)]);
  const states = sinks.flatMap(({ name, state }) =>
    SINK_STATES.map((each) => [[name, each], Number(each === state)] as const),
  );
  to.gauges('hotline_feed_sink_state', '1: the state the sink is in', ['sink', 'state'], states);
  to.gauges(
    'hotline_feed_backlog_records',
    'Records not confirmed yet',
    ['sink'],
    of((sink) => sink.backlog),
  );
  to.gauges(
    'hotline_feed_lag_seconds',
    'Age of the oldest of them',
    ['sink'],
    of((sink) => sink.lagMs / 1000),
  );
  to.gauges(
    'hotline_feed_dead_records',
    'Records given up',
    ['sink'],
    of((sink) => sink.dead),
  );
  to.counters(
    'hotline_feed_dropped_records_total',
    'Records that the stream dropped before the sink had them; every controller tells the same',
    ['sink'],
    of((sink) => sink.dropped),
  );
  to.gauge('hotline_feed_spool_bytes', 'Records that wait on disk', spool.bytes);
  to.gauge('hotline_feed_spool_limit_bytes', 'Most that may wait there', spool.limitBytes);
  to.counters('hotline_feed_lost_records_total', 'Records that found no room anywhere', [], [[[], spool.lost]]);
}

const RECORDING_STATES = ['ok', 'low-space', 'failing'] as const;

function exposeRecordings(to: Exposition, { state, freeBytes, failed }: NonNullable<Readiness['recordings']>): void {
  const states = RECORDING_STATES.map((each) => [[each], Number(each === state)] as const);
  to.gauges('hotline_recordings_state', '1: the state recording is in', ['state'], states);
  if (freeBytes !== null)
    to.gauge('hotline_recordings_free_bytes', 'Free for recordings, where there is least', freeBytes);
  const failures = 'Recordings that failed since the start; the calls went on';
  to.counters('hotline_recordings_failed_total', failures, [], [[[], failed]]);
}

function exposeProcess(to: Exposition, { p50, p99, max }: Delay, watchers: number): void {
  to.gauges(
    'hotline_event_loop_delay_seconds',
    'How late the event loop is, over the last 5 to 10 seconds',
    ['quantile'],
    [
      [['0.5'], p50],
      [['0.99'], p99],
      [['1'], max],
    ],
  );
  to.gauge('hotline_process_resident_bytes', 'Memory of the process', process.memoryUsage.rss());
  const { user, system } = process.cpuUsage();
  to.counters('hotline_process_cpu_seconds_total', 'CPU time of the process', [], [[[], (user + system) / 1e6]]);
  to.gauge('hotline_board_watchers', 'Screens and programs that watch the board', watchers);
}

export async function scrape(source: MetricsSource): Promise<{ type: string; text: string }> {
  const to = new Exposition();
  const feed = source.feed();
  exposeTable(to, await source.table(), source.reloads());
  const readiness = source.readiness();
  exposeLinks(to, readiness, feed);
  exposeCalls(to, source.totals);
  exposeBoard(to, source.board, source.now());
  exposeFeed(to, feed);
  if (readiness.recordings) exposeRecordings(to, readiness.recordings);
  exposeProcess(to, source.eventLoop(), source.watchers());
  return { type: to.registry.contentType, text: await to.registry.metrics() };
}
