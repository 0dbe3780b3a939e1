/** The lease of a sink: one controller at a time delivers. When it dies, the next takes over within seconds. */
import type { Redis } from 'ioredis';
import { HOLD, LET_GO } from './redis-scripts.ts';

const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;

/**
 * Held from an answer of Redis until shortly before Redis forgets it, by our own clock. So a process that was suspended knows
 * that it may have lost the lease.
 */
export class Lease {
  readonly #redis: Pick<Redis, 'eval'>;
  readonly #key: string;
  readonly #holder: string;
  #heldUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #asking: Promise<void> | undefined;

  constructor(redis: Pick<Redis, 'eval'>, key: string, holder: string) {
    this.#redis = redis;
    this.#key = key;
    this.#holder = holder;
  }

  get isHeld(): boolean {
    return performance.now() < this.#heldUntil;
  }

  /** Tries to get the lease, and keeps it from then on. */
  start(): void {
    const ask = () => {
      this.#asking ??= this.#ask();
    };
    this.#timer ??= setInterval(ask, RENEW_EVERY_MS);
    ask();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const wasHeld = this.isHeld;
    this.#heldUntil = Number.NEGATIVE_INFINITY;
    if (!wasHeld) return;
    await Promise.race([
      this.#redis.eval(LET_GO, 1, this.#key, this.#holder).catch(() => undefined), // it runs out by itself
      new Promise((resolve) => setTimeout(resolve, RENEW_EVERY_MS).unref()),
    ]);
  }

  async #ask(): Promise<void> {
    const asked = performance.now();
    try {
      const answer = await this.#redis.eval(HOLD, 1, this.#key, this.#holder, LEASE_MS);
      this.#heldUntil = answer === 1 ? asked + LEASE_MS * 0.9 : Number.NEGATIVE_INFINITY;
    } catch {
      // Redis is away, which the shipper logs; a lease that we held runs out by itself
    }
    this.#asking = undefined;
  }
}
