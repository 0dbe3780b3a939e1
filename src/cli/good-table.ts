/** The tables commands work with: loaded and checked in one place. */

import { access } from 'node:fs/promises';
import type { Parsed } from '../routing/parse.ts';
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { loadTable } from '../tables/source/load.ts';
import { judge, type KeptRevision, sourcesOf } from '../tables/source/sources.ts';
import type { Terminal } from './command.ts';
import { ask, tellRefusal } from './service.ts';

export interface Telling {
  /** The clock its expectations run by. */
  readonly at?: Date | undefined;
  /** Problems go out as JSON, where the answer would have gone. */
  readonly json?: boolean | undefined;
}

const REVISION = /^(?:live|[0-9a-f]{4,})$/;

const isFile = (name: string): Promise<boolean> =>
  access(name).then(
    () => true,
    () => false,
  );

/** A revision that the running service keeps; undefined when it does not, which has been told. */
const keptBy = async (name: string, terminal: Terminal, json: boolean): Promise<Parsed | undefined> => {
  const live = name === 'live' ? await ask<{ revision: string }>('GET', '/table') : { good: { revision: name } };
  const answer = 'refusal' in live ? live : await ask<KeptRevision>('GET', `/table/revisions/${live.good.revision}`);
  if ('good' in answer)
    return judge(sourcesOf(answer.good, `revision ${answer.good.revision}`), new Date(answer.good.checkedAt));
  tellRefusal(answer.refusal, terminal, json);
  return undefined;
};

/**
 * What `name` means, read and judged: a file, or, where there is no such file, `live` or a revision of the running service.
 * Undefined when the service has none, which has been told.
 *
 * @throws FileUnreadable, ServiceUnreachable
 */
export const loadNamed = async (
  name: string,
  terminal: Terminal,
  { at, json = false }: Telling = {},
): Promise<Parsed | undefined> => {
  const isKept = REVISION.test(name) && !(await isFile(name));
  return isKept ? keptBy(name, terminal, json) : loadTable(name, at, 'read');
};

/**
 * The table that `name` means, as {@link loadNamed}. Undefined when it is not good, and its problems have been told.
 *
 * @throws FileUnreadable, ServiceUnreachable
 */
export const loadGoodTable = async (
  name: string,
  terminal: Terminal,
  telling: Telling = {},
): Promise<Table | undefined> => {
  const parsed = await loadNamed(name, terminal, telling);
  return parsed && tellProblems(parsed, terminal, telling.json);
};

/** The table of what was read; undefined when it is not good, and its problems have been told. */
export const tellProblems = ({ table, problems }: Parsed, terminal: Terminal, json = false): Table | undefined => {
  if (table !== undefined) return table;
  if (json) terminal.out(JSON.stringify({ good: false, problems }, null, 2));
  else for (const problem of problems) terminal.err(formatProblem(problem));
  return undefined;
};
