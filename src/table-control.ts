/** What the HTTP side may see of the live table and ask of it: part of the wiring, beside main for its length. */
import type { Asking, CanaryShown, CandidateShown, ReloadBody, TableControl, TableShown } from './admin/table-api.ts';
import { diffInWords } from './routing/diff.ts';
import { parseReach, reachInWords } from './tables/canary.ts';
import { changeDiff } from './tables/change.ts';
import type { LiveTable } from './tables/live-table.ts';
import { loadTable } from './tables/load.ts';
import type { TableSources } from './tables/sources.ts';
import { liveBy, type Reach } from './tables/standing.ts';

const sourcesIn = ({ table }: ReloadBody): TableSources | undefined => {
  if (table === undefined) return undefined;
  const { name = 'given table', text, prefixList } = table;
  const list = prefixList === undefined ? {} : { prefixList: { file: `${name} (prefix list)`, text: prefixList } };
  return { table: { file: name, text }, ...list };
};

const canaryOf = (live: LiveTable): CanaryShown | null => {
  const { canary, who, when } = live.standing;
  if (canary === null) return null;
  const { ended, answered } = live.tallies?.canary ?? { ended: 0, answered: 0 };
  return { revision: canary.revision, takes: reachInWords(canary.reach), ended, answered, who, when };
};

/** Moves told one by one. */
const MOVES_TOLD_AT_MOST = 200;

/** The file as it is now, whether or not somebody has asked for it to go live. */
async function candidateOf(live: LiveTable, path: string): Promise<CandidateShown> {
  const { table, problems } = await loadTable(path);
  const nothing = { moves: [], numbersMoved: 0, numbersTotal: live.table.numbers.size };
  if (table === undefined) return { path, revision: null, isLive: false, problems, ...nothing };
  const { revision } = table;
  if (revision === live.table.revision) return { path, revision, isLive: true, problems, ...nothing };
  const diff = changeDiff(live.table, table, new Date());
  const moves = diffInWords(diff).slice(0, MOVES_TOLD_AT_MOST);
  const numbersTotal = diff.numbersMoved.length + diff.numbersUnchanged.length;
  return { path, revision, isLive: false, problems, moves, numbersMoved: diff.numbersMoved.length, numbersTotal };
}

/** @param hasFleet Redis is in the settings. */
export function tableControl(live: LiveTable, file: string, hasFleet: boolean): TableControl {
  const show = async (): Promise<TableShown> => {
    const members = hasFleet ? await live.members() : undefined;
    const { previous } = live.standing;
    const { who, when, summary } = live.standing.canary ? liveBy(live.standing) : live.standing;
    return {
      ...live.state,
      previous,
      who,
      when,
      summary,
      numbers: live.table.numbers.size,
      canary: canaryOf(live),
      file: { path: file, revision: live.file.revision },
      fleet: hasFleet ? { connected: members !== undefined, controllers: members ?? [] } : null,
    };
  };
  let checking: Promise<CandidateShown> | undefined;
  /** However many ask at once, the file is checked once. */
  const candidate = (): Promise<CandidateShown> => {
    checking ??= candidateOf(live, file).finally(() => {
      checking = undefined;
    });
    return checking;
  };
  const reload = (body: ReloadBody, asking: Asking, canary?: Reach) =>
    live.reload({ ...asking, yes: body.yes, sources: sourcesIn(body), canary });
  return {
    show,
    candidate,
    history: (atMost) => live.history(atMost),
    textOf: (revision) => live.textOf(revision),
    reload: (body, asking) => reload(body, asking),
    canary: async (calls, body, asking) => reload(body, asking, parseReach(calls)),
    rollback: (revision, asking) => live.rollback({ ...asking, revision }),
    promote: (asking) => live.promote(asking),
  };
}
