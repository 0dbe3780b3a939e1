/** Has a canary go by itself when it connects fewer calls than the live revision, in the fleet as a whole. */
import type { Logger } from '../base/log.ts';
import type { CanaryWatch, Tally } from './fleet/canary.ts';
import { orderOf } from './fleet/deployment-state.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Asked, Running } from './running.ts';

/** So old may be what one controller knows of another's calls. */
const SHARE_EVERY_MS = 1_000;
/** A rollback that failed, for want of room on the disk say, is tried again. */
const AGAIN_AFTER_MS = 30_000;

export interface CanaryTrialParts {
  readonly fleet: Fleet;
  readonly running: Running;
  readonly watch: CanaryWatch;
  readonly rollback: (asked: Asked) => Promise<unknown>;
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
  /** Tells it from every other, the same in the whole fleet. */
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

  /** Of several controllers that conclude it at once one is first, and the others follow it. */
  #decide({ live, canary }: Trial): void {
    const { log, now, rollback, watch } = this.#parts;
    const verdict = watch.verdict(live, canary);
    if (verdict === undefined || now() < this.#quietUntil) return;
    this.#quietUntil = now() + AGAIN_AFTER_MS;
    log.error({ revision: canary }, `the canary goes: ${verdict}`);
    rollback({ who: `canary watch: ${verdict}`, from: 'canary' }).catch(() => undefined); // told of already
  }
}
