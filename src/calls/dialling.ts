/** Dialling for a call: whom, in which rounds, what their phones show, and ringing them until one answers. */
import { stepTo } from '../routing/plan.ts';
import type { ConnectStep } from '../routing/steps.ts';
import type { Table } from '../routing/table.ts';
import type { Call, HandedOn, Leg, LegEnd, LegEndCause, LegTarget } from '../switch/port.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TransferState } from './transfer/state.ts';

/** Legs dialled at the same time, and how long they may ring. */
export interface Round {
  readonly targets: readonly LegTarget[];
  readonly seconds: number;
}

/** Ahead of everybody who has just arrived: this caller has waited, talked, and lost the agent. */
const FALLBACK_PRIORITY = 10;

const RINGS_AGAIN_SECONDS = 20;

export const SUPERVISOR_RINGS_SECONDS = 20;

/** For legs that a former controller dialled to a destination that the table has no more. */
const NO_LONGER_THERE_SECONDS = 20;

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

const withPriority = (target: LegTarget): LegTarget =>
  target.kind === 'queue' ? { ...target, priority: FALLBACK_PRIORITY } : target;

/** The rounds of whom a stage of a transfer seeks; empty where it seeks nobody. */
export function soughtBy(state: TransferState, table: Table): readonly Round[] {
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
    case 'talk':
    case 'consult':
    case 'together':
    case 'sorry':
      return [];
  }
}

/**
 * Has the phones dialled from now on show hotline, city, and what the agent before had to say. Nothing for a call to a number
 * outside the table: nobody is rung for it.
 */
export function present(call: Call, table: Table, checkpoint: Checkpoint): void {
  const { number: hotline, region, hand } = checkpoint;
  if (hotline === null || region === null) return;
  const name = `${hotline} ${table.regions.get(region)?.name ?? region}`;
  const { caller } = call.arrival;
  const number = caller !== null && /\d/.test(caller) ? caller : null; // withheld numbers have no digits
  const handedOn = hand && handedOnOf(hand);
  call.present({ name, number, hotline, region, ...(handedOn && { handedOn }) });
}

function handedOnOf(state: TransferState): HandedOn | undefined {
  if (!('asked' in state)) return undefined;
  const { asked, workOrder = null, origin } = state;
  const giver = state.stage === 'pull-back' ? state.target : origin;
  return { from: asked.from, agent: giver.agent, workOrder, note: asked.note ?? null };
}

export interface Ringing {
  readonly rounds: readonly Round[];
  /** The round to begin with. */
  readonly first: number;
  /** Living legs of the first round that a former controller dialled: they are waited for, and the round is not dialled again. */
  readonly adopted: readonly Leg[] | undefined;
  readonly dial: (round: number, targets: readonly LegTarget[]) => readonly Leg[] | Promise<readonly Leg[]>;
  /** Aborts when nobody is sought any more; whoever aborts it hangs up the legs that ring. */
  readonly signal: AbortSignal;
}

export interface Winner {
  readonly leg: Leg;
  /** The agent's endpoint, where the PBX tells. */
  readonly agent: string | null;
}

/** Round after round until a leg answers, or all have rung in vain. */
export async function ring(
  call: Call,
  { rounds, first, adopted, dial, signal }: Ringing,
): Promise<(Winner & { readonly round: number }) | { readonly unanswered: readonly Leg[] }> {
  const unanswered: Leg[] = [];
  for (let round = first; round < rounds.length || (adopted && round === first); round += 1) {
    const { targets = [], seconds = NO_LONGER_THERE_SECONDS } = rounds[round] ?? {};
    const legs = adopted && round === first ? adopted : await dial(round, targets);
    if (signal.aborted) break;
    const winner = await firstAnswer(call, legs, seconds);
    if (winner) return { ...winner, round };
    if (signal.aborted) break;
    unanswered.push(...legs);
  }
  return { unanswered };
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

const TELLING: readonly LegEndCause[] = ['no-answer', 'busy', 'rejected', 'unreachable'];

/** Why nobody answered: of several phones, the one that rang longest says it. We hung up those whose time was over. */
export async function causeOf(unanswered: readonly Leg[]): Promise<LegEndCause> {
  const ends = await Promise.all(unanswered.map(({ ended }) => ended));
  const causes: readonly LegEndCause[] = ends.map(({ cause }) =>
    cause === 'cancelled' || cause === 'hung-up' ? 'no-answer' : cause,
  );
  return TELLING.find((cause) => causes.includes(cause)) ?? 'unreachable';
}
