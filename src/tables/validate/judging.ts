/**
 * What a change of table costs time: checking a table and telling two apart. Whoever changes the table asks for both here;
 * `thread.ts` does it beside the event loop.
 */
import type { Problem } from '../../routing/problems.ts';
import {
  contentOf,
  judge,
  keep,
  prefixListOf,
  type Revision,
  readSources,
  type TableRead,
  type TableSources,
} from '../source/sources.ts';
import { type Candidate, compareFile } from './candidate.ts';
import { type Change, describeChange } from './change.ts';

export interface Judged {
  /** Absent when there is an error. */
  readonly revision: Revision | undefined;
  readonly problems: readonly Problem[];
}

/** Of a table's file. */
export interface FileJudged extends Judged {
  /** What tells this content from another. */
  readonly content: string;
  /** Where the prefix list lies that it names. */
  readonly prefixList: string | undefined;
}

export interface Judging {
  /** @param at the clock its expectations are run by, Unix milliseconds. */
  judge(sources: TableSources, at: number): Promise<Judged>;
  /** @throws FileUnreadable */
  judgeFile(file: string, at: number): Promise<FileJudged>;
  /** @param at the clock by which both are asked, Unix milliseconds. */
  describe(before: Revision, after: Revision, at: number): Promise<Change>;
  /** What a table's file would change, were it to go live. @param at as for `judge`. @throws FileUnreadable */
  compareFile(live: Revision, file: string, at: number): Promise<Candidate>;
  stop(): Promise<void>;
}

const judgeNow = (sources: TableSources, at: number, draft?: TableRead['draft']): Judged => {
  const { table, problems } = judge(sources, new Date(at), draft);
  return { revision: table && { table, kept: keep(sources, table.revision, at) }, problems };
};

/** What `readSources` has read. */
const judgeRead = (file: string, { sources, draft }: TableRead, at: number): FileJudged => ({
  ...judgeNow(sources, at, draft),
  content: contentOf(sources),
  prefixList: prefixListOf(file, draft),
});

/** On the thread that asks, which does nothing else meanwhile. */
export const judgeHere: Judging = Object.freeze({
  judge: async (sources: TableSources, at: number) => judgeNow(sources, at),
  judgeFile: async (file: string, at: number) => judgeRead(file, await readSources(file), at),
  describe: async (before: Revision, after: Revision, at: number) =>
    describeChange(before.table, after.table, new Date(at)),
  compareFile: (live: Revision, file: string, at: number) => compareFile(live.table, file, at),
  stop: async () => undefined,
});
