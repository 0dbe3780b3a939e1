/**
 * Counts since the start, for Prometheus: they only rise, and begin at nothing with the service. (The board's levels reach
 * back beyond the start; counters that did would count calls twice.)
 */
import type { PastRecord } from '../../records/record.ts';
import { WAIT_EDGES } from './levels.ts';

/** Series of one kind; beyond, a call counts under number `other`. */
const SERIES_AT_MOST = 20_000;

/** Labels by their names, in order. */
export interface Counts {
  readonly labels: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

export interface WaitSeries {
  readonly number: string;
  readonly result: 'answered' | 'missed';
  /** Of each bar, not added up; the last is for those above every edge. */
  readonly bars: readonly number[];
  readonly sumSeconds: number;
}

/** Calls that are up at once; one that another controller has taken over never ends here. */
const CALLS_AT_MOST = 50_000;

/** What becomes of a call that is in the table. */
const OUTCOMES = ['answered', 'gave-up', 'no-answer', 'failure', 'lost', 'given-back'];

const SEPARATOR = '\u0000';

class Counter {
  readonly #counts = new Map<string, number>();

  add(...labels: readonly string[]): void {
    const key = labels.join(SEPARATOR);
    const isRoom = this.#counts.has(key) || this.#counts.size < SERIES_AT_MOST;
    const kept = isRoom ? key : ['other', ...labels.slice(1)].join(SEPARATOR);
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
  }

  /** A series that is there from nothing on: Prometheus sees no rise in one that first appears with 1. */
  begin(...labels: readonly string[]): void {
    const key = labels.join(SEPARATOR);
    if (!this.#counts.has(key) && this.#counts.size < SERIES_AT_MOST) this.#counts.set(key, 0);
  }

  get all(): readonly (readonly [labels: readonly string[], count: number])[] {
    return Array.from(this.#counts, ([key, count]) => [key.split(SEPARATOR), count]);
  }
}

type Ended = Extract<PastRecord, { type: 'ended' }>;

/** What became of a call. `lost`: the PBX died under it; an end that nobody saw counts as why the caller is to be called back. */
const outcomeOf = ({ number, answeredBy, cause, by }: Ended, missed: string | undefined): string => {
  if (number === null) return 'refused';
  if (answeredBy !== null && missed === undefined) return 'answered'; // else its agents had lost the caller
  if (cause === 'given-back') return 'given-back';
  if (by === 'switch' && cause !== 'unseen') return 'lost';
  return missed ?? 'no-answer';
};

export class Totals {
  readonly #arrived = new Counter();
  readonly #ended = new Counter();
  readonly #within = new Counter();
  readonly #over = new Counter();
  readonly #waits = new Map<string, { bars: number[]; sumSeconds: number }>();
  /** Calls answered already, and why others were missed; let go of when they end. */
  readonly #answered = new Set<string>();
  readonly #missed = new Map<string, string>();
  #lost = 0;

  take(record: PastRecord): void {
    const { number, region, callId } = record;
    if (record.type === 'arrived') this.#arrive(number ?? 'none', region ?? 'none');
    if (record.type === 'missed') this.#missed.set(callId, record.reason); // its end follows at once
    if (record.type === 'answered') this.#firstAnswer(record);
    if (record.type === 'ended') this.#end(record);
  }

  get arrived() {
    return this.#arrived.all;
  }

  /** Calls that a failure of ours, or the death of a PBX, has cost. */
  get lost(): number {
    return this.#lost;
  }

  /** Labels number, region, outcome. */
  get ended() {
    return this.#ended.all;
  }

  /** Labels number, region, `15` or `30`: calls answered within so many seconds of the INVITE. */
  get within() {
    return this.#within.all;
  }

  /** Labels number, region, `answered` or `missed`: calls whose wait is over, talk or not. What levels are shares of. */
  get over() {
    return this.#over.all;
  }

  get waits(): readonly WaitSeries[] {
    return Array.from(this.#waits, ([key, { bars, sumSeconds }]) => {
      const [number = '', result] = key.split(SEPARATOR);
      return { number, result: result as WaitSeries['result'], bars, sumSeconds };
    });
  }

  #arrive(number: string, region: string): void {
    this.#arrived.add(number, region);
    if (number === 'none') return;
    for (const outcome of OUTCOMES) this.#ended.begin(number, region, outcome);
    for (const seconds of ['15', '30']) this.#within.begin(number, region, seconds);
    for (const result of ['answered', 'missed']) this.#over.begin(number, region, result);
  }

  #firstAnswer({ callId, number, region, waitedMs }: Extract<PastRecord, { type: 'answered' }>): void {
    if (this.#answered.has(callId)) return;
    this.#answered.add(callId);
    const [oldest] = this.#answered;
    if (this.#answered.size > CALLS_AT_MOST && oldest !== undefined) this.#answered.delete(oldest);
    for (const seconds of [15, 30])
      if (waitedMs <= seconds * 1000) this.#within.add(number ?? 'none', region ?? 'none', String(seconds));
    this.#over.add(number ?? 'none', region ?? 'none', 'answered');
    this.#waited(number ?? 'none', 'answered', waitedMs / 1000);
  }

  #end(record: Ended): void {
    const { callId, number, region, ms } = record;
    const outcome = outcomeOf(record, this.#missed.get(callId));
    this.#ended.add(number ?? 'none', region ?? 'none', outcome);
    if (outcome === 'lost' || outcome === 'failure') this.#lost += 1;
    const isMissed = outcome !== 'answered' && outcome !== 'given-back' && outcome !== 'refused';
    if (isMissed && record.answeredBy === null) {
      this.#over.add(number ?? 'none', region ?? 'none', 'missed');
      this.#waited(number ?? 'none', 'missed', ms / 1000);
    }
    this.#answered.delete(callId);
    this.#missed.delete(callId);
  }

  #waited(number: string, result: WaitSeries['result'], seconds: number): void {
    const key = `${this.#waits.size < SERIES_AT_MOST ? number : 'other'}${SEPARATOR}${result}`;
    const series = this.#waits.get(key) ?? { bars: new Array<number>(WAIT_EDGES.length + 1).fill(0), sumSeconds: 0 };
    const edge = WAIT_EDGES.findIndex((each) => seconds <= each);
    const bar = edge < 0 ? WAIT_EDGES.length : edge;
    series.bars[bar] = (series.bars[bar] ?? 0) + 1;
    series.sumSeconds += seconds;
    this.#waits.set(key, series);
  }
}
