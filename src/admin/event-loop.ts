/** How late the event loop comes to what is due: over the last ten to twenty seconds, so that a bad moment is not averaged away. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;
const SWAPPED_EVERY_MS = 10_000;
const NS_PER_SECOND = 1e9;

export interface Delay {
  /** Seconds, beyond the pause between two looks. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const started = () => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
};

const secondsOf = (ns: number): number =>
  Number.isFinite(ns) ? Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / 1000) : 0;

export class EventLoopDelay {
  #young = started();
  #old = started();
  readonly #timer = setInterval(() => {
    this.#old.disable();
    this.#old = this.#young;
    this.#young = started();
  }, SWAPPED_EVERY_MS).unref();

  get now(): Delay {
    const told = this.#old.count > 0 ? this.#old : this.#young;
    return {
      p50: secondsOf(told.percentile(50)),
      p99: secondsOf(told.percentile(99)),
      max: secondsOf(told.max),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#old.disable();
    this.#young.disable();
  }
}
