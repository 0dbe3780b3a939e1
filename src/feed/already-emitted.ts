/**
 * Records that this controller emitted before it was started again, of calls that may still be up. The PBX keeps a checkpoint
 * of each call, but a kill can fall between a record and the next checkpoint. Only the records know which numbers are used,
 * and which calls have no end.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { readArchive, readLine } from '../records/archive.ts';
import type { PastRecord } from '../records/record.ts';
import type { RecordSink } from './feed.ts';

/** Calls that are kept although they have ended: a kill may fall between the last record and the hang-up on the PBX. */
const ENDED_REMEMBERED = 1_000;

/** How a record begins. Calls wait for this start, so only what is asked for is parsed: that is three times as fast. */
const HEAD = /^\{"v":1,"callId":"([^"\\]+)","seq":(\d+),.*?"type":"(\w+)"/;

/** The record file, and the segments of the spool, the oldest first. */
async function filesOf(records: string, spoolDir: string): Promise<readonly string[]> {
  const names = await readdir(spoolDir).catch(() => []);
  const segments = names.filter((name) => /^\d{16}\.ndjson$/.test(name)).toSorted();
  return [records, ...segments.map((name) => join(spoolDir, name))];
}

export class AlreadyEmitted implements RecordSink {
  /** Call → number → line. */
  readonly #calls = new Map<string, Map<number, string>>();
  readonly #ended = new Set<string>();

  /**
   * Has to be done before the first record is emitted. Files that cannot be read are passed over.
   *
   * @param spoolDir holds records that the record file, which is written in the background, may lack.
   */
  static async read(records: string, spoolDir: string, log: Logger): Promise<AlreadyEmitted> {
    const emitted = new AlreadyEmitted();
    for (const file of await filesOf(records, spoolDir)) {
      try {
        for await (const lines of readArchive(file, { isWanted: () => false }))
          for (const { text, bad } of lines) if (bad === undefined) emitted.#add(text);
      } catch (error) {
        log.warn({ file, reason: String(error) }, 'records that were emitted before cannot be read here');
      }
    }
    return emitted;
  }

  #add(line: string): void {
    const [, callId, seq, type] = HEAD.exec(line) ?? [];
    if (callId === undefined) return;
    const lines = this.#calls.get(callId) ?? new Map<number, string>();
    this.#calls.set(callId, lines.set(Number(seq), line));
    if (type === 'ended') this.#hasEnded(callId);
  }

  /** The records of a call, in order; empty: there are none. */
  of(callId: string): readonly PastRecord[] {
    const lines = [...(this.#calls.get(callId) ?? [])].toSorted(([a], [b]) => a - b);
    return lines.flatMap(([, line]) => readLine(line).record ?? []);
  }

  /** Whether a call has records, and no end. */
  isOpen(callId: string): boolean {
    return this.#calls.has(callId) && !this.#ended.has(callId);
  }

  /** The records, in order, of each call on a PBX that has no end so far. */
  openOn(switchName: string): readonly (readonly PastRecord[])[] {
    const open = [...this.#calls.keys()].filter((callId) => this.isOpen(callId));
    return open.map((callId) => this.of(callId)).filter(([first]) => first?.switch === switchName);
  }

  /** Of what is emitted now, only the ends matter. */
  take({ type, callId }: PastRecord): void {
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
