/** A table from disk: its texts (the YAML and the prefix list beside it), read, parsed, and tried by its own expectations. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileUnreadable } from '../../base/errors.ts';
import { findExpired, runExpectations } from '../../routing/checks/expectations.ts';
import { type Draft, finishTable, type Parsed, readTable } from '../../routing/parse.ts';
import { hasErrors, inReadingOrder } from '../../routing/problems.ts';
import type { Table } from '../../routing/table.ts';
import { readText, type Source } from '../../routing/yaml/source-text.ts';

export interface TableSources {
  readonly table: Source;
  /** Absent if the table names none, or it cannot be read. */
  readonly prefixList?: Source;
}

/** An accepted table as it is kept and sent: text, and the clock its expectations were run by. */
export interface KeptRevision {
  readonly revision: string;
  /** Unix milliseconds. Whoever checks the same text later uses this clock, and so comes to the same result. */
  readonly checkedAt: number;
  readonly text: string;
  readonly prefixList: string | null;
}

/** A good table, and the texts it is made of. */
export interface Revision {
  readonly kept: KeptRevision;
  readonly table: Table;
}

/** Refuses FIFOs and terminals, where reading waits until somebody writes. */
const readRegular = async (file: string): Promise<Buffer> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile() && !found.isDirectory()) throw new FileUnreadable(file, 'not a regular file');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
};

/** Whether a table may come through a pipe: a command can wait for one, a service with calls cannot. */
export type Pipes = 'refused' | 'read';

const isPipe = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFIFO(),
    () => false,
  );

/** A file as it is. @throws FileUnreadable */
export const readSource = async (file: string, pipes: Pipes = 'refused'): Promise<Source> => {
  try {
    const isRead = pipes === 'read' && (await isPipe(file));
    return { file, text: isRead ? await readFile(file) : await readRegular(file) };
  } catch (error) {
    if (error instanceof FileUnreadable) throw error;
    throw FileUnreadable.because(file, error);
  }
};

export const readIfThere = async (file: string): Promise<Source | undefined> => {
  try {
    return await readSource(file);
  } catch (error) {
    if (error instanceof FileUnreadable) return undefined;
    throw error;
  }
};

/** Folder of a table; for a pipe the working folder. */
const folderOf = (file: string): string => (/^\/(?:dev\/(?:fd\/|stdin)|proc\/)/.test(file) ? '.' : dirname(file));

/** Where the prefix list of a table lies, when it names one. */
export const prefixListOf = (file: string, { mobilePrefixes }: Pick<Draft, 'mobilePrefixes'>): string | undefined =>
  mobilePrefixes === undefined ? undefined : join(folderOf(file), mobilePrefixes);

/** A table's texts, and the draft that was parsed to know which prefix list it names. */
export interface TableRead {
  readonly sources: TableSources;
  readonly draft: Draft;
}

/** A table that was read, and the prefix list it names. */
export const withPrefixList = async (table: Source): Promise<TableRead> => {
  const draft = readTable(table);
  const list = prefixListOf(table.file, draft);
  const prefixList = list === undefined ? undefined : await readIfThere(list);
  return { sources: { table, ...(prefixList && { prefixList }) }, draft };
};

/** @throws FileUnreadable when the table itself cannot be read. */
export const readSources = async (file: string, pipes: Pipes = 'refused'): Promise<TableRead> =>
  withPrefixList(await readSource(file, pipes));

/**
 * Everything that decides whether a table may go live: its text, its prefix list, its own expectations by the clock
 * `at`. `check`, reload, start-up and the fleet all ask here.
 */
export const validate = (
  { table: source, prefixList }: TableSources,
  at: Date,
  draft: Draft = readTable(source),
): Parsed => {
  const { table, certain, locate, problems } = finishTable(draft, prefixList);
  if (table === undefined || locate === undefined) {
    const failed = certain === undefined ? [] : runExpectations(certain, source.file, at);
    return { problems: inReadingOrder([...problems, ...failed]) };
  }
  const tried = [...runExpectations(table, source.file, at), ...findExpired(table, locate, at)];
  const all = inReadingOrder([...problems, ...tried]);
  return hasErrors(all) ? { unproven: table, problems: all } : { table, locate, problems: all };
};

/**
 * Reads and parses a table, and does not try its expectations: to look into a table that fails them.
 *
 * @throws FileUnreadable when the table itself cannot be read; everything else is a problem in the answer.
 */
export const parseTableFile = async (file: string, pipes: Pipes = 'refused'): Promise<Parsed> => {
  const { sources, draft } = await readSources(file, pipes);
  return finishTable(draft, sources.prefixList);
};

/**
 * Reads, parses and tries a table. `table` is there only when nothing is wrong; `at` is the clock its expectations
 * run by, and rules are expired by.
 *
 * @throws FileUnreadable as {@link parseTableFile}
 */
export const loadTable = async (file: string, at: Date = new Date(), pipes: Pipes = 'refused'): Promise<Parsed> => {
  const { sources, draft } = await readSources(file, pipes);
  return validate(sources, at, draft);
};

/** Hash of the files' content, valid or not. */
export const contentOf = ({ table, prefixList }: TableSources): string => {
  const hash = createHash('sha256').update(table.text).update('\0');
  return hash.update(prefixList?.text ?? '').digest('hex');
};

/** @param sources of a table that was found good. */
export const keep = ({ table, prefixList }: TableSources, revision: string, checkedAt: number): KeptRevision => ({
  revision,
  checkedAt,
  text: readText(table).text,
  prefixList: prefixList === undefined ? null : readText(prefixList).text,
});

/** @param file name for its problems, should it have any by now */
export const sourcesOf = ({ text, prefixList }: KeptRevision, file: string): TableSources => ({
  table: { file, text },
  ...(prefixList !== null && { prefixList: { file: `${file} (prefix list)`, text: prefixList } }),
});
