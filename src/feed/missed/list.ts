/**
 * The list of callers to call back, as the service keeps it: in memory, and in a file that a restart reads. With Redis it is
 * joined every few seconds with the lists of the other controllers.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { CALLERS_MODE, whyNotWritten, writeWhole } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import { readArchive } from '../../records/archive.ts';
import type { CallRecord } from '../../records/record.ts';
import { masked } from '../../routing/numbering.ts';
import type { RecordSink } from '../feed.ts';
import { Closings, writeClosing } from './closings.ts';
import { MissedHash } from './hash.ts';
import {
  caseShape,
  entriesOf,
  entryOf,
  isOver,
  keyOf,
  type MissedCalls,
  type MissedCase,
  type MissedEntry,
  type MissedFact,
  MissedFacts,
  reduceCase,
} from './missed.ts';

const MISSED_FILE = 'missed.json';
const LOOK_EVERY_MS = 500;
/** How often controllers exchange their cases. */
const JOIN_EVERY_MS = 2_000;

export interface MissedListOptions {
  readonly dir: string;
  /** The record file. What came after the list was last kept is read from there. */
  readonly records: string;
  readonly redis: Redis | undefined;
  readonly keptMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

const fileShape = z.array(z.unknown());

/** The list as it was last kept, but for cases that cannot be read; empty where none was. */
async function readMissed(dir: string): Promise<readonly MissedCase[]> {
  try {
    const cases = fileShape.parse(JSON.parse(await readFile(join(dir, MISSED_FILE), 'utf8')));
    return cases.flatMap((each) => caseShape.safeParse(each).data ?? []);
  } catch {
    return [];
  }
}

/** The list for a command: as last kept, less what was closed since. */
export async function missedNow(dir: string): Promise<readonly MissedCase[]> {
  const cases = new Map((await readMissed(dir)).map((each) => [keyOf(each), each]));
  for (const { key, at } of await new Closings(dir).fresh()) {
    const after = reduceCase(cases.get(key), { kind: 'settled', key, at });
    if (after !== undefined) cases.set(key, after);
  }
  return [...cases.values()];
}

export class MissedList implements MissedCalls, RecordSink {
  readonly #options: MissedListOptions;
  readonly #hash: MissedHash | undefined;
  readonly #facts = new MissedFacts();
  readonly #closings: Closings;
  readonly #stopping = new AbortController();
  #cases = new Map<string, MissedCase>();
  #isKept = true;
  #isWarned = false;
  readonly #ready: Promise<void>;
  readonly #looking: Promise<void>;

  constructor(options: MissedListOptions) {
    this.#options = options;
    this.#hash = options.redis && new MissedHash(options.redis);
    this.#closings = new Closings(options.dir);
    this.#ready = this.#rebuild();
    this.#looking = this.#look();
  }

  take(record: CallRecord): void {
    const fact = this.#facts.of(record);
    if (fact !== undefined) this.#apply(fact);
  }

  async list(): Promise<readonly MissedEntry[]> {
    await this.#ready;
    await this.#joinOthers();
    return entriesOf(this.#cases.values());
  }

  async close(id: string, who: string): Promise<boolean> {
    await this.list();
    const found = [...this.#cases.values()].find((each) => entryOf(each)?.id === id);
    if (found === undefined) return false;
    await writeClosing(this.#options.dir, { key: keyOf(found), at: this.#isoNow(), who });
    await this.#readClosings();
    await this.#joinOthers();
    return true;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.#joinOthers();
    await this.#keep();
  }

  #isoNow(): string {
    return new Date(this.#options.now()).toISOString();
  }

  get #since(): Date {
    return new Date(this.#options.now() - this.#options.keptMs);
  }

  #apply(fact: MissedFact): void {
    const key = fact.kind === 'missed' ? keyOf(fact.case) : fact.key;
    const before = this.#cases.get(key);
    const after = reduceCase(before, fact);
    if (after === undefined || JSON.stringify(after) === JSON.stringify(before)) return;
    this.#cases.set(key, after);
    this.#isKept = false;
  }

  /** Reads the list as it was kept, and adds what the records say. What both say counts once. */
  async #rebuild(): Promise<void> {
    const { dir, records, log } = this.#options;
    for (const each of await readMissed(dir)) this.#apply({ kind: 'missed', case: each });
    const facts = new MissedFacts();
    try {
      for await (const lines of readArchive(records, { since: this.#since })) {
        for (const { record } of lines) {
          const fact = record && facts.of(record);
          if (fact !== undefined) this.#apply(fact);
        }
      }
    } catch (error) {
      log.info({ reason: String(error) }, 'no earlier records to find missed calls in');
    }
    await this.#readClosings();
  }

  async #look(): Promise<void> {
    await this.#ready;
    const { signal } = this.#stopping;
    for (let n = 0; !signal.aborted; n += 1) {
      await this.#readClosings();
      if (n % (JOIN_EVERY_MS / LOOK_EVERY_MS) === 0) await this.#joinOthers();
      await this.#keep();
      await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
    }
  }

  async #readClosings(): Promise<void> {
    for (const { key, at, who } of await this.#closings.fresh()) {
      const [number, caller] = key.split(' ');
      if (this.#cases.get(key)?.attempts.length)
        this.#options.log.info({ who, number, caller: masked(caller ?? null) }, 'a missed call is closed');
      this.#apply({ kind: 'settled', key, at });
    }
  }

  async #joinOthers(): Promise<void> {
    for (const [key, each] of this.#cases) if (isOver(each, this.#since)) this.#cases.delete(key);
    if (this.#hash?.isThere !== true) return;
    try {
      const all = await Promise.race([this.#hash.join(this.#cases, this.#since), pause(1_000, undefined)]);
      for (const each of all?.values() ?? []) this.#apply({ kind: 'missed', case: each });
    } catch (error) {
      this.#options.log.warn({}, `the list of missed calls cannot be shared: ${String(error)}`);
    }
  }

  async #keep(): Promise<void> {
    if (this.#isKept) return;
    const file = join(this.#options.dir, MISSED_FILE);
    this.#isKept = true;
    try {
      const cases = JSON.stringify([...this.#cases.values()]);
      await writeWhole(file, cases, { mode: CALLERS_MODE, soleWriter: true });
      this.#isWarned = false;
    } catch (error) {
      this.#isKept = false;
      if (!this.#isWarned) this.#options.log.error({ file }, `missed calls cannot be kept: ${whyNotWritten(error)}`);
      this.#isWarned = true;
    }
  }
}
