/**
 * Counters for Prometheus: they begin at zero with the service, and only rise. (The board's levels also count records of
 * before the start. Counters that did so would count calls twice.)
 */
import { CallViews, isMissed, OUTCOMES, type Outcome } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import { WAIT_EDGES } from './levels.ts';

/** Most series of one kind. Beyond, a call counts under number `other`. */
const SERIES_AT_MOST = 20_000;

/** Labels by their names, in order. */
export interface Counts {
  readonly labels: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

export interface WaitSeries {
  readonly number: string;
  readonly result: 'answered' | 'missed';
  /** Calls in each bar, not cumulative. The last bar is for waits above every edge. */
  readonly bars: readonly number[];
  readonly sumSeconds: number;
}

const SEPARATOR = '\u0000';

class Counter {
  readonly #counts = new Map<string, number>();

  add(...labels: readonly string[]): void {
    const key = labels.join(SEPARATOR);
    const isRoom = this.#counts.has(key) || this.#counts.size < SERIES_AT_MOST;
    const kept = isRoom ? key : ['other', ...labels.slice(1)].join(SEPARATOR);
    this.#counts.set(kept, (this.#counts.get(kept) ?? 0) + 1);
  }

  /** Begins a series at 0: in one that first appears with 1, Prometheus sees no rise. */
  begin(...labels: readonly string[]): void {
    const key = labels.join(SEPARATOR);
    if (!this.#counts.has(key) && this.#counts.size < SERIES_AT_MOST) this.#counts.set(key, 0);
  }

  get all(): readonly (readonly [labels: readonly string[], count: number])[] {
    return Array.from(this.#counts, ([key, count]) => [key.split(SEPARATOR), count]);
  }
}

export class Totals {
  readonly #arrived = new Counter();
  readonly #ended = new Counter();
  readonly #within = new Counter();
  readonly #over = new Counter();
  readonly #waits = new Map<string, { bars: number[]; sumSeconds: number }>();
  readonly #calls = new CallViews();
  #lost = 0;

  take(record: PastRecord): void {
    const step = this.#calls.take(record);
    if (step === undefined) return;
    const { number, region } = record;
    if (record.type === 'arrived') this.#arrive(number ?? 'none', region ?? 'none');
    if (record.type === 'answered' && step.before.waitedMs === null) this.#firstAnswer(record);
    if (record.type === 'ended') this.#end(record, step.after.outcome ?? 'no-answer');
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

  #firstAnswer({ number, region, waitedMs }: Extract<PastRecord, { type: 'answered' }>): void {
    for (const seconds of [15, 30])
      if (waitedMs <= seconds * 1000) this.#within.add(number ?? 'none', region ?? 'none', String(seconds));
    this.#over.add(number ?? 'none', region ?? 'none', 'answered');
    this.#waited(number ?? 'none', 'answered', waitedMs / 1000);
  }

  #end({ number, region, ms, answeredBy }: Extract<PastRecord, { type: 'ended' }>, outcome: Outcome): void {
    this.#ended.add(number ?? 'none', region ?? 'none', outcome);
    if (outcome === 'lost' || outcome === 'failure') this.#lost += 1;
    if (!isMissed(outcome) || answeredBy !== null) return;
    this.#over.add(number ?? 'none', region ?? 'none', 'missed');
    this.#waited(number ?? 'none', 'missed', ms / 1000);
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
