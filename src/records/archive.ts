/**
 * The archive: records of the past, read back from files of one JSON object a line. Everybody who looks back (board, guard,
 * missed calls, takeover, replay, verify) reads here, so all agree on what a record is and how far back they look.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { z } from 'zod';
import { FileUnreadable } from '../base/errors.ts';
import { hasKnownType, isRecordHead, type PastRecord, pastRecordProblem, type RecordHead } from './record.ts';

/** Most that a service reads of the end of its record file: some 35,000 calls, about two seconds, in short stretches. */
const READ_AT_MOST_BYTES = 64 * 1024 * 1024;
/** First look back for a time; each further one is twice as far. */
const LOOK_BACK_BYTES = 256 * 1024;
/** Enough for the rest of one record and the whole of the next. */
const PROBE_BYTES = 64 * 1024;
const CHUNK_BYTES = 1 << 20;
/** No record is as long. Of a longer line the first part is given, and the rest is dropped. */
const LONGEST_LINE_BYTES = 1 << 20;
const NEWLINE = 10;

export interface ArchiveLine {
  readonly file: string;
  /** 1-based, counted from where reading began. */
  readonly number: number;
  readonly text: string;
  /** What every record begins with; undefined: not asked for, or not a record. */
  readonly head?: RecordHead;
  /** The whole record; undefined: as `head`, or its type or form is only known to another version. */
  readonly record?: PastRecord;
  /** Why the line cannot be used. */
  readonly bad?: string;
}

export interface ArchiveOptions {
  /** Lines of records that were written before are left out. They are passed over quickly, for times rise in a file. */
  readonly since?: Date;
  /** Other lines are not parsed, and come without a record. */
  readonly isWanted?: (line: string) => boolean;
  /** A file that a person has named: all of it is read, and it has to be there. */
  readonly isNamed?: boolean;
  readonly readAtMostBytes?: number;
}

/**
 * Lines in the order they were written, in batches, empty ones left out. The first line may be the rest of one.
 *
 * @throws FileUnreadable. A service's own file that is not there yet, or is no file, has no lines.
 */
export async function* readArchive(file: string, options: ArchiveOptions = {}): AsyncGenerator<readonly ArchiveLine[]> {
  const { since, isWanted } = options;
  const start = await startOf(file, options);
  if (start === undefined) return;
  let number = 0;
  for await (const texts of fileLines(file, start)) {
    const lines: ArchiveLine[] = [];
    for (const text of texts) {
      number += 1;
      const line = text.trim() === '' ? undefined : { file, number, ...readLine(text.trim(), isWanted) };
      if (line !== undefined && (since === undefined || isSince(line, since))) lines.push(line);
    }
    yield lines;
    await nextTurn();
  }
}

const isSince = ({ head }: ArchiveLine, since: Date): boolean =>
  head !== undefined && Date.parse(head.at) >= since.getTime();

/** A record is one JSON object in one line. What a crash has cut off does not end as one. */
const looksWhole = (line: string): boolean => line.startsWith('{') && line.endsWith('}');

/** One line, without spaces around it. A whole line of a type that is not known here is not bad. */
export function readLine(text: string, isWanted?: (line: string) => boolean): Omit<ArchiveLine, 'file' | 'number'> {
  if (!looksWhole(text)) return { text, bad: 'not a whole record' };
  if (isWanted?.(text) === false) return { text };
  const value = parsed(text);
  if (value === undefined) return { text, bad: 'not JSON' };
  const head = isRecordHead(value) ? value : undefined;
  if (!hasKnownType(value)) return { text, ...(head && { head }) };
  const problem = pastRecordProblem(value);
  if (problem === undefined) return { text, head: value as PastRecord, record: value as PastRecord };
  return { text, ...(head && { head }), bad: formatProblem(problem) };
}

const parsed = (text: string): object | undefined => {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
};

const KINDS: Readonly<Record<string, string>> = { string: 'text', array: 'a list', object: 'an object' };

/** The first thing that is wrong with a record, by the key it is in. */
const formatProblem = ({ issues: [issue] }: z.ZodError): string => {
  const key = issue?.path.join('.') ?? '';
  if (issue?.code === 'invalid_type')
    return `\`${key}\` is missing, or is not ${KINDS[issue.expected] ?? `a ${issue.expected}`}`;
  return key === 'at' ? '`at` is not a time with its offset' : `\`${key}\` is not as a record has it`;
};

/** The byte to read from; undefined: there is nothing to read. */
async function startOf(file: string, options: ArchiveOptions): Promise<number | undefined> {
  const { since, isNamed = false } = options;
  const { readAtMostBytes = isNamed ? Number.POSITIVE_INFINITY : READ_AT_MOST_BYTES } = options;
  if (file.endsWith('.gz')) return 0;
  try {
    const found = await stat(file);
    if (!found.isFile()) return isNamed ? 0 : undefined; // reading a pipe would wait for whoever writes to it
    const earliest = Math.max(0, found.size - readAtMostBytes);
    return since === undefined ? earliest : await startOfTime(file, found.size, earliest, since);
  } catch (error) {
    if (!isNamed && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw FileUnreadable.because(file, error);
  }
}

/** A byte before all records since then, not far before. Records lie about in the order of their time. */
async function startOfTime(file: string, size: number, earliest: number, since: Date): Promise<number> {
  await using handle = await open(file, 'r');
  const probe = Buffer.alloc(PROBE_BYTES);
  for (let back = LOOK_BACK_BYTES; size - back > earliest; back *= 2) {
    const { bytesRead } = await handle.read(probe, 0, PROBE_BYTES, size - back);
    const at = timeIn(probe.toString('utf8', 0, bytesRead));
    if (at !== undefined && at < since.getTime()) return size - back;
  }
  return earliest;
}

/** When the first whole record of a piece was written; undefined: it holds none. */
const timeIn = (piece: string): number | undefined => {
  const [, at] = /\n\{[^\n]*?"at":"([^"]+)"/.exec(piece) ?? [];
  return at === undefined ? undefined : Date.parse(at);
};

const openBytes = (file: string, start: number): Readable => {
  const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  if (!file.endsWith('.gz')) return bytes;
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined); // the reader is told of errors
};

const linesIn = (bytes: Buffer): string[] => bytes.toString('utf8').split('\n');

async function* batches(bytes: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      if (begun.length <= LONGEST_LINE_BYTES) begun = Buffer.concat([begun, chunk]);
      continue;
    }
    yield linesIn(Buffer.concat([begun, chunk.subarray(0, end)]));
    begun = Buffer.from(chunk.subarray(end + 1));
  }
  if (begun.length > 0) yield linesIn(begun);
}

/**
 * Lines of a text file, plain or compressed (`.gz`), in batches: a turn of the event loop for each of a million lines would
 * be slow. The last line is given even where its end is missing.
 *
 * @param start first byte that is read. @throws FileUnreadable
 */
export async function* fileLines(file: string, start = 0): AsyncGenerator<readonly string[]> {
  try {
    yield* batches(openBytes(file, start));
  } catch (error) {
    throw FileUnreadable.because(file, error);
  }
}
