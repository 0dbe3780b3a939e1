/** What agents and supervisors ask for in a conversation. Pure. */
import type { Effect, Taken } from './events.ts';
import {
  becomesBlind,
  handedBy,
  handedTo,
  hangUp,
  type On,
  refuse,
  stay,
  stopRinging,
  tell,
  transferLoop,
  withOrigin,
} from './moves.ts';
import { type Asked, type At, keptOf, originLegs, type Party, partyLegs, type TransferState } from './state.ts';

/** Talk of this length shows that the caller has arrived with somebody who helps. */
const TALK_THAT_COUNTS_MS = 60_000;

export const asked: On<'asked'> = (state, event, ways) => {
  const { leg, kind, to, by, via, note, at, consultation } = event;
  if (state.stage !== 'talk') return refuse(state, 'NOT_NOW');
  if (leg !== state.origin.leg) return refuse(state, 'NOT_YOUR_CALL');
  const { origin } = state;
  const bounced = at - state.since >= TALK_THAT_COUNTS_MS ? 0 : state.bounced;
  const workOrder = event.workOrder ?? state.workOrder;
  const rung = consultation === undefined ? state.rung : state.rung + 1;
  const kept = { ...keptOf(state), rung, bounced, ...(workOrder !== undefined && { workOrder }) };
  const of: Asked = { kind, from: origin.to, to, by, via, ...(note !== undefined && { note }) };
  const seeking = { ...kept, origin, asked: of };
  const told = tell({ ...state, ...kept }, 'asked', of);
  if (bounced >= ways.mostTransfers) {
    const { state: next, effects } = transferLoop({ ...state, ...kept }, of, ways);
    return stay(next, told, ...effects, ...hangUp([origin.leg]));
  }
  if (kind === 'blind') {
    const next: At<'blind'> = { ...seeking, ...handedBy(origin, at), stage: 'blind', wayBack: true };
    return stay(next, told, { do: 'ring' }, ...hangUp([origin.leg]));
  }
  if (kind === 'three-way') return stay({ ...seeking, stage: 'joining' }, told, { do: 'ring' });
  if (consultation === undefined) return stay({ ...seeking, stage: 'attended' }, told, { do: 'ring' });
  return stay(
    { ...seeking, stage: 'attended', second: consultation },
    told,
    { do: 'take-in', leg: consultation },
    { do: 'ring' },
  );
};

/** The transferor leaves caller and target to each other, or the caller to the target's ringing phone. */
export const complete: On<'complete'> = (state, { leg, at }) => {
  const legs = originLegs(state);
  switch (state.stage) {
    case 'attended':
    case 'joining': {
      if (!legs.includes(leg)) return refuse(state, 'NOT_YOUR_CALL');
      const { state: next, effects } = becomesBlind(state, true, at);
      return stay(next, ...effects, ...hangUp(legs));
    }
    case 'consult':
    case 'together': {
      if (!legs.includes(leg)) return refuse(state, 'NOT_YOUR_CALL');
      const { state: next, effects } = handedTo(state, state.target, state.asked, at, state.origin);
      return stay(next, ...effects, ...hangUp(legs));
    }
    default:
      return refuse(state, 'NOT_NOW');
  }
};

export const comeBack: On<'return'> = (state, { leg }) => {
  if (
    state.stage !== 'attended' &&
    state.stage !== 'joining' &&
    state.stage !== 'consult' &&
    state.stage !== 'together'
  )
    return refuse(state, 'NOT_NOW');
  const [first = '', consultation] = originLegs(state);
  if (leg !== first && leg !== consultation) return refuse(state, 'NOT_YOUR_CALL');
  const target = 'target' in state ? hangUp([state.target.leg]) : stopRinging(state);
  const own = consultation === undefined ? [] : hangUp([consultation]);
  return stay(withOrigin(state), ...target, ...own, tell(state, 'returned', state.asked, 'taken-back'));
};

export const hold =
  (held: boolean) =>
  (state: TransferState, { leg }: { leg: string }): Taken => {
    if (state.stage !== 'talk') return refuse(state, 'NOT_NOW');
    return leg === state.origin.leg ? stay({ ...state, held }) : refuse(state, 'NOT_YOUR_CALL');
  };

export const mute =
  (isMuted: boolean) =>
  (state: TransferState, { leg }: { leg: string }): Taken => {
    if (!partyLegs(state).includes(leg)) return refuse(state, 'NOT_YOUR_CALL');
    const others = state.muted.filter((each) => each !== leg);
    return stay({ ...state, muted: isMuted ? [...others, leg] : others });
  };

export const pullBack: On<'pull-back'> = (state, { agent: asking, leg, by, via, at }) => {
  const giver = state.handedBy;
  if (giver === undefined) return refuse(state, 'NOTHING_TO_TAKE_BACK');
  if (asking !== null && asking !== giver.agent) return refuse(state, 'NOT_YOUR_CALL');
  const origin: Party = { leg: '', to: giver.to, agent: giver.agent };
  const ring = leg === undefined ? {} : { rung: state.rung + 1, ring: { round: 0, legs: [leg] } };
  const reach: Effect = leg === undefined ? { do: 'ring' } : { do: 'take-in', leg };
  const askedBy = { kind: 'pull-back', to: giver.to, by, via } as const;
  if (state.stage === 'talk') {
    const of: Asked = { ...askedBy, from: state.origin.to };
    const next: At<'pull-back'> = {
      ...keptOf(state),
      stage: 'pull-back',
      origin,
      target: state.origin,
      asked: of,
      ...ring,
    };
    return stay(next, tell(state, 'asked', of), reach);
  }
  if (state.stage === 'return' && leg !== undefined) {
    const { queued: _, ...rest } = state;
    return stay({ ...rest, ...ring }, ...stopRinging(state), reach);
  }
  if (state.stage !== 'blind' && state.stage !== 'rescue') return refuse(state, 'NOT_NOW');
  const of: Asked = { ...askedBy, from: state.asked.to };
  const kept = { ...keptOf(state), since: at };
  const queued = leg === undefined ? placeKept(state) : {};
  const next: At<'return'> = { ...kept, stage: 'return', origin, asked: of, reason: 'taken-back', ...ring, ...queued };
  // A transfer that led to the fallback queue was told as failed already.
  const former = state.stage === 'blind' ? [tell(state, 'returned', state.asked, 'taken-back')] : [];
  const stopping: readonly Effect[] = next.queued ? [{ do: 'stop-ringing' }] : stopRinging(state);
  return stay(next, ...stopping, ...former, tell(state, 'asked', of), reach);
};

/** The place that the caller has in a queue by then. */
function placeKept(state: At<'blind' | 'rescue'>): Pick<At<'return'>, 'queued'> {
  if (state.stage !== 'rescue' || state.ring === undefined) return {};
  const { ring, asked, isSupervised } = state;
  return { queued: { to: asked.to, ring, ...(isSupervised && { isSupervised }) } };
}

export const supervise: On<'supervise'> = (state, { leg, as, endpoint }) => {
  const { supervisor } = state;
  const onIt = [state.origin.agent, 'target' in state ? state.target.agent : null];
  if (onIt.includes(endpoint)) return refuse(state, 'NOT_NOW'); // a phone cannot listen to itself
  if (supervisor === undefined) {
    const next = { ...state, rung: state.rung + 1, supervisor: { leg, as, endpoint, here: false } };
    return stay(next, { do: 'dial-supervisor' });
  }
  if (supervisor.endpoint !== endpoint) return refuse(state, 'NOT_NOW');
  return stay({ ...state, supervisor: { ...supervisor, as } });
};

/** Whoever supervises goes, be it that the phone only rings; caller and agent notice nothing of it. */
export const unsupervise: On<'unsupervise'> = (state) => {
  const { supervisor, ...rest } = state;
  return supervisor === undefined ? refuse(state, 'NOT_NOW') : stay(rest, ...hangUp([supervisor.leg]));
};
