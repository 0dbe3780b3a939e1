/** Moves that several events of a transfer end in. Pure. */

import type { Refusal } from '../../requests/refusals.ts';
import type { DestinationId } from '../../routing/table.ts';
import type { WaysOut } from '../../routing/transfers.ts';
import type { TransferWord } from '../../routing/whispers.ts';
import type { LegEndCause } from '../../switch/port.ts';
import type { Effect, Event, Taken, Told } from './events.ts';
import { type Asked, type At, keptOf, originLegs, type Party, ringingLegs, type TransferState } from './state.ts';

/** What an event of one kind makes of a conversation. */
export type On<K extends Event['is']> = (
  state: TransferState,
  event: Extract<Event, { is: K }>,
  ways: WaysOut,
) => Taken;

export const stay = (state: TransferState, ...effects: Effect[]): Taken => ({ state, effects });
export const refuse = (state: TransferState, refused: Refusal): Taken => ({ state, effects: [], refused });

export const tell = (state: TransferState, stage: Told, of: Asked, reason: string | null = null): Effect => ({
  do: 'tell',
  stage,
  of,
  reason,
  ...(state.workOrder !== undefined && { workOrder: state.workOrder }),
});

export const hangUp = (legs: readonly string[]): readonly Effect[] =>
  legs.length === 0 ? [] : [{ do: 'hang-up', legs }];

export const stopRinging = (state: TransferState): readonly Effect[] => [
  { do: 'stop-ringing' },
  ...hangUp(ringingLegs(state)),
];

const WORDS: ReadonlySet<string> = new Set<TransferWord>([
  'busy',
  'no-answer',
  'rejected',
  'unreachable',
  'hung-up',
  'taken-back',
]);

export const wordFor = (reason: string): TransferWord => (WORDS.has(reason) ? (reason as TransferWord) : 'unreachable');

/** We hang up a leg when its time is over. */
export const reasonOf = (cause: LegEndCause): string => (cause === 'cancelled' ? 'no-answer' : cause);

/** Who may take the caller back. */
export const handedBy = ({ to, agent }: Party, at: number) => (agent === null ? {} : { handedBy: { to, agent, at } });

export const apologise = (state: TransferState): Taken =>
  stay({ ...keptOf(state), stage: 'sorry', origin: state.origin }, { do: 'apologise' });

const queueing = (state: TransferState, asked: Asked, to: DestinationId): At<'rescue'> => ({
  ...keptOf(state),
  stage: 'rescue',
  origin: state.origin,
  asked: { ...asked, to },
});

/** The transferor, who was to take the caller back out of a queue, does not answer: the caller waits on in it. */
export const queuedAgain = (state: At<'return'>, { to, ring, isSupervised }: NonNullable<At<'return'>['queued']>) => {
  const next: At<'rescue'> = { ...queueing(state, { ...state.asked, kind: 'blind' }, to), ring };
  return isSupervised ? { ...next, isSupervised } : next;
};

/** Neither target nor transferor has the caller: the fallback queue gets the caller, or else the caller hears the apology. */
export const lost = (state: TransferState, asked: Asked, reason: string, { fallbackQueue }: WaysOut): Taken => {
  const told = tell(state, 'failed', asked, reason);
  if (fallbackQueue !== undefined) return stay(queueing(state, asked, fallbackQueue), told, { do: 'ring' });
  const { state: next, effects } = apologise(state);
  return stay(next, told, ...effects);
};

/** Transferred too often: the supervisors decide, where the table names any and they are open. */
export const transferLoop = (state: TransferState, asked: Asked, ways: WaysOut): Taken => {
  if (ways.supervisors === undefined) return lost(state, asked, 'ping-pong', ways);
  const next: At<'rescue'> = { ...queueing(state, asked, ways.supervisors), isSupervised: true };
  return stay(next, tell(state, 'failed', asked, 'ping-pong'), { do: 'ring' });
};

/** The caller is another agent's now. Supervisors may send the caller anywhere: the count begins anew with them. */
export const handedTo = (
  state: TransferState,
  party: Party,
  asked: Asked,
  at: number,
  giver: Party | undefined,
): Taken => {
  const { handedBy: _, ...kept } = keptOf(state);
  const next: At<'talk'> = {
    ...kept,
    ...(giver && handedBy(giver, at)),
    stage: 'talk',
    origin: party,
    since: at,
    held: false,
    done: state.done + 1,
    bounced: state.stage === 'rescue' && state.isSupervised ? 0 : state.bounced + 1,
    ...(state.stage === 'consult' && { unheard: true }),
  };
  return stay(next, { do: 'join', leg: party.leg }, tell(state, 'completed', asked), { do: 'tell-answered', party });
};

/** The transferor, whose leg was there all the time, has the caller again. */
export const withOrigin = (state: TransferState): At<'talk'> => ({
  ...keptOf(state),
  stage: 'talk',
  origin: state.origin,
  held: false,
  ...((state.stage === 'attended' || state.stage === 'consult') && { unheard: true }),
});

/** Says to the transferor why the caller is back. A phone with a consultation leg is told on that, and goes back to its first call. */
export const whisperBack = (state: TransferState, reason: string): Effect => {
  const [first = '', consultation] = originLegs(state);
  const word = wordFor(reason);
  return consultation === undefined ? { do: 'whisper', leg: first, word } : { do: 'dismiss', leg: consultation, word };
};

/** The transferor leaves while the target's phone rings. */
export const becomesBlind = (state: At<'attended' | 'joining'>, wayBack: boolean, at: number): Taken => {
  const { origin, asked: of, ring } = state;
  const kept = { ...keptOf(state), ...handedBy(origin, at) };
  const asked: Asked = { ...of, kind: 'blind' };
  const next: At<'blind'> = { ...kept, stage: 'blind', origin, asked, wayBack, ...(ring && { ring }) };
  return stay(next, tell(next, 'asked', asked));
};
