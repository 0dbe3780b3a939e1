/**
 * Where a call goes: `(table, facts, clock) → plan`, the one function that decides it. The live call, `explain`, the
 * expectations, replay and the fallback dialplan all ask here (design §4.1).
 */
import { type CallInQuestion, judge } from './conditions.ts';
import { readDialled } from './numbering.ts';
import { findRegion } from './region.ts';
import type { CallFacts, ConnectStep, Plan, PlanStep, Routing, RuleConsidered } from './routing.ts';
import type { DestinationId, HotlineNumber, Rule, Table, Target } from './table.ts';

const unallocated: Plan = [{ do: 'hangup', cause: 'unallocated' }];

/** The destination a target of a rule means for one region. */
export const destinationFor = (to: string, region: string): DestinationId =>
  to.replaceAll('{region}', region) as DestinationId;

const connectStep = (table: Table, target: Target, region: string): ConnectStep => {
  const to = destinationFor(target.to, region);
  const seats = table.seats.get(to);
  const skill = target.skill === undefined ? {} : { skill: target.skill };
  if (seats) return { do: 'connect', to, ...skill, ringSeconds: target.seconds ?? seats.ringSeconds };
  const waitSeconds = target.seconds ?? table.queues.get(to)?.waitSeconds;
  return { do: 'connect', to, ...skill, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
};

const firstMatch = (
  rules: readonly Rule[],
  call: CallInQuestion,
): { rule: Rule | undefined; considered: readonly RuleConsidered[] } => {
  const considered: RuleConsidered[] = [];
  for (const [index, rule] of rules.entries()) {
    const verdict = judge(rule, call);
    considered.push({ rule: index + 1, ...verdict });
    if (verdict.matched) return { rule, considered };
  }
  return { rule: undefined, considered };
};

/** A caller is answered first, always: an answered leg lives on if we die while an agent's phone rings. */
const planFor = (table: Table, number: HotlineNumber, rule: Rule | undefined, region: string): Plan => {
  const prompt: PlanStep[] = number.prompt === undefined ? [] : [{ do: 'play', prompt: number.prompt }];
  const connects = (rule?.connect ?? []).map((target) => connectStep(table, target, region));
  return [
    { do: 'answer' },
    ...prompt,
    ...connects,
    { do: 'play', prompt: table.apology },
    { do: 'hangup', cause: 'no-answer' },
  ];
};

/**
 * What becomes of one call. Total: any dialled string and any caller give a plan or a refusal, never an exception.
 * A checked table has a rule for every region; were there none, the caller would still hear the apology.
 */
export const route = (table: Table, facts: CallFacts, at: Date): Routing => {
  const { revision } = table;
  const dialled = readDialled(facts.dialled, table);
  const number = dialled === null ? undefined : table.numbers.get(dialled.number);
  if (dialled === null || number === undefined) {
    return { revision, dialled: facts.dialled, number: null, plan: unallocated };
  }
  const region = findRegion(table, dialled, facts);
  const { rule, considered } = firstMatch(number.rules, { facts, region, at });
  const plan = planFor(table, number, rule, region.id);
  const { unit, mode } = number;
  return { revision, dialled: facts.dialled, number: number.number, unit, mode, region, considered, plan };
};
