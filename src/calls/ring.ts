/** Ringing legs until one answers: the first wins, the others are let go. */
import type { Call, Leg, LegEnd } from '../switch/port.ts';

export interface Winner {
  readonly leg: Leg;
  /** The agent's endpoint, where the PBX tells. */
  readonly agent: string | null;
}

const hasEnded = (outcome: { answeredBy: string | null } | LegEnd): outcome is LegEnd => 'cause' in outcome;

async function answerOf(leg: Leg): Promise<Winner> {
  const outcome = await leg.outcome;
  if (hasEnded(outcome)) throw new Error(outcome.cause);
  return { leg, agent: outcome.answeredBy };
}

/**
 * The first leg to answer; undefined when all ended, or `seconds` went by. Every other leg is hung up before this
 * returns, so that nobody answers into a conversation.
 */
export async function firstAnswer(call: Call, legs: readonly Leg[], seconds: number): Promise<Winner | undefined> {
  const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, seconds * 1000, undefined);
  const anyAnswer = Promise.any(legs.map(answerOf)).catch(() => undefined); // all ended
  const winner = await Promise.race([
    anyAnswer,
    timeUp.then(async () => {
      await call.upToDate; // or an answer that nobody could tell us of would be hung up
      return legs.some((leg) => leg.isAnswered) ? anyAnswer : undefined;
    }),
  ]);
  clearTimeout(timer);
  await Promise.all(legs.filter((leg) => leg !== winner?.leg).map((leg) => leg.hangup()));
  return winner;
}
