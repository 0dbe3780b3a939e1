/** Two decisions about one call compared: whether they are the same, and what differs. */
import { formatConnect, planKey } from '../format-plan.ts';
import type { Decision } from '../routing.ts';
import { type ConnectStep, connectsOf, isConnect, type Plan, type PlanStep } from '../steps.ts';

/** What was decided of one call. */
export interface Answer {
  /** null: refused, as no number of the table. */
  readonly number: string | null;
  readonly region: string | null;
  readonly plan: Plan;
}

/**
 * `refused`: a number of one table only · `number`: read as another number · `destination`: who is tried, in which
 * order · `limit`: how long only · `prompt`, `apology`: what is heard · `region`: what the call counts as ·
 * `other`: whatever else of the plan.
 */
export type ChangeKind = 'refused' | 'number' | 'destination' | 'limit' | 'prompt' | 'apology' | 'region' | 'other';

/** Kinds by which a call reaches somebody else or counts as something else. By the others it only hears or waits differently. */
const ELSEWHERE: ReadonlySet<ChangeKind> = new Set(['destination', 'refused', 'number', 'region']);

export const goesElsewhere = (kinds: readonly ChangeKind[]): boolean => kinds.some((kind) => ELSEWHERE.has(kind));

export interface Change {
  readonly kinds: readonly ChangeKind[];
  /** e.g. `seats:12333-xiamen → queue:12345-xiamen` */
  readonly words: string;
}

export const answerOf = (decision: Decision): Answer => ({
  number: decision.number,
  region: decision.number === null ? null : decision.region.id,
  plan: decision.plan,
});

/** A key that is equal for two decisions by which a call goes the same way. */
export const answerKey = ({ number, region, plan }: Answer): string => `${number} ${region} ${planKey(plan)}`;

const templated = (step: PlanStep, region: string): PlanStep =>
  step.do === 'connect' && step.to.endsWith(`-${region}`)
    ? { ...step, to: `${step.to.slice(0, -region.length)}{region}` as ConnectStep['to'] }
    : step;

/** An answer as a table would write it for all regions: `queue:12345-xiamen` → `queue:12345-{region}`. */
export const forAnyRegion = (answer: Answer, region: string): Answer => ({
  number: answer.number,
  region: answer.region === region ? '{region}' : answer.region,
  plan: answer.plan.map((step) => templated(step, region)),
});

/** A plan is what is heard first, who is tried, and what is heard last. */
interface Parts {
  readonly opening: Plan;
  readonly chain: readonly ConnectStep[];
  readonly closing: Plan;
}

const partsOf = (plan: Plan): Parts => {
  const first = plan.findIndex(isConnect);
  if (first < 0) return { opening: plan, chain: [], closing: [] };
  const last = plan.findLastIndex(isConnect);
  return {
    opening: plan.slice(0, first),
    chain: connectsOf(plan),
    closing: plan.slice(last + 1),
  };
};

const place = (step: ConnectStep): string => formatConnect(step, false);
const whole = (step: ConnectStep): string => formatConnect(step, true);

const sharedTail = (before: readonly ConnectStep[], after: readonly ConnectStep[]): number => {
  const most = Math.min(before.length, after.length);
  for (let length = 0; length < most; length++) {
    const [one, other] = [before.at(-1 - length), after.at(-1 - length)];
    if (one === undefined || other === undefined || whole(one) !== whole(other)) return length;
  }
  return most;
};

const limit = ({ ringSeconds, waitSeconds }: ConnectStep): string => {
  if (ringSeconds !== undefined) return `ring ${ringSeconds} s`;
  return waitSeconds === undefined ? 'no limit' : `wait ${waitSeconds} s`;
};

/** The same destinations with other limits: names only those whose limit differs. */
const limitChange = (before: readonly ConnectStep[], after: readonly ConnectStep[]): Change => {
  const words = before.flatMap((step, index) => {
    const other = after[index] ?? step;
    return whole(step) === whole(other) ? [] : [`${place(step)} ${limit(step)} → ${limit(other)}`];
  });
  return { kinds: ['limit'], words: words.join('; ') };
};

/** Limits are written only for destinations that are in both chains with different limits. */
const chainWriter = (before: readonly ConnectStep[], after: readonly ConnectStep[]) => {
  const stays = (step: ConnectStep, others: readonly ConnectStep[]): boolean =>
    others.some((other) => whole(other) === whole(step)) || !others.some((other) => place(other) === place(step));
  const timed = new Set([
    ...before.filter((step) => !stays(step, after)).map(place),
    ...after.filter((step) => !stays(step, before)).map(place),
  ]);
  return (chain: readonly ConnectStep[]): string =>
    chain.length === 0 ? 'nobody' : chain.map((step) => formatConnect(step, timed.has(place(step)))).join(', then ');
};

/**
 * Who is tried instead of whom. A tail that both chains share is written once, and left out where one chain consists of it
 * alone: seats taken away before a queue read `seats:12333-xiamen → queue:12345-xiamen`.
 */
const chainChange = (before: readonly ConnectStep[], after: readonly ConnectStep[]): Change | undefined => {
  const length = sharedTail(before, after);
  if (length === before.length && length === after.length) return undefined;
  if (before.map(place).join() === after.map(place).join()) return limitChange(before, after);
  const write = chainWriter(before, after);
  const gone = before.slice(0, before.length - length);
  const come = after.slice(0, after.length - length);
  const kinds = ['destination'] as const;
  if (gone.length === 0) return { kinds, words: `${write(before)} → ${write(after)}` };
  if (come.length === 0) return { kinds, words: `${write(gone)} → ${write(after)}` };
  const tail = length === 0 ? '' : `, then ${write(after.slice(-length))} as before`;
  return { kinds, words: `${write(gone)} → ${write(come)}${tail}` };
};

/** What a caller hears before the first place or after the last. */
const heard = (steps: Plan): string =>
  steps
    .flatMap((step) => {
      switch (step.do) {
        case 'play':
          return [step.prompt];
        case 'answer':
        case 'hangup':
        case 'connect':
          return [];
        default:
          step satisfies never;
          return []; // of a record that another version wrote
      }
    })
    .join(', ');

const heardChange = (kind: 'prompt' | 'apology', before: Plan, after: Plan): Change | undefined => {
  const [was, is] = [heard(before), heard(after)];
  return was === is ? undefined : { kinds: [kind], words: `${kind} ${was || 'none'} → ${is || 'none'}` };
};

const refusal = (before: Answer, after: Answer): Change => {
  const words = ({ number, plan }: Answer): string =>
    number === null ? 'refused' : partsOf(plan).chain.map(place).join(', then ') || 'nobody';
  return { kinds: ['refused'], words: `${words(before)} → ${words(after)}` };
};

const planChanges = (before: Plan, after: Plan): readonly Change[] => {
  const [was, is] = [partsOf(before), partsOf(after)];
  const changes = [
    chainChange(was.chain, is.chain),
    heardChange('prompt', was.opening, is.opening),
    heardChange('apology', was.closing, is.closing),
  ].filter((change) => change !== undefined);
  if (changes.length > 0 || planKey(before) === planKey(after)) return changes;
  return [{ kinds: ['other'], words: `steps ${JSON.stringify(before)} → ${JSON.stringify(after)}` }];
};

/** What differs between two decisions about one call; undefined: nothing. */
export const changeBetween = (before: Answer, after: Answer): Change | undefined => {
  if (answerKey(before) === answerKey(after)) return undefined;
  if (before.number === null || after.number === null) return refusal(before, after);
  const changes: Change[] = [...planChanges(before.plan, after.plan)];
  if (before.number !== after.number) {
    changes.push({ kinds: ['number'], words: `read as ${before.number} → ${after.number}` });
  }
  if (before.region !== after.region) {
    changes.push({ kinds: ['region'], words: `region ${before.region} → ${after.region}` });
  }
  return { kinds: changes.flatMap(({ kinds }) => kinds), words: changes.map(({ words }) => words).join('; ') };
};
