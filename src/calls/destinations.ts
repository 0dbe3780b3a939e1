/** What a place of the plan means in legs: whom to dial, in which rounds, for how long. */
import type { ConnectStep } from '../routing/steps.ts';
import type { Table } from '../routing/table.ts';
import type { LegTarget } from '../switch/port.ts';

/** Legs dialled at the same time, and how long they may ring. */
export interface Round {
  readonly targets: readonly LegTarget[];
  readonly seconds: number;
}

/** Empty when the table no longer has the destination: a call taken over may be older than the table. */
export function roundsOf(table: Table, step: ConnectStep): readonly Round[] {
  const queue = table.queues.get(step.to);
  if (queue !== undefined) {
    const waitSeconds = step.waitSeconds ?? queue.waitSeconds;
    // Another platform's queue answers by itself and does the queueing; to us it is a number that rings so long.
    if (queue.dial !== undefined) {
      return [{ targets: [{ kind: 'seat', endpoint: queue.dial, ringSeconds: waitSeconds }], seconds: waitSeconds }];
    }
    return [{ targets: [{ kind: 'queue', queue: queue.name, skill: step.skill, waitSeconds }], seconds: waitSeconds }];
  }
  const seats = table.seats.get(step.to);
  if (seats === undefined) return [];
  const ringSeconds = step.ringSeconds ?? seats.ringSeconds;
  const targets = seats.endpoints.map((endpoint) => ({ kind: 'seat', endpoint, ringSeconds }) as const);
  const together = seats.ring === 'together' ? [targets] : targets.map((target) => [target]);
  return together.map((round) => ({ targets: round, seconds: ringSeconds }));
}
