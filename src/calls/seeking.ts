/** Whom a stage of a hand-over seeks: the rounds that ring, and why nobody answered. */
import { stepTo } from '../routing/plan.ts';
import type { Table } from '../routing/table.ts';
import type { LegEnd, LegEndCause, LegTarget } from '../switch/port.ts';
import { type Round, roundsOf } from './destinations.ts';
import type { HandOver } from './hand-over-state.ts';

/** Ahead of everybody who has just arrived: this caller has waited, talked, and lost the agent. */
const RESCUE_PRIORITY = 10;

const RINGS_AGAIN_SECONDS = 20;

const withPriority = (target: LegTarget): LegTarget =>
  target.kind === 'queue' ? { ...target, priority: RESCUE_PRIORITY } : target;

export function soughtBy(state: HandOver, table: Table): readonly Round[] {
  switch (state.stage) {
    case 'blind':
    case 'attended':
    case 'joining':
      return roundsOf(table, stepTo(table, state.asked.to));
    case 'rescue':
      return roundsOf(table, stepTo(table, state.asked.to)).map((round) => ({
        ...round,
        targets: round.targets.map(withPriority),
      }));
    case 'return':
    case 'pull-back': {
      const { agent } = state.origin;
      if (agent === null) return [];
      const target = { kind: 'seat', endpoint: agent, ringSeconds: RINGS_AGAIN_SECONDS } as const;
      return [{ targets: [target], seconds: RINGS_AGAIN_SECONDS }];
    }
    default:
      return [];
  }
}

const TELLING: readonly LegEndCause[] = ['no-answer', 'busy', 'rejected', 'unreachable'];

/** Of several phones, the one that rang longest says it; legs whose time was over were hung up by us. */
export const causeOf = (ends: readonly LegEnd[]): LegEndCause => {
  const causes: readonly LegEndCause[] = ends.map(({ cause }) =>
    cause === 'cancelled' || cause === 'hung-up' ? 'no-answer' : cause,
  );
  return TELLING.find((cause) => causes.includes(cause)) ?? 'unreachable';
};
