/** What the HTTP side may see of the live table, and ask of it. */
import type {
  Asking,
  CanaryShown,
  CandidateShown,
  RefusedShown,
  ReloadBody,
  TableControl,
  TableShown,
} from '../admin/table-api.ts';
import { formatScope, parseScope } from '../tables/fleet/canary.ts';
import { type CanaryScope, liveBy } from '../tables/fleet/deployment-state.ts';
import type { LiveTable } from '../tables/live-table.ts';
import type { TableSources } from '../tables/source/sources.ts';

const sourcesIn = ({ table }: ReloadBody): TableSources | undefined => {
  if (table === undefined) return undefined;
  const { name = 'given table', text, prefixList } = table;
  const list = prefixList === undefined ? {} : { prefixList: { file: `${name} (prefix list)`, text: prefixList } };
  return { table: { file: name, text }, ...list };
};

const canaryOf = (live: LiveTable): CanaryShown | null => {
  const { canary, who, when } = live.deployment;
  if (canary === null) return null;
  const { ended, answered } = live.tallies?.canary ?? { ended: 0, answered: 0 };
  return { revision: canary.revision, takes: formatScope(canary.reach), ended, answered, who, when };
};

const refusedOf = ({ lastRefused }: LiveTable): RefusedShown | null => {
  if (lastRefused === undefined) return null;
  const { who, when, summary, code = 'INTERNAL' } = lastRefused;
  return { who, when, code, summary };
};

async function candidateOf(live: LiveTable, path: string): Promise<CandidateShown> {
  const { prefixList: _, ...candidate } = await live.candidate();
  return { path, isLive: candidate.revision === live.table.revision, ...candidate };
}

/** @param hasFleet Redis is in the settings. */
export function tableControl(live: LiveTable, file: string, hasFleet: boolean): TableControl {
  const show = async (): Promise<TableShown> => {
    const members = hasFleet ? await live.members() : undefined;
    const { previous } = live.deployment;
    const { who, when, summary } = live.deployment.canary ? liveBy(live.deployment) : live.deployment;
    return {
      ...live.state,
      previous,
      who,
      when,
      summary,
      numbers: live.table.numbers.size,
      canary: canaryOf(live),
      refused: refusedOf(live),
      file: { path: file, revision: live.file.revision },
      fleet: hasFleet ? { connected: members !== undefined, controllers: members ?? [] } : null,
    };
  };
  const reload = (body: ReloadBody, asking: Asking, canary?: CanaryScope) =>
    live.reload({ ...asking, yes: body.yes, sources: sourcesIn(body), canary });
  return {
    show,
    candidate: () => candidateOf(live, file),
    history: (atMost) => live.history(atMost),
    textOf: (revision) => live.textOf(revision),
    reload: (body, asking) => reload(body, asking),
    canary: async (calls, body, asking) => reload(body, asking, parseScope(calls)),
    rollback: (revision, asking) => live.rollback({ ...asking, revision }),
    promote: (asking) => live.promote(asking),
  };
}
