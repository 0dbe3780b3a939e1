/** The worker behind `thread.ts`: does one job after the other, and keeps the last tables for the next comparison. */
import { parentPort } from 'node:worker_threads';
import { FileUnreadable } from '../../base/errors.ts';
import type { Table } from '../../routing/table.ts';
import { type KeptRevision, type Revision, sourcesOf, type TableSources } from '../source/sources.ts';
import type { Candidate } from './candidate.ts';
import type { Change } from './change.ts';
import { inlineValidator, type Validated, type ValidatedFile } from './validator.ts';

/** A table as it is copied to another thread: a copied clock would lose its class, so it is made anew from the zone. */
export type CrossingTable = Omit<Table, 'clock'> & { readonly timeZone: string };

type Crossing<T extends Validated> = Omit<T, 'revision'> & {
  readonly revision: { readonly kept: KeptRevision; readonly table: CrossingTable } | undefined;
};

/** Jobs of the worker with their arguments; only data crosses. */
export interface Asked {
  readonly validate: readonly [sources: TableSources, at: number];
  readonly validateFile: readonly [file: string, at: number];
  readonly describe: readonly [before: KeptRevision, after: KeptRevision, at: number];
  readonly compareFile: readonly [live: KeptRevision, file: string, at: number];
}

export interface Done {
  readonly validate: Crossing<Validated>;
  readonly validateFile: Crossing<ValidatedFile>;
  readonly describe: Change;
  readonly compareFile: Candidate;
}

export interface Job {
  readonly does: keyof Asked;
  readonly asked: Asked[keyof Asked];
}

export type Answer<T> =
  | { readonly done: T }
  | { readonly unreadable: { readonly file: string; readonly reason: string } }
  | { readonly failed: string };

/** Tables kept: two that are compared, and a new one. */
const KEPT_AT_MOST = 3;

const lastTables = new Map<string, Table>();

const keep = ({ table }: Revision): void => {
  lastTables.delete(table.revision);
  lastTables.set(table.revision, table);
  const [oldest] = lastTables.keys();
  if (lastTables.size > KEPT_AT_MOST && oldest !== undefined) lastTables.delete(oldest);
};

const revisionOf = async (kept: KeptRevision): Promise<Revision> => {
  const table = lastTables.get(kept.revision);
  if (table) return { kept, table };
  const { revision } = await inlineValidator.validate(sourcesOf(kept, `revision ${kept.revision}`), kept.checkedAt);
  if (revision === undefined) throw new Error(`revision ${kept.revision} is not good any more`);
  keep(revision);
  return revision;
};

const toCross = <T extends Validated>({ revision, ...validated }: T): Crossing<T> => {
  if (revision === undefined) return { ...validated, revision };
  keep(revision);
  const { clock, ...table } = revision.table;
  return { ...validated, revision: { kept: revision.kept, table: { ...table, timeZone: clock.timeZone } } };
};

const jobs: { readonly [Does in keyof Asked]: (...asked: Asked[Does]) => Promise<Done[Does]> } = {
  validate: async (sources, at) => toCross(await inlineValidator.validate(sources, at)),
  validateFile: async (file, at) => toCross(await inlineValidator.validateFile(file, at)),
  describe: async (before, after, at) =>
    inlineValidator.describe(await revisionOf(before), await revisionOf(after), at),
  compareFile: async (live, file, at) => inlineValidator.compareFile(await revisionOf(live), file, at),
};

const doJob = ({ does, asked }: Job): Promise<unknown> =>
  (jobs[does] as (...asked: Job['asked']) => Promise<unknown>)(...asked);

const answerTo = async (job: Job): Promise<Answer<unknown>> => {
  try {
    return { done: await doJob(job) };
  } catch (error) {
    if (!(error instanceof FileUnreadable)) return { failed: String(error) };
    return { unreadable: { file: error.file, reason: error.reason } };
  }
};

parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await answerTo(job)));
