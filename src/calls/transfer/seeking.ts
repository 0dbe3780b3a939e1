/** Whom a stage of a hand-over seeks: the rounds that ring, and why nobody answered. */
import { stepTo } from '../../routing/plan.ts';
import type { DestinationId, Table } from '../../routing/table.ts';
import type { LegEnd, LegEndCause, LegTarget } from '../../switch/port.ts';
import { type Round, roundsOf } from '../destinations.ts';
import type { Effect } from './events.ts';
import type { HandOver } from './state.ts';

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

/** Whom a caller waits for whom agents have lost. */
export interface Waiting {
  readonly to: DestinationId;
  /** Of O, whose phone is to ring. */
  readonly agent: string | null;
}

/** Undefined where the caller has an agent, or waits on as before; and where O has called already, and is there at once. */
export function waitingAnew(before: HandOver, state: HandOver): Waiting | undefined {
  if (state.stage === 'rescue') {
    const isSame = before.stage === 'rescue' && before.isSupervised === state.isSupervised;
    return isSame ? undefined : { to: state.asked.to, agent: null };
  }
  if (state.stage !== 'return' || before.stage === 'return') return undefined;
  const isThere = before.stage !== 'pull-back' && state.ring !== undefined;
  return isThere ? undefined : { to: state.origin.to, agent: state.origin.agent };
}

/** Whose phones are to ring for the caller from now on. */
export function handedTo(effects: readonly Effect[]): readonly DestinationId[] {
  if (effects.some((effect) => effect.do === 'tell' && effect.reason === 'ping-pong')) return [];
  return effects.flatMap((effect) => {
    if (effect.do !== 'tell' || effect.stage !== 'asked' || effect.of.kind === 'pull-back') return [];
    return [effect.of.to];
  });
}

const TELLING: readonly LegEndCause[] = ['no-answer', 'busy', 'rejected', 'unreachable'];

/** Of several phones, the one that rang longest says it; legs whose time was over were hung up by us. */
export const causeOf = (ends: readonly LegEnd[]): LegEndCause => {
  const causes: readonly LegEndCause[] = ends.map(({ cause }) =>
    cause === 'cancelled' || cause === 'hung-up' ? 'no-answer' : cause,
  );
  return TELLING.find((cause) => causes.includes(cause)) ?? 'unreachable';
};
