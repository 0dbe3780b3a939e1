/** Rings whom a conversation seeks, round after round, until somebody answers, nobody has, or nobody is sought any more. */
import type { Table } from '../routing/table.ts';
import type { Call, Leg, LegEnd } from '../switch/port.ts';
import { firstAnswer } from './ring.ts';
import type { Event } from './transfer/machine.ts';
import { causeOf, soughtBy } from './transfer/seeking.ts';
import { type HandOver, queuedLegs } from './transfer/state.ts';

export interface RingingParts {
  readonly call: Call;
  readonly table: Table;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly state: () => HandOver;
  /** A leg that was dialled, by whomever. */
  readonly legOf: (id: string) => Leg | undefined;
  /**
   * Remembers a round, then dials it. In its turn among the events of the call; nothing is dialled when `cancelled` aborts
   * before.
   */
  readonly dial: (round: number, cancelled: AbortSignal) => Promise<readonly Leg[]>;
  /** The event of something that nobody waits for any more once `unless` aborts. */
  readonly post: (event: Event, unless: AbortSignal) => void;
}

/** A destination whose legs a former controller dialled, and that the table has no more. */
const NO_LONGER_THERE_SECONDS = 20;

export class Ringing {
  readonly #parts: RingingParts;
  #now = new AbortController();

  constructor(parts: RingingParts) {
    this.#parts = parts;
  }

  /** From the round where the call stands; whoever was sought before is sought no more. Rejects only with a fault. */
  start(): Promise<void> {
    this.stop();
    this.#now = new AbortController();
    for (const id of queuedLegs(this.#parts.state())) void this.#awaitQueued(id, this.#now.signal);
    return this.#rounds(this.#now.signal);
  }

  /** Legs that ring are hung up by whoever stops it. */
  stop(): void {
    this.#now.abort();
  }

  /** Whoever rang it minds its time. */
  async #awaitQueued(id: string, cancelled: AbortSignal): Promise<void> {
    const { legOf, post, now } = this.#parts;
    const outcome = await legOf(id)?.outcome;
    if (outcome === undefined || 'cause' in outcome) return;
    post({ is: 'answered', leg: id, agent: outcome.answeredBy, at: now() }, cancelled);
  }

  async #rounds(cancelled: AbortSignal): Promise<void> {
    const { call, table, now, state, post, dial } = this.#parts;
    const stateNow = state();
    const rounds = soughtBy(stateNow, table);
    const found = 'ring' in stateNow ? stateNow.ring : undefined;
    const first = found?.round ?? 0;
    const ends: LegEnd[] = [];
    for (let round = first; round < rounds.length || (found && round === first); round += 1) {
      const living = found && round === first ? this.#living(found.legs) : [];
      const isRung = found && round === first && (living.length > 0 || stateNow.stage !== 'rescue');
      const legs = isRung ? living : await dial(round, cancelled);
      if (cancelled.aborted) return;
      const winner = await firstAnswer(call, legs, rounds[round]?.seconds ?? NO_LONGER_THERE_SECONDS);
      if (winner) return post({ is: 'answered', leg: winner.leg.id, agent: winner.agent, at: now() }, cancelled);
      if (cancelled.aborted) return;
      ends.push(...(await Promise.all(legs.map(({ ended }) => ended))));
    }
    post({ is: 'unanswered', cause: causeOf(ends) }, cancelled);
  }

  /**
   * Those that are gone have had their turn, though it may be that they were never dialled. In the rescue, where nothing but
   * the apology comes after them, others are dialled.
   */
  #living(ids: readonly string[]): readonly Leg[] {
    return ids.flatMap((id) => this.#parts.legOf(id) ?? []);
  }
}
