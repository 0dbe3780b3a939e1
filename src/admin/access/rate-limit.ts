/**
 * A token bucket for each name: it fills evenly and holds a minute's worth, so a burst passes and a flood does not.
 * The clock is handed in; memory is bounded.
 */
import { TooManyRequests } from '../../base/errors.ts';

/** Most names kept. The one that asked longest ago is dropped first, and starts again with a full bucket. */
const NAMES_AT_MOST = 10_000;
const MINUTE_MS = 60_000;

interface Bucket {
  left: number;
  /** Milliseconds of the clock. */
  at: number;
}

export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds of any clock that never goes back. */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @throws TooManyRequests, with the seconds until the next request is let through. */
  take(name: string): void {
    const bucket = this.#filled(name);
    if (bucket.left < 1) throw this.#refusal(bucket);
    bucket.left -= 1;
  }

  /** Throws as `take` would, and takes nothing. */
  check(name: string): void {
    const bucket = this.#filled(name);
    if (bucket.left < 1) throw this.#refusal(bucket);
  }

  #refusal({ left }: Bucket): TooManyRequests {
    const seconds = Math.max(1, Math.ceil(((1 - left) * 60) / this.#perMinute));
    return new TooManyRequests(`more than ${this.#perMinute} requests a minute; again in ${seconds} s`, seconds);
  }

  #filled(name: string): Bucket {
    const at = this.#now();
    const was = this.#buckets.get(name) ?? { left: this.#perMinute, at };
    const gained = ((at - was.at) * this.#perMinute) / MINUTE_MS;
    const bucket = { left: Math.min(this.#perMinute, was.left + gained), at };
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > NAMES_AT_MOST && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket;
  }
}
