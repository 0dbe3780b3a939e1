/**
 * Keeps the board: gives it the records of the past from the record file, then each record as it comes, and drops calls that
 * no controller carries any more.
 */
import type { Logger } from '../../base/log.ts';
import type { RecordSink } from '../../feed/feed.ts';
import { readArchive } from '../../records/archive.ts';
import type { PastRecord } from '../../records/record.ts';
import { Board } from './board.ts';
import { Totals } from './totals.ts';

/** Within this time a controller that starts has adopted the calls that are up. */
const ADOPTED_WITHIN_MS = 30_000;
const LOOKED_AFTER_EVERY_MS = 10_000;

/** The records of one call out of a file, in order; empty: there are none in the part that is read. */
async function recordsOf(file: string, callId: string): Promise<readonly PastRecord[]> {
  const id = JSON.stringify(callId);
  const found = new Map<number, PastRecord>();
  for await (const lines of readArchive(file, { isWanted: (line) => line.includes(id) }))
    for (const { record } of lines) if (record?.callId === callId) found.set(record.seq, record);
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

export interface KeeperParts {
  /** File of the records. */
  readonly records: string;
  readonly log: Logger;
}

export class BoardKeeper implements RecordSink {
  readonly board = new Board();
  readonly totals = new Totals();
  readonly #logs = new CallLogs();
  readonly #parts: KeeperParts;
  /** Records that came while the past was read; undefined: it has been. */
  #held: PastRecord[] | undefined = [];
  #search: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Never throws: a call must not suffer from what is shown of it. */
  take(record: PastRecord): void {
    try {
      this.totals.take(record);
      if (this.#held) this.#held.push(record);
      else this.#show(record);
    } catch (error) {
      this.#parts.log.error({ call: record.callId, reason: String(error) }, 'the board could not show a record');
    }
  }

  /**
   * Reads the past, and from then on looks after calls whose end nobody saw.
   * @param carried ids of the calls that the controller carries.
   */
  async start(carried: () => ReadonlySet<string>): Promise<void> {
    const startedAt = performance.now();
    try {
      for await (const lines of readArchive(this.#parts.records))
        for (const { record } of lines) if (record !== undefined) this.#show(record);
    } catch (error) {
      this.#parts.log.warn({ reason: String(error) }, 'the record file cannot be read; the board begins empty');
    }
    for (const record of this.#held ?? []) this.#show(record);
    this.#held = undefined;
    const seconds = (performance.now() - startedAt) / 1000;
    this.#parts.log.info({ calls: this.board.size, seconds }, 'the board knows what the records say');
    this.#lookAfter(carried, performance.now() + ADOPTED_WITHIN_MS);
  }

  /** The records of a call; undefined: there are none. Those of long ago come out of the file, one search at a time. */
  async callLog(callId: string): Promise<readonly PastRecord[] | undefined> {
    const known = this.#logs.of(callId);
    if (known?.[0]?.seq === 0) return known;
    const search = this.#search.then(() => recordsOf(this.#parts.records, callId));
    this.#search = search.catch(() => undefined); // whoever asked is told
    const found = await search;
    return found.length > 0 ? found : known;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  #show(record: PastRecord): void {
    this.board.take(record);
    this.#logs.take(record);
  }

  #lookAfter(carried: () => ReadonlySet<string>, notBefore: number): void {
    this.#timer = setInterval(() => {
      if (performance.now() > notBefore) this.board.dropAllBut(carried());
    }, LOOKED_AFTER_EVERY_MS);
    this.#timer.unref();
  }
}

const ENDED_AT_MOST = 2_000;
const CALLS_AT_MOST = 52_000;
/** Records kept of one call. One that was transferred all day has more, and they are in the file. */
const RECORDS_AT_MOST = 200;

/** The records of calls that are up, and of those that ended lately, by call. */
export class CallLogs {
  readonly #logs = new Map<string, PastRecord[]>();
  /** In the order of their ends. */
  readonly #ended = new Set<string>();

  take(record: PastRecord): void {
    const log = this.#logs.get(record.callId) ?? [];
    if (log.length > 0 && record.seq <= (log.at(-1)?.seq ?? -1)) return;
    if (log.length < RECORDS_AT_MOST || record.type === 'ended') log.push(record);
    this.#logs.set(record.callId, log);
    if (record.type === 'ended') this.#ended.add(record.callId);
    this.#bound();
  }

  of(callId: string): readonly PastRecord[] | undefined {
    return this.#logs.get(callId);
  }

  #bound(): void {
    const [longestOver] = this.#ended;
    if (this.#ended.size > ENDED_AT_MOST && longestOver !== undefined) this.#drop(longestOver);
    const [oldest] = this.#logs.keys();
    if (this.#logs.size > CALLS_AT_MOST && oldest !== undefined) this.#drop(oldest);
  }

  #drop(callId: string): void {
    this.#ended.delete(callId);
    this.#logs.delete(callId);
  }
}
