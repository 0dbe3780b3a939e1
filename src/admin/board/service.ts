/** How the controller stands, out of what it says of itself. */
import type { FeedHealth } from '../../feed/health.ts';
import type { Readiness } from '../readiness.ts';
import type { TableShown } from '../table-api.ts';
import type { ServiceShown } from './shown.ts';

/** Controllers on another revision. Null: Redis cannot be reached, and so nobody knows. Without a fleet nobody drifts. */
export const driftOf = ({ fleet, revision }: TableShown): number | null => {
  if (fleet?.connected === false) return null;
  return (fleet?.controllers ?? []).filter((each) => each.revision !== revision).length;
};

export const serviceShown = (table: TableShown, { switches }: Readiness, feed: FeedHealth): ServiceShown => ({
  revision: table.revision,
  source: table.source,
  problem: table.problem ?? null,
  canary: table.canary === null ? null : `${table.canary.revision} (${table.canary.takes})`,
  candidate: table.file.revision === table.revision ? null : table.file.revision,
  drift: driftOf(table),
  controllers: Math.max(1, table.fleet?.controllers.length ?? 1),
  switches,
  feed,
});
