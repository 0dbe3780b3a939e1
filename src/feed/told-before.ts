/**
 * What a controller told in its former lives of the calls that may still be up. The PBX remembers where a call stands, but a
 * kill falls between a record and that memory: which numbers are used, and which calls have no end, the records alone know.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../base/log.ts';
import { readArchive, readLine } from '../records/archive.ts';
import type { PastRecord } from '../records/record.ts';
import type { RecordSink } from './feed.ts';

/** A call that has ended may still be on the PBX, when the kill fell between its last record and its hang-up. */
const ENDED_REMEMBERED = 1_000;

/** How a record begins. Calls wait for this start, so only what is asked for is parsed: that is three times as fast. */
const HEAD = /^\{"v":1,"callId":"([^"\\]+)","seq":(\d+),.*?"type":"(\w+)"/;

/** The record file, and the segments of the spool, the oldest first. */
async function filesOf(records: string, spoolDir: string): Promise<readonly string[]> {
  const names = await readdir(spoolDir).catch(() => []);
  const segments = names.filter((name) => /^\d{16}\.ndjson$/.test(name)).toSorted();
  return [records, ...segments.map((name) => join(spoolDir, name))];
}

export class ToldBefore implements RecordSink {
  /** Call → number → line. */
  readonly #calls = new Map<string, Map<number, string>>();
  readonly #ended = new Set<string>();

  /**
   * To be read before the first record of this life.
   * @param spoolDir holds what the records file may lack: that is written in the background. Files that cannot be read are passed over.
   */
  static async read(records: string, spoolDir: string, log: Logger): Promise<ToldBefore> {
    const told = new ToldBefore();
    for (const file of await filesOf(records, spoolDir)) {
      try {
        for await (const lines of readArchive(file, { isWanted: () => false }))
          for (const { text, bad } of lines) if (bad === undefined) told.#add(text);
      } catch (error) {
        log.warn({ file, reason: String(error) }, 'what was told of former calls cannot be read here');
      }
    }
    return told;
  }

  #add(line: string): void {
    const [, callId, seq, type] = HEAD.exec(line) ?? [];
    if (callId === undefined) return;
    const lines = this.#calls.get(callId) ?? new Map<number, string>();
    this.#calls.set(callId, lines.set(Number(seq), line));
    if (type === 'ended') this.#hasEnded(callId);
  }

  /** What was told of a call, in order; empty: nothing was. */
  of(callId: string): readonly PastRecord[] {
    const lines = [...(this.#calls.get(callId) ?? [])].toSorted(([a], [b]) => a - b);
    return lines.flatMap(([, line]) => readLine(line).record ?? []);
  }

  /** Whether something was told of a call, and not its end. */
  isOpen(callId: string): boolean {
    return this.#calls.has(callId) && !this.#ended.has(callId);
  }

  /** The records of each call on a PBX that has no end so far, in order. */
  openOn(switchName: string): readonly (readonly PastRecord[])[] {
    const open = [...this.#calls.keys()].filter((callId) => this.isOpen(callId));
    return open.map((callId) => this.of(callId)).filter(([first]) => first?.switch === switchName);
  }

  /** Of this life: only that a call has ended. */
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
