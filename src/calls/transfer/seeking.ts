/** What the call log tells of a caller who seeks somebody: whom the caller waits for, and where the caller is handed on to. */
import type { DestinationId } from '../../routing/table.ts';
import type { Effect } from './events.ts';
import type { HandOver } from './state.ts';

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
