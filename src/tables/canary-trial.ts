/** Rolls a canary back when it connects fewer calls than the live revision, counted over the whole fleet. */
import type { Logger } from '../base/log.ts';
import type { CanaryWatch, Tally } from './fleet/canary.ts';
import { orderOf } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { ChangeRequest, Running } from './running.ts';

/** How often controllers exchange their counts. */
const SHARE_EVERY_MS = 1_000;
/** A rollback that failed, on a full disk for instance, is tried again after this time. */
const AGAIN_AFTER_MS = 30_000;

export interface CanaryTrialParts {
  readonly fleet: Fleet;
  readonly running: Running;
  readonly watch: CanaryWatch;
  readonly rollback: (asked: ChangeRequest) => Promise<unknown>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

/** How calls have ended since the canary began. */
export interface Tallies {
  readonly live: Tally;
  readonly canary: Tally;
}

/** A canary, and what it is tried against. */
interface Trial {
  /** Identifies this trial in the whole fleet. */
  readonly run: string;
  readonly live: string;
  readonly canary: string;
}

export class CanaryTrial {
  readonly #parts: CanaryTrialParts;
  #sharing: NodeJS.Timeout | undefined;
  #isSharing = false;
  #quietUntil = 0;

  constructor(parts: CanaryTrialParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#sharing = setInterval(() => void this.#share(), SHARE_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#sharing);
  }

  get tallies(): Tallies | undefined {
    const trial = this.#trial();
    const { watch } = this.#parts;
    return trial && { live: watch.tally(trial.live), canary: watch.tally(trial.canary) };
  }

  callEnded(revision: string, isAnswered: boolean): void {
    const trial = this.#trial();
    if (trial === undefined) return;
    this.#parts.watch.ended(revision, isAnswered);
    this.#decide(trial);
  }

  #trial(): Trial | undefined {
    const { deployment } = this.#parts.running.run;
    const { revision: live, canary } = deployment;
    if (canary === null) return undefined;
    const run = orderOf(deployment);
    if (this.#parts.watch.begin(run)) this.#quietUntil = 0;
    return { run, live, canary: canary.revision };
  }

  async #share(): Promise<void> {
    const trial = this.#trial();
    if (trial === undefined || this.#isSharing) return;
    const { fleet, watch } = this.#parts;
    this.#isSharing = true;
    const others = await fleet.share(trial.run, watch.own).finally(() => {
      this.#isSharing = false;
    });
    const now = this.#trial();
    if (others === undefined || now?.run !== trial.run) return;
    watch.heard(trial.run, others);
    this.#decide(trial);
  }

  /** Several controllers may come to the verdict at once; the first one rolls back, the others follow. */
  #decide({ live, canary }: Trial): void {
    const { log, now, rollback, watch } = this.#parts;
    const verdict = watch.verdict(live, canary);
    if (verdict === undefined || now() < this.#quietUntil) return;
    this.#quietUntil = now() + AGAIN_AFTER_MS;
    log.error({ revision: canary }, `the canary goes: ${verdict}`);
    rollback({ who: `canary watch: ${verdict}`, from: 'canary' }).catch(() => undefined); // told of already
  }
}
