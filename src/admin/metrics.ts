/**
 * `/metrics` for Prometheus. Nothing is counted here: each scrape makes a registry of its own out of what the service
 * says of itself at that moment.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { Readiness } from './readiness.ts';
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
}

/** Undefined: Redis cannot be reached, and so nobody knows. Without a fleet nobody drifts. */
const driftOf = ({ fleet, revision }: TableShown): number | undefined => {
  if (fleet?.connected === false) return undefined;
  return (fleet?.controllers ?? []).filter((each) => each.revision !== revision).length;
};

export async function scrape({ readiness, table, reloads }: MetricsSource): Promise<{ type: string; text: string }> {
  const registry = new Registry();
  const metric = <T extends string>(name: string, help: string, labelNames: readonly T[] = []) => ({
    name,
    help,
    labelNames,
    registers: [registry],
  });
  const gauge = (name: string, help: string, value: number) => new Gauge(metric(name, help)).set(value);
  const [now, shown] = [readiness(), await table()];

  const { revision, source, problem } = shown;
  new Gauge(metric('hotline_table_info', 'The live table and where it came from', ['revision', 'source'])).set(
    { revision, source },
    1,
  );
  const isProblem = problem !== undefined;
  gauge('hotline_table_problem', '1: not all is well with the table; /readyz says what', Number(isProblem));
  const ended = new Counter(
    metric(
      'hotline_table_reloads_total',
      'Reloads, canaries, promotions and rollbacks since the start, by how they ended',
      ['outcome'],
    ),
  );
  for (const [outcome, count] of Object.entries(reloads())) ended.inc({ outcome }, count);
  const drift = driftOf(shown);
  if (drift !== undefined) gauge('hotline_fleet_drift', 'Controllers on another revision than this one', drift);
  gauge('hotline_calls_live', 'Calls up at this moment', now.calls);
  const connected = new Gauge(metric('hotline_switch_connected', 'Whether the PBX is connected', ['switch']));
  for (const each of now.switches) connected.set({ switch: each.name }, Number(each.connected));
  return { type: registry.contentType, text: await registry.metrics() };
}
