/** The thread behind `judge-thread.ts`: does one job after the other, and remembers the last tables. */
import { MessageChannel, type MessagePort, parentPort } from 'node:worker_threads';
import { FileUnreadable } from '../../base/errors.ts';
import type { Table } from '../../routing/table.ts';
import { type KeptRevision, type Revision, sourcesOf, type TableSources } from '../source/sources.ts';
import type { Candidate } from './candidate.ts';
import type { Change } from './change.ts';
import { type FileJudged, type Judged, judgeHere } from './judging.ts';
import { takeApart } from './table-pieces.ts';

export type Job =
  | { readonly does: 'judge'; readonly sources: TableSources; readonly at: number }
  | { readonly does: 'judge-file'; readonly file: string; readonly at: number }
  | { readonly does: 'describe'; readonly before: KeptRevision; readonly after: KeptRevision; readonly at: number }
  | { readonly does: 'compare-file'; readonly live: KeptRevision; readonly file: string; readonly at: number };

/** Without the table, which comes in pieces of its own. */
export type JudgedAway = Omit<FileJudged, 'revision'> & { readonly kept: KeptRevision | undefined };

export type Done =
  /** `pieces`: a port that holds a table's pieces, where there is one. */
  | { readonly is: 'judged'; readonly judged: JudgedAway; readonly pieces: MessagePort | undefined }
  | { readonly is: 'described'; readonly change: Change }
  | { readonly is: 'compared'; readonly candidate: Candidate }
  | { readonly is: 'unreadable'; readonly message: string }
  | { readonly is: 'failed'; readonly reason: string };

/** Two that are compared, and one that is new. */
const REMEMBERED_AT_MOST = 3;

const remembered = new Map<string, Table>();

const remember = ({ table }: Revision): void => {
  remembered.delete(table.revision);
  remembered.set(table.revision, table);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_AT_MOST && oldest !== undefined) remembered.delete(oldest);
};

const revisionOf = async (kept: KeptRevision): Promise<Revision> => {
  const table = remembered.get(kept.revision);
  if (table) return { kept, table };
  const { revision } = await judgeHere.judge(sourcesOf(kept, `revision ${kept.revision}`), kept.checkedAt);
  if (revision === undefined) throw new Error(`revision ${kept.revision} is not good any more`);
  remember(revision);
  return revision;
};

/** Waiting, copied already, for whoever takes them. */
const piecesOf = (table: Table): MessagePort => {
  const { port1, port2 } = new MessageChannel();
  for (const piece of takeApart(table)) port1.postMessage(piece);
  return port2;
};

const judged = ({ revision, ...rest }: Judged & Partial<FileJudged>): Done => {
  if (revision) remember(revision);
  const { content = '', prefixList, problems } = rest;
  const pieces = revision && piecesOf(revision.table);
  return { is: 'judged', judged: { content, prefixList, problems, kept: revision?.kept }, pieces };
};

const doJob = async (job: Job): Promise<Done> => {
  if (job.does === 'judge') return judged(await judgeHere.judge(job.sources, job.at));
  if (job.does === 'judge-file') return judged(await judgeHere.judgeFile(job.file, job.at));
  if (job.does === 'compare-file')
    return { is: 'compared', candidate: await judgeHere.compareFile(await revisionOf(job.live), job.file, job.at) };
  const [before, after] = [await revisionOf(job.before), await revisionOf(job.after)];
  return { is: 'described', change: await judgeHere.describe(before, after, job.at) };
};

const doSafely = (job: Job): Promise<Done> =>
  doJob(job).catch((error: unknown) =>
    error instanceof FileUnreadable
      ? { is: 'unreadable', message: error.message }
      : { is: 'failed', reason: String(error) },
  );

parentPort?.on('message', async (job: Job) => {
  const done = await doSafely(job);
  parentPort?.postMessage(done, done.is === 'judged' && done.pieces ? [done.pieces] : []);
});
