/** Service levels by time, for all calls, each number and each region. */
import type { Level, LevelsShown, MinuteShown, WaitsShown } from './view-model.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** How far back trends reach. */
export const TREND_MINUTES = 360;
const SLICE_MS = 5 * MINUTE_MS;
const SLICES = DAY_MS / SLICE_MS;
/** Most numbers, or regions, that get levels of their own. */
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

/** The fields that a wait counts in, when it ends with an agent. */
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

  /** @param waitedMs until the caller gave up, or was released. */
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

  /** Levels of every number or region that had calls. @param live calls that are up, by number or region. */
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

/** Counts by time: a ring of bins of one width. Memory is fixed, and what is older than the ring is forgotten. */
export class Bins {
  readonly #widthMs: number;
  readonly #bins: number;
  readonly #fields: number;
  readonly #counts: Float64Array;
  /** Which stretch of time a bin holds now, counted from the epoch in widths. */
  readonly #stretches: Float64Array;

  constructor(widthMs: number, bins: number, fields: number) {
    this.#widthMs = widthMs;
    this.#bins = bins;
    this.#fields = fields;
    this.#counts = new Float64Array(bins * fields);
    this.#stretches = new Float64Array(bins).fill(-1);
  }

  /** @param at Unix milliseconds. What lies before the ring counts nowhere. */
  add(at: number, field: number, amount = 1): void {
    const stretch = Math.floor(at / this.#widthMs);
    const bin = stretch % this.#bins;
    const held = this.#stretches[bin] as number;
    if (held > stretch) return;
    if (held < stretch) {
      this.#stretches[bin] = stretch;
      this.#counts.fill(0, bin * this.#fields, (bin + 1) * this.#fields);
    }
    const place = bin * this.#fields + field;
    this.#counts[place] = (this.#counts[place] as number) + amount;
  }

  /** Sums of each field over the bins that reach into the last `spanMs`, the one begun included. */
  sums(now: number, spanMs: number): readonly number[] {
    const sums = new Array<number>(this.#fields).fill(0);
    const last = Math.floor(now / this.#widthMs);
    const first = Math.max(last - this.#bins, Math.floor((now - spanMs) / this.#widthMs)) + 1;
    for (let stretch = first; stretch <= last; stretch++) this.#addTo(sums, stretch);
    return sums;
  }

  /** Each bin of the last `count`, the oldest first; the last is the one begun. */
  series(now: number, count: number): readonly { readonly at: number; readonly counts: readonly number[] }[] {
    const last = Math.floor(now / this.#widthMs);
    return Array.from({ length: Math.min(count, this.#bins) }, (_, n) => {
      const stretch = last - Math.min(count, this.#bins) + 1 + n;
      const counts = new Array<number>(this.#fields).fill(0);
      this.#addTo(counts, stretch);
      return { at: stretch * this.#widthMs, counts };
    });
  }

  #addTo(sums: number[], stretch: number): void {
    const bin = stretch % this.#bins;
    if (this.#stretches[bin] !== stretch) return;
    for (let field = 0; field < this.#fields; field++)
      sums[field] = (sums[field] as number) + (this.#counts[bin * this.#fields + field] as number);
  }
}
