/** One file of the spool: whole lines. The first has the number in the file's name. */
import {
  close,
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CALLERS_MODE } from '../../base/files.ts';

const NEWLINE = 10;
const NAME = /^\d{16}\.ndjson$/;
const PIECE_BYTES = 1 << 20;

/** What a spool needs of a disk. Tests have one that fills up, or is slow. */
export interface SpoolDisk {
  open(path: string): number;
  /** @returns bytes written: fewer than given where the disk fills up. @throws what the file system says. */
  writeNow(fd: number, bytes: Buffer): number;
  write(fd: number, bytes: Buffer): Promise<number>;
  cutTo(fd: number, size: number): void;
  sync(fd: number): Promise<void>;
  close(fd: number): Promise<void>;
  remove(path: string): void;
}

const [writeLater, syncLater, closeLater] = [promisify(write), promisify(fdatasync), promisify(close)];

export const realSpoolDisk: SpoolDisk = {
  open: (path) => openSync(path, 'a', CALLERS_MODE),
  writeNow: (fd, bytes) => writeSync(fd, bytes),
  write: async (fd, bytes) => (await writeLater(fd, bytes)).bytesWritten,
  cutTo: ftruncateSync,
  sync: syncLater,
  close: closeLater,
  remove: unlinkSync,
};

export interface Segment {
  readonly path: string;
  /** Number of its first line. */
  readonly first: number;
  lines: number;
  bytes: number;
}

export const segmentPath = (dir: string, first: number): string =>
  join(dir, `${String(first).padStart(16, '0')}.ndjson`);

export const endOf = ({ first, lines }: Segment): number => first + lines;

/** Counts the whole lines, and cuts off a line that a crash has left half written. */
const recover = (path: string): { lines: number; bytes: number } => {
  const fd = openSync(path, 'r+');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let [lines, bytes, at] = [0, 0, 0];
    for (let size = readSync(fd, piece, 0, PIECE_BYTES, at); size > 0; size = readSync(fd, piece, 0, PIECE_BYTES, at)) {
      for (let n = piece.indexOf(NEWLINE); n >= 0 && n < size; n = piece.indexOf(NEWLINE, n + 1)) {
        lines += 1;
        bytes = at + n + 1;
      }
      at += size;
    }
    if (fstatSync(fd).size > bytes) ftruncateSync(fd, bytes);
    return { lines, bytes };
  } finally {
    closeSync(fd);
  }
};

/** The segments that a spool was left with, the oldest first. Empty ones are removed. */
export function findSegments(dir: string): Segment[] {
  const names = readdirSync(dir).filter((name) => NAME.test(name));
  const found = names.toSorted().map((name) => {
    const path = join(dir, name);
    return { path, first: Number.parseInt(name, 10), ...recover(path) };
  });
  for (const { path } of found.filter(({ lines }) => lines === 0)) unlinkSync(path);
  return found.filter(({ lines }) => lines > 0);
}

/** Reads line after line, and remembers its position, since a reader mostly reads on. */
export class SegmentReader {
  #path = '';
  /** Number and offset of the next line. */
  #line = 0;
  #offset = 0;

  /** Lines from number `from` on: at most so many, and no more than the segment says it has. */
  async read({ path, first, lines, bytes }: Segment, from: number, most: number): Promise<readonly string[]> {
    if (path !== this.#path || from < this.#line) [this.#path, this.#line, this.#offset] = [path, first, 0];
    const found: string[] = [];
    const end = Math.min(first + lines, from + most);
    await using file = await open(path, 'r');
    let rest = Buffer.alloc(0);
    let at = this.#offset;
    while (this.#line < end && at < bytes) {
      const piece = Buffer.alloc(Math.min(PIECE_BYTES, bytes - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      rest = this.#take(Buffer.concat([rest, piece.subarray(0, bytesRead)]), from, end, found);
    }
    return found;
  }

  /** @returns what comes after the last whole line, or the last one wanted. */
  #take(text: Buffer, from: number, end: number, found: string[]): Buffer<ArrayBuffer> {
    let begin = 0;
    for (let n = text.indexOf(NEWLINE); n >= 0 && this.#line < end; n = text.indexOf(NEWLINE, begin)) {
      if (this.#line >= from) found.push(text.toString('utf8', begin, n));
      this.#offset += n + 1 - begin;
      this.#line += 1;
      begin = n + 1;
    }
    return Buffer.from(text.subarray(begin));
  }
}
