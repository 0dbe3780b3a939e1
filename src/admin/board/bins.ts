/** Counts by time: a ring of bins, each so wide. Memory is fixed; what is older than the ring is forgotten. */

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
