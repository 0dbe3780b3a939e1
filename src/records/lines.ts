/** Lines of a record file, many at a time: a million of them must not cost a million turns of the event loop. */
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileUnreadable } from '../base/errors.ts';

const CHUNK_BYTES = 1 << 20;
/** No record is as long; a longer line is handed on in its first part, and the rest is dropped. */
const LONGEST_LINE_BYTES = 1 << 20;
const NEWLINE = 10;

const open = (file: string, start: number): Readable => {
  const bytes = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  if (!file.endsWith('.gz')) return bytes;
  return pipeline(bytes, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined); // whoever reads is told of errors
};

const linesIn = (bytes: Buffer): string[] => bytes.toString('utf8').split('\n');

/** Whole lines in order, without their ends, in batches; the last is there even where its end is missing. */
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
 * Reads an NDJSON file, plain or (`.gz`) compressed.
 *
 * @param start first byte that is read.
 * @throws FileUnreadable
 */
export async function* recordLines(file: string, start = 0): AsyncGenerator<readonly string[]> {
  try {
    yield* batches(open(file, start));
  } catch (error) {
    throw FileUnreadable.because(file, error);
  }
}
