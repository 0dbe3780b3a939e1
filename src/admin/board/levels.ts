/** Service levels by time, for all calls, each number and each region. */
import { Bins } from './bins.ts';
import type { Level, LevelsShown, MinuteShown, WaitsShown } from './shown.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Trends reach so far back. */
export const TREND_MINUTES = 360;
const SLICE_MS = 5 * MINUTE_MS;
const SLICES = DAY_MS / SLICE_MS;
/** Numbers of one table that get levels of their own. */
const KEYS_AT_MOST = 2_000;

/** Upper edges of the bars of waits, in seconds. */
export const WAIT_EDGES = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180] as const;

const FIELDS = ['arrived', 'answered', 'missed', 'within15', 'within30', 'waitedMs'] as const;
type Field = (typeof FIELDS)[number];

const levelOf = (counts: readonly number[]): Level =>
  Object.fromEntries(FIELDS.map((field, n) => [field, counts[n] ?? 0])) as unknown as Level;

const barOf = (waitedMs: number): number => {
  const bar = WAIT_EDGES.findIndex((edge) => waitedMs <= edge * 1000);
  return bar < 0 ? WAIT_EDGES.length : bar;
};

type Change = readonly (readonly [Field, number])[];

/** A wait that ended with an agent, in the fields it counts in. */
const answeredChange = (waitedMs: number): Change => [
  ['answered', 1],
  ['within15', waitedMs <= 15_000 ? 1 : 0],
  ['within30', waitedMs <= 30_000 ? 1 : 0],
  ['waitedMs', waitedMs],
];

export interface Counted {
  readonly number: string | null;
  readonly region: string | null;
}

export class Levels {
  readonly #minutes = new Bins(MINUTE_MS, TREND_MINUTES, FIELDS.length);
  readonly #day = new Bins(SLICE_MS, SLICES, FIELDS.length);
  readonly #bars = WAIT_EDGES.length + 1;
  readonly #waits = new Bins(SLICE_MS, 12, 2 * this.#bars);
  readonly #numbers = new Map<string, Bins>();
  readonly #regions = new Map<string, Bins>();

  arrived(call: Counted, at: number): void {
    this.#add(call, at, [['arrived', 1]]);
  }

  answered(call: Counted, at: number, waitedMs: number): void {
    this.#add(call, at, answeredChange(waitedMs));
    this.#waits.add(at, barOf(waitedMs));
  }

  /** @param waitedMs until the caller gave up, or was let go. */
  missed(call: Counted, at: number, waitedMs: number): void {
    this.#add(call, at, [['missed', 1]]);
    this.#waits.add(at, this.#bars + barOf(waitedMs));
  }

  hour = (now: number): Level => levelOf(this.#minutes.sums(now, HOUR_MS));
  day = (now: number): Level => levelOf(this.#day.sums(now, DAY_MS));

  minutes(now: number, count: number): readonly MinuteShown[] {
    return this.#minutes.series(now, count).map(({ at, counts }) => ({ at, ...levelOf(counts) }));
  }

  waits(now: number): WaitsShown {
    const sums = this.#waits.sums(now, HOUR_MS);
    return { edges: WAIT_EDGES, answered: sums.slice(0, this.#bars), missed: sums.slice(this.#bars) };
  }

  /** Of every number or region that had calls. @param live calls up now, by it. */
  of(what: 'numbers' | 'regions', now: number, live: ReadonlyMap<string, number>): readonly LevelsShown[] {
    const bins = what === 'numbers' ? this.#numbers : this.#regions;
    return Array.from(bins, ([id, each]) => ({
      id,
      live: live.get(id) ?? 0,
      hour: levelOf(each.sums(now, HOUR_MS)),
      day: levelOf(each.sums(now, DAY_MS)),
    }));
  }

  #add({ number, region }: Counted, at: number, change: Change): void {
    const bins = [this.#minutes, this.#day, this.#own(this.#numbers, number), this.#own(this.#regions, region)];
    for (const [field, amount] of change)
      for (const each of bins) if (amount > 0) each?.add(at, FIELDS.indexOf(field), amount);
  }

  #own(all: Map<string, Bins>, key: string | null): Bins | undefined {
    if (key === null) return undefined;
    const known = all.get(key);
    if (known !== undefined || all.size >= KEYS_AT_MOST) return known;
    const made = new Bins(SLICE_MS, SLICES, FIELDS.length);
    all.set(key, made);
    return made;
  }
}
