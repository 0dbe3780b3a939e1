/** Without Redis, records come straight from the spool. Each sink has a position of its own; one file keeps them all. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { whyNotWritten, writeWhole } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import type { Batch, Source } from '../deliverer.ts';
import { SegmentReader } from './segment.ts';
import type { Spool } from './spool.ts';

const WAIT_MS = 1_000;
/** After a crash, what was delivered within so long is delivered again. */
const KEEP_EVERY_MS = 100;

const positionsShape = z.record(z.string(), z.number());

/**
 * How far each sink has come. What all sinks of the settings have is confirmed to the spool. The position of any other sink
 * (one of a version that knows more kinds, say) stays in the file as it is.
 */
export class Positions {
  readonly #file: string;
  readonly #spool: Spool;
  readonly #log: Logger;
  readonly #sinks: readonly string[];
  readonly #positions: Map<string, number>;
  #keeping: NodeJS.Timeout | undefined;
  #isKept = true;

  private constructor(
    file: string,
    spool: Spool,
    log: Logger,
    known: Readonly<Record<string, number>>,
    sinks: readonly string[],
  ) {
    this.#file = file;
    this.#spool = spool;
    this.#log = log;
    this.#sinks = sinks;
    const own = sinks.map((sink) => [sink, known[sink] ?? spool.confirmed] as const);
    this.#positions = new Map([...Object.entries(known), ...own]);
  }

  /** A sink that is new, or whose position is not known any more, begins with the first record that is kept. */
  static async open(dir: string, spool: Spool, sinks: readonly string[], log: Logger): Promise<Positions> {
    const file = join(dir, 'places.json');
    const text = await readFile(file, 'utf8').catch(() => '{}');
    const known = readPositions(text);
    return new Positions(file, spool, log, known, sinks);
  }

  of(sink: string): number {
    return Math.max(this.#positions.get(sink) ?? 0, this.#spool.confirmed);
  }

  move(sink: string, next: number): void {
    this.#positions.set(sink, next);
    this.#keeping ??= setTimeout(() => void this.keep(), KEEP_EVERY_MS);
  }

  /** Writes the positions, and only then lets the spool forget. */
  async keep(): Promise<void> {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    const upTo = Math.min(...this.#sinks.map((sink) => this.#positions.get(sink) ?? 0));
    const text = JSON.stringify(Object.fromEntries(this.#positions));
    try {
      await writeWhole(this.#file, text, { soleWriter: true });
      this.#isKept = true;
    } catch (error) {
      if (this.#isKept) this.#log.error({}, `how far sinks have come cannot be kept: ${whyNotWritten(error)}`);
      this.#isKept = false;
    }
    this.#spool.confirm(upTo);
  }
}

const readPositions = (text: string): Readonly<Record<string, number>> => {
  try {
    return positionsShape.parse(JSON.parse(text));
  } catch {
    return {}; // cut off by a crash: everything that is kept is delivered again
  }
};

export class SpoolSource implements Source {
  readonly #spool: Spool;
  readonly #positions: Positions;
  readonly #sink: string;
  readonly #reader = new SegmentReader();
  readonly #stopping = new AbortController();

  constructor(spool: Spool, positions: Positions, sink: string) {
    this.#spool = spool;
    this.#positions = positions;
    this.#sink = sink;
  }

  async next(most: number): Promise<Batch | undefined> {
    const from = this.#positions.of(this.#sink);
    await this.#spool.more(from, WAIT_MS, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return undefined;
    const { lines, next } = await this.#spool.read(from, most, this.#reader);
    if (lines.length === 0) return undefined;
    return { lines, isHeld: () => true, done: async () => this.#positions.move(this.#sink, next) };
  }

  async progress() {
    return { backlog: this.#spool.backlog(this.#positions.of(this.#sink)), isHeld: true, dropped: 0 };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }
}
