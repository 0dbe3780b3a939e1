/**
 * Calls that arrived lately, out of a record file that only grows: its end is read, however long the file is.
 * Records lie about in the order of their time, so a look here and there finds where to begin.
 */
import { open, stat } from 'node:fs/promises';
import type { PastCall } from '../routing/compare/replay.ts';
import { recordLines } from './lines.ts';
import { PastCalls } from './past-calls.ts';

/** Most that is read: some 35,000 calls and a second's work, never 0.1 s at a stretch; of a day with more, the last of its calls. */
export const READ_AT_MOST_BYTES = 64 * 1024 * 1024;
/** First look back; each further one is twice as far. */
const LOOK_BACK_BYTES = 256 * 1024;
/** Enough for the rest of one record and the whole of the next. */
const PROBE_BYTES = 64 * 1024;

export interface LastCallsOptions {
  /** Calls that arrived before are none of these. */
  readonly since: Date;
  readonly take: (call: PastCall) => void;
  readonly readAtMostBytes?: number;
}

/** When the first record of a piece was written that is whole; undefined: none is. */
const timeIn = (piece: string): number | undefined => {
  const [, at] = /\n\{[^\n]*?"at":"([^"]+)"/.exec(piece) ?? [];
  return at === undefined ? undefined : Date.parse(at);
};

/** A place behind which everything since then is, or what may be read of it. Undefined: no file of records. */
const startOf = async (file: string, since: Date, readAtMostBytes: number): Promise<number | undefined> => {
  const found = await stat(file);
  if (!found.isFile()) return undefined; // a pipe would have us wait for whoever writes
  await using handle = await open(file, 'r');
  const { size } = found;
  const earliest = Math.max(0, size - readAtMostBytes);
  const probe = Buffer.alloc(PROBE_BYTES);
  for (let back = LOOK_BACK_BYTES; size - back > earliest; back *= 2) {
    const start = size - back;
    const { bytesRead } = await handle.read(probe, 0, PROBE_BYTES, start);
    const at = timeIn(probe.toString('utf8', 0, bytesRead));
    if (at !== undefined && at < since.getTime()) return start;
  }
  return earliest;
};

export interface KeptRecord {
  readonly record: { readonly at: string };
  /** As it stands in the file. */
  readonly line: string;
}

/** Records since then, in order, many at a time; of a file with more than may be read, the last. Broken lines are passed over. */
export async function* recordsSince(
  file: string,
  since: Date,
  readAtMostBytes = READ_AT_MOST_BYTES,
): AsyncGenerator<readonly KeptRecord[]> {
  const start = file.endsWith('.gz') ? 0 : await startOf(file, since, readAtMostBytes);
  if (start === undefined) return;
  for await (const lines of recordLines(file, start)) {
    yield lines.flatMap((line) => {
      const record = parsed(line);
      return record !== undefined && Date.parse(record.at) >= since.getTime() ? [{ record, line }] : [];
    });
  }
}

const parsed = (line: string): { readonly at: string } | undefined => {
  try {
    const record: unknown = JSON.parse(line);
    const isRecord = typeof record === 'object' && record !== null && 'at' in record && typeof record.at === 'string';
    return isRecord ? (record as { at: string }) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Each call once, by what was known when it arrived. The first line may be the rest of one and is not a record then.
 *
 * @throws FileUnreadable, or what the file system says.
 */
export const lastCalls = async (
  file: string,
  { since, take, readAtMostBytes = READ_AT_MOST_BYTES }: LastCallsOptions,
): Promise<void> => {
  const start = await startOf(file, since, readAtMostBytes);
  if (start === undefined) return;
  const calls = new PastCalls({ withoutRouted: true, take: (call) => void (call.at >= since && take(call)) });
  let line = 0;
  for await (const lines of recordLines(file, start)) for (const each of lines) calls.read(each, file, ++line);
};
