/** How the service stands: what `/readyz` shows of its parts, and how late the event loop comes to what is due. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TableHealth } from './table-api.ts';

/** Shown by `/readyz` and by the metrics. */
export interface Readiness {
  /** Every switch is connected. */
  readonly ready: boolean;
  readonly revision: string;
  /** Where the live table came from, and why the intended one is not live. Does not make the service unready: calls are taken. */
  readonly table: TableHealth;
  /** Whether Redis reaches the other controllers; without it calls are taken, and changes arrive later. Absent: no Redis is set up. */
  readonly fleet?: 'connected' | 'unreachable';
  readonly switches: readonly { readonly name: string; readonly connected: boolean }[];
  /** Calls up at this moment. */
  readonly calls: number;
  /** How recording goes, when it is set up. Does not make the service unready: calls are taken. */
  readonly recordings?: {
    readonly state: 'ok' | 'low-space' | 'failing';
    readonly freeBytes: number | null;
    readonly files: number;
    readonly failed: number;
  };
}

/** How late the event loop runs, over the last five to ten seconds: short enough that a bad moment is not averaged away. */
export interface Delay {
  /** Seconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The histogram samples at this interval, and its values include the interval. */
const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;

const started = () => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
};

const secondsOf = (ns: number): number =>
  Number.isFinite(ns) ? Math.max(0, ns / NS_PER_SECOND - RESOLUTION_MS / 1000) : 0;

const SWAPPED_EVERY_MS = 5_000;

/** Two histograms by turns: the older one has seen at least five seconds. */
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
