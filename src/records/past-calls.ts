/**
 * Calls of the past, each once, out of their records: what was known when they arrived, and what was decided. Memory is
 * bounded, however many records come.
 */
import type { PastCall } from '../routing/compare/replay.ts';
import { type ArchiveLine, type ArchiveOptions, readArchive } from './archive.ts';
import type { PastRecord } from './record.ts';

/** Calls that have arrived and whose `routed` is still to come. The oldest is given up first. */
const WAITING_AT_MOST = 100_000;
/** Counted calls that are remembered at least, and twice as many at most. A repeat of an older one counts again. */
const REMEMBERED = 500_000;
/** Bad lines of which the place is told. Further ones are only counted. */
const TOLD_AT_MOST = 20;

/** Only `arrived` and `routed` matter. Both end in this as JSON text, and no other type does. */
const isWanted = (line: string): boolean => line.includes('arrived"') || line.includes('routed"');

export interface ReadCounts {
  /** Lines that are records. */
  readonly records: number;
  /** Records of types that say nothing of where a call goes. */
  readonly skipped: number;
  /** Records of a call that had been counted already. */
  readonly repeated: number;
  /** Calls of which one of the two records is missing. */
  readonly incomplete: number;
  readonly bad: number;
  /** The first of them. */
  readonly badLines: readonly { readonly file: string; readonly line: number; readonly reason: string }[];
}

/** Remembers the latest keys, between one and two generations of them. */
class Recent {
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  add(key: string): void {
    this.#young.add(key);
    if (this.#young.size < REMEMBERED) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }
}

type Of<T extends PastRecord['type']> = Extract<PastRecord, { readonly type: T }>;

export interface PastCallsOptions {
  /** A call counts without its `routed` record: another table says what was decided. */
  readonly withoutRouted: boolean;
  readonly take: (call: PastCall) => void;
}

export class PastCalls {
  readonly #options: PastCallsOptions;
  readonly #waiting = new Map<string, PastCall>();
  readonly #counted = new Recent();
  readonly #counts = { records: 0, skipped: 0, repeated: 0, incomplete: 0, bad: 0 };
  readonly #badLines: ReadCounts['badLines'][number][] = [];

  constructor(options: PastCallsOptions) {
    this.#options = options;
  }

  get counts(): ReadCounts {
    const { incomplete } = this.#counts;
    return { ...this.#counts, incomplete: incomplete + this.#waiting.size, badLines: this.#badLines };
  }

  /** Reads a record file. May be called for one file after another. @throws FileUnreadable */
  async read(file: string, options: Omit<ArchiveOptions, 'isWanted'>): Promise<void> {
    for await (const lines of readArchive(file, { ...options, isWanted })) for (const line of lines) this.take(line);
  }

  take({ file, number, record, bad }: ArchiveLine): void {
    if (bad !== undefined) {
      this.#counts.bad++;
      if (this.#badLines.length < TOLD_AT_MOST) this.#badLines.push({ file, line: number, reason: bad.slice(0, 200) });
      return;
    }
    this.#counts.records++;
    if (record?.type === 'arrived') this.#arrived(record);
    else if (record?.type === 'routed') this.#routed(record);
    else this.#counts.skipped++;
  }

  #arrived({ callId, at, dialled, caller, trunk }: Of<'arrived'>): void {
    if (this.#waiting.has(callId) || this.#counted.has(callId)) {
      this.#counts.repeated++;
      return;
    }
    const call = { callId, facts: { dialled, caller, trunk }, at: new Date(at), was: undefined };
    if (this.#options.withoutRouted) this.#give(call);
    else this.#wait(call);
  }

  #wait(call: PastCall): void {
    this.#waiting.set(call.callId, call);
    if (this.#waiting.size <= WAITING_AT_MOST) return;
    const [oldest] = this.#waiting.keys();
    this.#waiting.delete(oldest ?? '');
    this.#counts.incomplete++;
  }

  #routed({ callId, number, region, plan }: Of<'routed'>): void {
    if (this.#options.withoutRouted) return;
    const call = this.#waiting.get(callId);
    if (call === undefined) {
      if (this.#counted.has(callId)) this.#counts.repeated++;
      else this.#counts.incomplete++;
      return;
    }
    this.#waiting.delete(callId);
    this.#give({ ...call, was: { number, region, plan } });
  }

  #give(call: PastCall): void {
    this.#counted.add(call.callId);
    this.#options.take(call);
  }
}

/** Calls that have arrived since, each once, by what was known when they arrived. @throws FileUnreadable */
export const callsSince = (
  file: string,
  options: { readonly since: Date; readonly take: (call: PastCall) => void; readonly readAtMostBytes?: number },
): Promise<void> => new PastCalls({ withoutRouted: true, take: options.take }).read(file, options);
