/** What comes of the phones that ring for a conversation: one is answered, or none. Pure. */
import type { Effect, Taken } from './events.ts';
import {
  apologise,
  handedTo,
  hangUp,
  lost,
  type On,
  queuedAgain,
  reasonOf,
  stay,
  tell,
  whisperBack,
  withOrigin,
  wordFor,
} from './moves.ts';
import { type At, isSeeking, keptOf, type Party, queuedLegs, ringingLegs } from './state.ts';

export const rings: On<'rings'> = (state, { round, legs }) => {
  if (isSeeking(state)) return stay({ ...state, rung: state.rung + 1, ring: { round, legs: [...legs] } });
  return stay(state);
};

export const answered: On<'answered'> = (state, { leg, agent, at }) => {
  if (!isSeeking(state) || !ringingLegs(state).includes(leg)) return stay(state, ...hangUp([leg]));
  switch (state.stage) {
    case 'blind':
    case 'rescue':
      return handedTo(state, { leg, to: state.asked.to, agent }, state.asked, at, state.origin);
    case 'return':
      if (queuedLegs(state).includes(leg)) return queueAnswered(state, leg, agent, at);
      return returned(state, { ...state.origin, leg, agent: agent ?? state.origin.agent }, at);
    case 'attended': {
      const { ring: _, ...rest } = state;
      const next: At<'consult'> = { ...rest, stage: 'consult', target: { leg, to: state.asked.to, agent } };
      return stay(next, tell(state, 'consulting', state.asked));
    }
    case 'joining': {
      const { ring: _, ...rest } = state;
      const next: At<'together'> = { ...rest, stage: 'together', target: { leg, to: state.asked.to, agent } };
      return stay(next, { do: 'join', leg }, tell(state, 'consulting', state.asked));
    }
    case 'pull-back': {
      const { state: next, effects } = handedTo(state, { ...state.origin, leg }, state.asked, at, undefined);
      return stay(next, ...effects, ...hangUp([state.target.leg]), { do: 'whisper', leg, word: 'taken-back' });
    }
  }
};

/** An agent of the queue answers before the transferor does. */
function queueAnswered(state: At<'return'>, leg: string, agent: string | null, at: number): Taken {
  const { queued } = state;
  if (queued === undefined) return stay(state);
  const waiting = queuedAgain(state, queued);
  const { state: next, effects } = handedTo(waiting, { leg, to: queued.to, agent }, waiting.asked, at, state.origin);
  const failed = tell(state, 'failed', state.asked, 'no-answer');
  return stay(next, { do: 'stop-ringing' }, ...hangUp(state.ring?.legs ?? []), failed, ...effects);
}

/** The transferor has answered again. A caller sent away and back has been bounced, so that this counts as a transfer. */
export const returned = (state: At<'return'>, origin: Party, at: number): Taken => {
  const { handedBy: _, ...kept } = keptOf(state);
  const bounced = state.bounced + 1;
  const next: At<'talk'> = { ...kept, stage: 'talk', origin, since: at, held: false, bounced, unheard: true };
  const isTakenBack = state.asked.kind === 'pull-back';
  const told = isTakenBack ? tell(state, 'completed', state.asked) : tell(state, 'returned', state.asked, state.reason);
  const whisper: Effect = { do: 'whisper', leg: origin.leg, word: wordFor(state.reason) };
  return stay(
    isTakenBack ? { ...next, done: state.done + 1 } : next,
    ...hangUp(queuedLegs(state)),
    { do: 'join', leg: origin.leg },
    told,
    { do: 'tell-answered', party: origin },
    whisper,
  );
};

export const unanswered: On<'unanswered'> = (state, { cause }, ways) => {
  const reason = reasonOf(cause);
  switch (state.stage) {
    case 'blind': {
      if (!state.wayBack || state.origin.agent === null) return lost(state, state.asked, reason, ways);
      const { origin } = state;
      return stay({ ...keptOf(state), stage: 'return', origin, asked: state.asked, reason }, { do: 'ring' });
    }
    case 'return':
      if (state.queued) {
        const told = tell(state, 'failed', state.asked, reason);
        return stay(queuedAgain(state, state.queued), told, { do: 'ring' });
      }
      return lost(state, state.asked, state.asked.kind === 'pull-back' ? reason : state.reason, ways);
    case 'rescue':
      return state.isSupervised ? lost(state, state.asked, reason, ways) : apologise(state);
    case 'attended':
      return stay(withOrigin(state), whisperBack(state, reason), tell(state, 'returned', state.asked, reason));
    case 'joining':
      return stay(withOrigin(state), whisperBack(state, reason), tell(state, 'failed', state.asked, reason));
    case 'pull-back': {
      const next: At<'talk'> = { ...keptOf(state), stage: 'talk', origin: state.target, held: false };
      return stay(next, tell(state, 'failed', state.asked, reason));
    }
    default:
      return stay(state);
  }
};

export const heard: On<'heard'> = (state, { leg }) => {
  if (state.stage !== 'talk' || state.origin.leg !== leg) return stay(state);
  const { unheard, ...rest } = state;
  return stay(unheard ? rest : state);
};

export const supervising: On<'supervising'> = (state) =>
  stay(state.supervisor ? { ...state, supervisor: { ...state.supervisor, here: true } } : state);
