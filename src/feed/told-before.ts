/**
 * What a controller told in its former lives of the calls that may still be up. The PBX remembers where a call stands, but a
 * kill falls between a record and that memory: which numbers are used, and which calls have no end, the records alone know.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { READ_AT_MOST_BYTES } from '../records/last-calls.ts';
import { recordLines } from '../records/lines.ts';
import type { CallRecord } from '../records/record.ts';
import { recordShape } from '../records/record.ts';
import type { RecordSink } from './feed.ts';

/** A call that has ended may still be on the PBX, when the kill fell between its last record and its hang-up. */
const ENDED_REMEMBERED = 1_000;

/** As every record begins; the first of these keys are the record's own, for texts of people come later. */
const HEAD = /^\{"v":1,"callId":"([^"\\]+)","seq":(\d+),.*?"type":"(\w+)"/;

/** Number → line. */
type Lines = Map<number, string>;

/** The end of a file, and a spool's pieces, the oldest first: what lies on disk of the last calls. */
async function filesOf(
  records: string,
  spoolDir: string,
): Promise<readonly (readonly [file: string, start: number])[]> {
  const size = await stat(records).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  const names = await readdir(spoolDir).catch(() => []);
  const pieces = names.filter((name) => /^\d{16}\.ndjson$/.test(name)).toSorted();
  const tail = size === undefined ? [] : [[records, Math.max(0, size - READ_AT_MOST_BYTES)] as const];
  return [...tail, ...pieces.map((name) => [join(spoolDir, name), 0] as const)];
}

export class ToldBefore implements RecordSink {
  readonly #calls = new Map<string, Lines>();
  readonly #ended = new Set<string>();

  /**
   * To be read before the first record of this life.
   * @param spoolDir holds what the records file may lack: that is written in the background. Files that cannot be read are passed over.
   */
  static async read(records: string, spoolDir: string, log: Logger): Promise<ToldBefore> {
    const told = new ToldBefore();
    for (const [file, start] of await filesOf(records, spoolDir)) {
      try {
        for await (const lines of recordLines(file, start)) for (const line of lines) told.line(line);
      } catch (error) {
        log.warn({ file, reason: String(error) }, 'what was told of former calls cannot be read here');
      }
    }
    return told;
  }

  /** One line of a records file; what is no record is passed over. */
  line(line: string): void {
    const [, callId, number, type] = HEAD.exec(line) ?? [];
    if (callId === undefined || !line.endsWith('}')) return;
    const lines = this.#calls.get(callId) ?? new Map<number, string>();
    this.#calls.set(callId, lines.set(Number(number), line));
    if (type === 'ended') this.#hasEnded(callId);
  }

  /** What was told of a call, in order; empty: nothing was. */
  of(callId: string): readonly CallRecord[] {
    const lines = this.#calls.get(callId) ?? [];
    return [...lines].toSorted(([a], [b]) => a - b).flatMap(([, line]) => recordIn(line));
  }

  /** Whether something was told of a call, and not its end. */
  isOpen(callId: string): boolean {
    return this.#calls.has(callId) && !this.#ended.has(callId);
  }

  /** The records of each call on a PBX that has no end so far, in order. */
  openOn(switchName: string): readonly (readonly CallRecord[])[] {
    const open = [...this.#calls.keys()].filter((callId) => this.isOpen(callId));
    return open.map((callId) => this.of(callId)).filter(([first]) => first?.switch === switchName);
  }

  /** Of this life: only that a call has ended. */
  take({ type, callId }: CallRecord): void {
    if (type === 'ended' && this.#calls.has(callId)) this.#hasEnded(callId);
  }

  async stop(): Promise<void> {
    this.#calls.clear();
  }

  #hasEnded(callId: string): void {
    this.#ended.add(callId);
    const [oldest] = this.#ended;
    if (this.#ended.size <= ENDED_REMEMBERED || oldest === undefined) return;
    this.#ended.delete(oldest);
    this.#calls.delete(oldest);
  }
}

const recordIn = (line: string): readonly CallRecord[] => {
  try {
    const { data } = recordShape.safeParse(JSON.parse(line));
    return data === undefined ? [] : [data];
  } catch {
    return [];
  }
};
