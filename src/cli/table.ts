/** The tables commands work with: which one is meant, read and checked. */
import { access } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import type { Parsed } from '../routing/parse.ts';
import { formatProblem } from '../routing/problems.ts';
import type { Table } from '../routing/table.ts';
import { settingsIfAny } from '../settings/settings.ts';
import { type KeptRevision, loadTable, sourcesOf, validate } from '../tables/source/sources.ts';
import type { JsonFlag, Terminal } from './command.ts';
import { ask, printRefusal } from './service.ts';

export const TABLE_FLAG = '--table <file>';
export const TABLE_HELP = 'routing table (default: the one of the settings, which is config/routes.yaml)';

export interface TableFlag {
  readonly table?: string | undefined;
}

export const namedFile = (file: string): string => {
  if (file === '') throw new InvalidArgumentError('Name a file.');
  return file;
};

/** The file that is named, otherwise the one the service would take. @throws SettingsError, FileUnreadable */
export const chosenTable = ({ table }: TableFlag): string => table ?? settingsIfAny(process.env).table;

const REVISION = /^(?:live|[0-9a-f]{4,})$/;

const isFile = (name: string): Promise<boolean> =>
  access(name).then(
    () => true,
    () => false,
  );

/** A revision that the running service keeps. */
const keptBy = async (name: string, terminal: Terminal, flags: JsonFlag): Promise<Parsed | undefined> => {
  const live = name === 'live' ? await ask<{ revision: string }>('GET', '/table') : { good: { revision: name } };
  const answer = 'refusal' in live ? live : await ask<KeptRevision>('GET', `/table/revisions/${live.good.revision}`);
  if ('good' in answer)
    return validate(sourcesOf(answer.good, `revision ${answer.good.revision}`), new Date(answer.good.checkedAt));
  printRefusal(answer.refusal, terminal, flags);
  return undefined;
};

/**
 * Reads and checks what `name` means: a file or, when there is no such file, `live` or a revision of the running service.
 *
 * @param flags with JSON, problems are printed as JSON in place of the answer.
 * @param at the clock that the table's expectations run by.
 * @returns undefined when the service has no such revision; that has been printed.
 * @throws FileUnreadable, ServiceUnreachable
 */
export const loadNamed = async (
  name: string,
  terminal: Terminal,
  flags: JsonFlag,
  at?: Date,
): Promise<Parsed | undefined> => {
  const isKept = REVISION.test(name) && !(await isFile(name));
  return isKept ? keptBy(name, terminal, flags) : loadTable(name, at, 'read');
};

/** The table that {@link loadNamed} reads; undefined when it is not good, and its problems have been printed. */
export const loadGoodTable = async (name: string, terminal: Terminal, flags: JsonFlag): Promise<Table | undefined> => {
  const parsed = await loadNamed(name, terminal, flags);
  return parsed && goodTable(parsed, terminal, flags);
};

/** The table of what was read; undefined when it is not good, and its problems have been printed. */
export const goodTable = ({ table, problems }: Parsed, terminal: Terminal, { json }: JsonFlag): Table | undefined => {
  if (table !== undefined) return table;
  if (json) terminal.out(JSON.stringify({ good: false, problems }, null, 2));
  else for (const problem of problems) terminal.err(formatProblem(problem));
  return undefined;
};
