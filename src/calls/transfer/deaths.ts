/** What becomes of a conversation when a leg of it has ended: never a caller with nobody and nothing to hear. Pure. */
import type { WaysOut } from '../../routing/transfers.ts';
import type { Taken } from './events.ts';
import {
  becomesBlind,
  handedTo,
  hangUp,
  lost,
  type On,
  stay,
  stopRinging,
  tell,
  whisperBack,
  withOrigin,
} from './moves.ts';
import { type Asked, type At, originLegs, type TransferState } from './state.ts';

export const gone: On<'gone'> = (before, { leg, at }, ways) => {
  const { supervisor, ...rest } = { ...before, muted: before.muted.filter((each) => each !== leg) };
  const state: TransferState = supervisor && supervisor.leg !== leg ? { ...rest, supervisor } : rest;
  if ('target' in state && state.target.leg === leg) return targetGone(state);
  const [first, consultation] = originLegs(state);
  if (leg === consultation && 'second' in state) return consultationGone(state);
  if (leg !== first) return stay(state);
  if (consultation !== undefined && 'second' in state) {
    const { second: _, ...alone } = state; // the phone goes on with its own call
    return stay({ ...alone, origin: { ...state.origin, leg: consultation } });
  }
  return originGone(state, at, ways);
};

const targetGone = (state: At<'consult' | 'together' | 'pull-back'>): Taken => {
  if (state.stage === 'pull-back') {
    // The transferor's phone rings on, and the caller has nobody meanwhile.
    const { target: _, ...rest } = state;
    return stay({ ...rest, stage: 'return', reason: 'hung-up' }, tell(state, 'returned', state.asked, 'hung-up'));
  }
  return stay(withOrigin(state), whisperBack(state, 'hung-up'), tell(state, 'returned', state.asked, 'hung-up'));
};

/** The transferor's phone hangs up its consultation leg: back to the caller. */
const consultationGone = (state: At<'attended' | 'consult'>): Taken => {
  const target = state.stage === 'consult' ? hangUp([state.target.leg]) : stopRinging(state);
  return stay(withOrigin(state), ...target, tell(state, 'returned', state.asked, 'taken-back'));
};

const originGone = (state: TransferState, at: number, ways: WaysOut): Taken => {
  switch (state.stage) {
    case 'talk':
      return talkerGone(state, at, ways);
    case 'attended':
    case 'joining':
      return becomesBlind(state, false, at);
    case 'consult':
    case 'together':
      return handedTo(state, state.target, state.asked, at, state.origin);
    default:
      return stay(state);
  }
};

const talkerGone = (state: At<'talk'>, at: number, ways: WaysOut): Taken => {
  const { supervisor, origin } = state;
  if (supervisor?.as === 'barge' && supervisor.here) {
    const { supervisor: _, unheard: __, ...rest } = state;
    const party = { leg: supervisor.leg, to: origin.to, agent: supervisor.endpoint };
    return stay({ ...rest, origin: party, since: at, held: false }, { do: 'tell-answered', party });
  }
  if (!state.held && !state.unheard) return stay(state, { do: 'end' });
  const to = ways.fallbackQueue ?? origin.to;
  const of: Asked = { kind: 'blind', from: origin.to, to, by: origin.agent ?? origin.to, via: 'phone' };
  return lost(state, of, 'hung-up', ways);
};
