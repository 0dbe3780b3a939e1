/**
 * Handing a caller on: `(state, event) → state and effects`, one row of the table in docs/transfers.md after another.
 * Pure. Every leg's death at every stage has a result here, and none of them is a caller with nobody and nothing to hear.
 */
import type { HandOverWord } from '../routing/hand-over-words.ts';
import type { DestinationId } from '../routing/table.ts';
import type { LegEndCause } from '../switch/port.ts';
import {
  type Asked,
  type At,
  type HandOver,
  keptOf,
  originLegs,
  type Party,
  partyLegs,
  ringingLegs,
  type SupervisorRole,
} from './hand-over-state.ts';

export type Refusal =
  | 'UNKNOWN_TARGET'
  | 'NOT_ALLOWED'
  | 'AMBIGUOUS_TARGET'
  | 'TARGET_CLOSED'
  | 'NOT_NOW'
  | 'NOT_YOUR_CALL'
  | 'NOTHING_TO_TAKE_BACK';

/** `leg`: of the agent who asks. `at`: Unix milliseconds. */
export type Event =
  | {
      readonly is: 'asked';
      readonly leg: string;
      readonly kind: Exclude<Asked['kind'], 'pull-back'>;
      readonly to: DestinationId;
      readonly by: string;
      readonly via: Asked['via'];
      readonly workOrder?: string;
      readonly note?: string;
      /** The phone consults by a call of its own, taken in as this leg. */
      readonly second?: string;
      readonly at: number;
    }
  | {
      readonly is: 'complete' | 'return' | 'hold' | 'resume' | 'mute' | 'unmute';
      readonly leg: string;
      readonly at: number;
    }
  | {
      readonly is: 'pull-back';
      /** Endpoint; null: whoever handed on last. */
      readonly agent: string | null;
      /** The phone's own call, to be taken in as this leg. */
      readonly leg?: string;
      readonly by: string;
      readonly via: Asked['via'];
      readonly at: number;
    }
  | { readonly is: 'supervise'; readonly leg: string; readonly as: SupervisorRole; readonly endpoint: string }
  | { readonly is: 'supervising' }
  /** A round is about to be dialled. */
  | { readonly is: 'rings'; readonly round: number; readonly legs: readonly string[] }
  | { readonly is: 'answered'; readonly leg: string; readonly agent: string | null; readonly at: number }
  /** Every round has rung in vain. */
  | { readonly is: 'unanswered'; readonly cause: LegEndCause }
  | { readonly is: 'gone'; readonly leg: string; readonly at: number };

export type Told = 'asked' | 'consulting' | 'completed' | 'returned' | 'failed';

export type Effect =
  /** Dial whom the state seeks. */
  | { readonly do: 'ring' }
  /** Whom the state before sought is sought no more. */
  | { readonly do: 'stop-ringing' }
  | { readonly do: 'hang-up'; readonly legs: readonly string[] }
  | { readonly do: 'take-in'; readonly leg: string }
  | { readonly do: 'dial-supervisor' }
  | { readonly do: 'join'; readonly leg: string }
  | { readonly do: 'whisper'; readonly leg: string; readonly word: HandOverWord }
  /** Says why, then hangs up. */
  | { readonly do: 'dismiss'; readonly leg: string; readonly word: HandOverWord }
  | {
      readonly do: 'tell';
      readonly stage: Told;
      readonly of: Asked;
      readonly reason: string | null;
      readonly workOrder?: string;
    }
  /** The caller has another agent than before. */
  | { readonly do: 'tell-answered'; readonly party: Party }
  | { readonly do: 'apologise' }
  | { readonly do: 'end' };

export interface Taken {
  readonly state: HandOver;
  readonly effects: readonly Effect[];
  readonly refused?: Refusal;
}

/** Hand-overs of one call without a minute of talk between them; the next one goes to the rescue queue. */
export const MOST_HAND_OVERS = 5;
const TALK_THAT_COUNTS_MS = 60_000;

const stay = (state: HandOver, ...effects: Effect[]): Taken => ({ state, effects });
const refuse = (state: HandOver, refused: Refusal): Taken => ({ state, effects: [], refused });

const tell = (state: HandOver, stage: Told, of: Asked, reason: string | null = null): Effect => ({
  do: 'tell',
  stage,
  of,
  reason,
  ...(state.workOrder !== undefined && { workOrder: state.workOrder }),
});

const hangUp = (legs: readonly string[]): readonly Effect[] => (legs.length === 0 ? [] : [{ do: 'hang-up', legs }]);

const stopRinging = (state: HandOver): readonly Effect[] => [{ do: 'stop-ringing' }, ...hangUp(ringingLegs(state))];

const WORDS: ReadonlySet<string> = new Set<HandOverWord>([
  'busy',
  'no-answer',
  'rejected',
  'unreachable',
  'hung-up',
  'taken-back',
]);

const wordFor = (reason: string): HandOverWord => (WORDS.has(reason) ? (reason as HandOverWord) : 'unreachable');

/** We hang up a leg when its time is over. */
const reasonOf = (cause: LegEndCause): string => (cause === 'cancelled' ? 'no-answer' : cause);

const handedBy = ({ to, agent }: Party, at: number) => (agent === null ? {} : { handedBy: { to, agent, at } });

const rescuing = (state: HandOver, asked: Asked, to: DestinationId | undefined): Taken => {
  if (to === undefined) return stay({ ...keptOf(state), stage: 'sorry', origin: state.origin }, { do: 'apologise' });
  return stay({ ...keptOf(state), stage: 'rescue', origin: state.origin, asked: { ...asked, to } }, { do: 'ring' });
};

/** Neither T nor O is there for the caller. */
const lost = (state: HandOver, asked: Asked, reason: string, rescue: DestinationId | undefined): Taken => {
  const { state: next, effects } = rescuing(state, asked, rescue);
  return stay(next, tell(state, 'failed', asked, reason), ...effects);
};

/** The caller is another agent's now. */
const handedTo = (state: HandOver, party: Party, asked: Asked, at: number, giver: Party | undefined): Taken => {
  const { handedBy: _, ...kept } = keptOf(state);
  const next: At<'talk'> = {
    ...kept,
    ...(giver && handedBy(giver, at)),
    stage: 'talk',
    origin: party,
    since: at,
    held: false,
    done: state.done + 1,
    bounced: state.bounced + 1,
  };
  return stay(next, { do: 'join', leg: party.leg }, tell(state, 'completed', asked), { do: 'tell-answered', party });
};

/** O has the caller again, who never was without O's leg. */
const withOrigin = (state: HandOver): At<'talk'> => ({
  ...keptOf(state),
  stage: 'talk',
  origin: state.origin,
  held: false,
});

/** A phone that consults by a call of its own is told there, and goes back to its first call. */
const whisperBack = (state: HandOver, reason: string): Effect => {
  const [first = '', second] = originLegs(state);
  const word = wordFor(reason);
  return second === undefined ? { do: 'whisper', leg: first, word } : { do: 'dismiss', leg: second, word };
};

type On<K extends Event['is']> = (
  state: HandOver,
  event: Extract<Event, { is: K }>,
  rescue: DestinationId | undefined,
) => Taken;

const asked: On<'asked'> = (state, event, rescue) => {
  const { leg, kind, to, by, via, note, at, second } = event;
  if (state.stage !== 'talk') return refuse(state, 'NOT_NOW');
  if (leg !== state.origin.leg) return refuse(state, 'NOT_YOUR_CALL');
  const { origin } = state;
  const bounced = at - state.since >= TALK_THAT_COUNTS_MS ? 0 : state.bounced;
  const workOrder = event.workOrder ?? state.workOrder;
  const rung = second === undefined ? state.rung : state.rung + 1;
  const kept = { ...keptOf(state), rung, bounced, ...(workOrder !== undefined && { workOrder }) };
  const of: Asked = { kind, from: origin.to, to, by, via, ...(note !== undefined && { note }) };
  const seeking = { ...kept, origin, asked: of };
  const told = tell({ ...state, ...kept }, 'asked', of);
  if (bounced >= MOST_HAND_OVERS) {
    const { state: next, effects } = lost({ ...state, ...kept }, of, 'ping-pong', rescue);
    return stay(next, told, ...effects, ...hangUp([origin.leg]));
  }
  if (kind === 'blind') {
    const next: At<'blind'> = { ...seeking, ...handedBy(origin, at), stage: 'blind', wayBack: true };
    return stay(next, told, { do: 'ring' }, ...hangUp([origin.leg]));
  }
  if (kind === 'three-way') return stay({ ...seeking, stage: 'joining' }, told, { do: 'ring' });
  if (second === undefined) return stay({ ...seeking, stage: 'attended' }, told, { do: 'ring' });
  return stay({ ...seeking, stage: 'attended', second }, told, { do: 'take-in', leg: second }, { do: 'ring' });
};

/** O leaves T and the caller to each other, or to T's ringing phone. */
const complete: On<'complete'> = (state, { leg, at }) => {
  const legs = originLegs(state);
  switch (state.stage) {
    case 'attended':
    case 'joining': {
      if (!legs.includes(leg)) return refuse(state, 'NOT_YOUR_CALL');
      return stay(blindFrom(state, true, at), ...hangUp(legs));
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

const blindFrom = (state: At<'attended' | 'joining'>, wayBack: boolean, at: number): At<'blind'> => {
  const { origin, asked: of, ring } = state;
  const kept = { ...keptOf(state), ...handedBy(origin, at) };
  return { ...kept, stage: 'blind', origin, asked: of, wayBack, ...(ring && { ring }) };
};

const comeBack: On<'return'> = (state, { leg }) => {
  if (
    state.stage !== 'attended' &&
    state.stage !== 'joining' &&
    state.stage !== 'consult' &&
    state.stage !== 'together'
  )
    return refuse(state, 'NOT_NOW');
  const [first = '', second] = originLegs(state);
  if (leg !== first && leg !== second) return refuse(state, 'NOT_YOUR_CALL');
  const target = 'target' in state ? hangUp([state.target.leg]) : stopRinging(state);
  const own = second === undefined ? [] : hangUp([second]);
  return stay(withOrigin(state), ...target, ...own, tell(state, 'returned', state.asked, 'taken-back'));
};

const hold =
  (held: boolean) =>
  (state: HandOver, { leg }: { leg: string }): Taken => {
    if (state.stage !== 'talk') return refuse(state, 'NOT_NOW');
    return leg === state.origin.leg ? stay({ ...state, held }) : refuse(state, 'NOT_YOUR_CALL');
  };

const mute =
  (isMuted: boolean) =>
  (state: HandOver, { leg }: { leg: string }): Taken => {
    if (!partyLegs(state).includes(leg)) return refuse(state, 'NOT_YOUR_CALL');
    const others = state.muted.filter((each) => each !== leg);
    return stay({ ...state, muted: isMuted ? [...others, leg] : others });
  };

const pullBack: On<'pull-back'> = (state, { agent: asking, leg, by, via, at }) => {
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
  if (state.stage === 'return' && leg !== undefined) return stay({ ...state, ...ring }, ...stopRinging(state), reach);
  if (state.stage !== 'blind' && state.stage !== 'rescue') return refuse(state, 'NOT_NOW');
  const of: Asked = { ...askedBy, from: state.asked.to };
  const kept = { ...keptOf(state), since: at };
  const next: At<'return'> = { ...kept, stage: 'return', origin, asked: of, reason: 'taken-back', ...ring };
  // A rescue was told as failed already.
  const former = state.stage === 'blind' ? [tell(state, 'returned', state.asked, 'taken-back')] : [];
  return stay(next, ...stopRinging(state), ...former, tell(state, 'asked', of), reach);
};

const supervise: On<'supervise'> = (state, { leg, as, endpoint }) => {
  const { supervisor } = state;
  if (supervisor === undefined) {
    const next = { ...state, rung: state.rung + 1, supervisor: { leg, as, endpoint, here: false } };
    return stay(next, { do: 'dial-supervisor' });
  }
  if (supervisor.endpoint !== endpoint) return refuse(state, 'NOT_NOW');
  return stay({ ...state, supervisor: { ...supervisor, as } });
};

const supervising: On<'supervising'> = (state) =>
  stay(state.supervisor ? { ...state, supervisor: { ...state.supervisor, here: true } } : state);

const rings: On<'rings'> = (state, { round, legs }) => {
  if (isSeeking(state)) return stay({ ...state, rung: state.rung + 1, ring: { round, legs: [...legs] } });
  return stay(state);
};

export type Seeking = At<'blind' | 'return' | 'rescue' | 'attended' | 'joining' | 'pull-back'>;
const SEEKING: ReadonlySet<HandOver['stage']> = new Set([
  'blind',
  'return',
  'rescue',
  'attended',
  'joining',
  'pull-back',
]);
/** Somebody's phone rings, or is to ring, for the caller. */
export const isSeeking = (state: HandOver): state is Seeking => SEEKING.has(state.stage);

const answered: On<'answered'> = (state, { leg, agent, at }) => {
  if (!isSeeking(state) || !ringingLegs(state).includes(leg)) return stay(state, ...hangUp([leg]));
  switch (state.stage) {
    case 'blind':
    case 'rescue':
      return handedTo(state, { leg, to: state.asked.to, agent }, state.asked, at, state.origin);
    case 'return':
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

/** O has answered the phone again. Being sent away and back counts as a hand-over: the caller has been bounced. */
const returned = (state: At<'return'>, origin: Party, at: number): Taken => {
  const { handedBy: _, ...kept } = keptOf(state);
  const bounced = state.bounced + 1;
  const next: At<'talk'> = { ...kept, stage: 'talk', origin, since: at, held: false, bounced };
  const isTakenBack = state.asked.kind === 'pull-back';
  const told = isTakenBack ? tell(state, 'completed', state.asked) : tell(state, 'returned', state.asked, state.reason);
  const whisper: Effect = { do: 'whisper', leg: origin.leg, word: wordFor(state.reason) };
  return stay(
    isTakenBack ? { ...next, done: state.done + 1 } : next,
    { do: 'join', leg: origin.leg },
    told,
    { do: 'tell-answered', party: origin },
    whisper,
  );
};

const unanswered: On<'unanswered'> = (state, { cause }, rescue) => {
  const reason = reasonOf(cause);
  switch (state.stage) {
    case 'blind': {
      if (!state.wayBack || state.origin.agent === null) return lost(state, state.asked, reason, rescue);
      const { origin } = state;
      return stay({ ...keptOf(state), stage: 'return', origin, asked: state.asked, reason }, { do: 'ring' });
    }
    case 'return':
      return lost(state, state.asked, state.asked.kind === 'pull-back' ? reason : state.reason, rescue);
    case 'rescue':
      return stay({ ...keptOf(state), stage: 'sorry', origin: state.origin }, { do: 'apologise' });
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

const gone: On<'gone'> = (before, { leg, at }, rescue) => {
  const { supervisor, ...rest } = { ...before, muted: before.muted.filter((each) => each !== leg) };
  const state: HandOver = supervisor && supervisor.leg !== leg ? { ...rest, supervisor } : rest;
  if ('target' in state && state.target.leg === leg) return targetGone(state);
  const [first, second] = originLegs(state);
  if (leg === second && 'second' in state) return secondGone(state);
  if (leg !== first) return stay(state);
  if (second !== undefined && 'second' in state) {
    const { second: _, ...alone } = state; // the phone goes on with its own call
    return stay({ ...alone, origin: { ...state.origin, leg: second } });
  }
  return originGone(state, at, rescue);
};

const targetGone = (state: At<'consult' | 'together' | 'pull-back'>): Taken => {
  if (state.stage === 'pull-back') {
    // O rings on, with nobody else for the caller.
    const { target: _, ...rest } = state;
    return stay({ ...rest, stage: 'return', reason: 'hung-up' });
  }
  return stay(withOrigin(state), whisperBack(state, 'hung-up'), tell(state, 'returned', state.asked, 'hung-up'));
};

/** The phone hangs up the call that it consults by: back to the caller. */
const secondGone = (state: At<'attended' | 'consult'>): Taken => {
  const target = state.stage === 'consult' ? hangUp([state.target.leg]) : stopRinging(state);
  return stay(withOrigin(state), ...target, tell(state, 'returned', state.asked, 'taken-back'));
};

const originGone = (state: HandOver, at: number, rescue: DestinationId | undefined): Taken => {
  switch (state.stage) {
    case 'talk':
      return talkerGone(state, rescue);
    case 'attended':
    case 'joining':
      return stay(blindFrom(state, false, at));
    case 'consult':
    case 'together':
      return handedTo(state, state.target, state.asked, at, state.origin);
    default:
      return stay(state);
  }
};

const talkerGone = (state: At<'talk'>, rescue: DestinationId | undefined): Taken => {
  const { supervisor, origin } = state;
  if (supervisor?.as === 'barge' && supervisor.here) {
    const { supervisor: _, ...rest } = state;
    return stay({ ...rest, origin: { leg: supervisor.leg, to: origin.to, agent: supervisor.endpoint }, held: false });
  }
  if (!state.held) return stay(state, { do: 'end' });
  const to = rescue ?? origin.to;
  const of: Asked = { kind: 'blind', from: origin.to, to, by: origin.agent ?? origin.to, via: 'phone' };
  return lost(state, of, 'hung-up', rescue);
};

const HANDLERS: { readonly [K in Event['is']]: On<K> } = {
  asked,
  complete,
  return: comeBack,
  hold: hold(true),
  resume: hold(false),
  mute: mute(true),
  unmute: mute(false),
  'pull-back': pullBack,
  supervise,
  supervising,
  rings,
  answered,
  unanswered,
  gone,
};

/**
 * What an event makes of a conversation. Total: what does not fit the stage is refused, or changes nothing.
 * @param rescue where a caller goes whom everybody has lost; undefined: nowhere but to the apology.
 */
export const handOver = (state: HandOver, event: Event, rescue: DestinationId | undefined): Taken => {
  const handler = HANDLERS[event.is] as On<Event['is']>;
  return handler(state, event as never, rescue);
};
