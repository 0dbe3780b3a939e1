/**
 * Checks tables and compares two, which takes time. The service does it on a thread (`thread.ts`), commands and tests do it
 * in place.
 */
import type { Problem } from '../../routing/problems.ts';
import {
  contentOf,
  keep,
  prefixListOf,
  type Revision,
  readSources,
  type TableRead,
  type TableSources,
  validate,
} from '../source/sources.ts';
import { type Candidate, compareFile } from './candidate.ts';
import { type Change, describeChange } from './change.ts';

export interface Validated {
  /** Absent when there is an error. */
  readonly revision: Revision | undefined;
  readonly problems: readonly Problem[];
}

/** Of a table's file. */
export interface ValidatedFile extends Validated {
  /** Hash of the content. */
  readonly content: string;
  /** Where the prefix list lies that it names. */
  readonly prefixList: string | undefined;
}

export interface Validator {
  /** @param at the clock its expectations are run by, Unix milliseconds. */
  validate(sources: TableSources, at: number): Promise<Validated>;
  /** @throws FileUnreadable */
  validateFile(file: string, at: number): Promise<ValidatedFile>;
  /** @param at the clock by which both are asked, Unix milliseconds. */
  describe(before: Revision, after: Revision, at: number): Promise<Change>;
  /** What a table's file would change, were it to go live. @param at as for `validate`. @throws FileUnreadable */
  compareFile(live: Revision, file: string, at: number): Promise<Candidate>;
  stop(): Promise<void>;
}

const validateNow = (sources: TableSources, at: number, draft?: TableRead['draft']): Validated => {
  const { table, problems } = validate(sources, new Date(at), draft);
  return { revision: table && { table, kept: keep(sources, table.revision, at) }, problems };
};

/** What `readSources` has read. */
const validateRead = (file: string, { sources, draft }: TableRead, at: number): ValidatedFile => ({
  ...validateNow(sources, at, draft),
  content: contentOf(sources),
  prefixList: prefixListOf(file, draft),
});

/** On the calling thread, which does nothing else meanwhile. */
export const inlineValidator: Validator = Object.freeze({
  validate: async (sources: TableSources, at: number) => validateNow(sources, at),
  validateFile: async (file: string, at: number) => validateRead(file, await readSources(file), at),
  describe: async (before: Revision, after: Revision, at: number) =>
    describeChange(before.table, after.table, new Date(at)),
  compareFile: (live: Revision, file: string, at: number) => compareFile(live.table, file, at),
  stop: async () => undefined,
});
