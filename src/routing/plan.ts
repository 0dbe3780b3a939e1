/**
 * Where a call goes: `(table, facts, clock) → plan`, the one function that decides it. The live call, `explain`, the
 * expectations, replay and the fallback dialplan all ask here (design §4.1).
 */
import { CallInQuestion, closedWords, explainMatch, isServing, takes } from './conditions.ts';
import { type Dialled, readCaller, readDialled } from './numbering.ts';
import type { CallFacts, Decided, Decision, PassedOver, RegionFound, Routing } from './routing.ts';
import type { ConnectStep, Plan, PlanStep } from './steps.ts';
import { type DestinationId, type HotlineNumber, PROVINCE, type Rule, type Table, type Target } from './table.ts';

const unallocated: Plan = [{ do: 'hangup', cause: 'unallocated' }];

/** The destination that a rule's target stands for in one region. */
export const destinationFor = (to: string, region: string): DestinationId =>
  (to.includes('{') ? to.replaceAll('{region}', region) : to) as DestinationId;

const hoursOf = (table: Table, to: DestinationId): string | undefined =>
  (table.seats.get(to) ?? table.queues.get(to))?.hours;

const connectStep = (table: Table, target: Target, to: DestinationId): ConnectStep => {
  const seats = table.seats.get(to);
  const skill = target.skill === undefined ? {} : { skill: target.skill };
  if (seats) return { do: 'connect', to, ...skill, ringSeconds: target.seconds ?? seats.ringSeconds };
  const waitSeconds = target.seconds ?? table.queues.get(to)?.waitSeconds;
  return { do: 'connect', to, ...skill, ...(waitSeconds === undefined ? {} : { waitSeconds }) };
};

/** Index of the rule that takes a call; -1: none does. */
const decidingRule = ({ rules, rulesOf }: HotlineNumber, call: CallInQuestion): number => {
  if (rulesOf === undefined) return rules.findIndex((rule) => takes(rule, call));
  const some = rulesOf.get(call.region.id);
  if (some === undefined) return -1;
  const { indexes, from, until } = some;
  const { at } = call;
  for (let place = 0; place < indexes.length; place++) {
    if (at < (from[place] as number) || at >= (until[place] as number)) continue;
    const index = indexes[place] as number;
    const rule = rules[index];
    if (rule !== undefined && takes(rule, call)) return index;
  }
  return -1;
};

/** The caller is always answered first: an answered leg survives if the controller dies while an agent's phone rings. */
const planFor = (number: HotlineNumber, rule: Rule | undefined, call: CallInQuestion): Plan => {
  const { table, region } = call;
  const plan: PlanStep[] = [{ do: 'answer' }];
  if (number.prompt !== undefined) plan.push({ do: 'play', prompt: number.prompt });
  for (const target of rule?.connect ?? []) {
    const to = destinationFor(target.to, region.id);
    if (isServing(hoursOf(table, to), call)) plan.push(connectStep(table, target, to));
  }
  plan.push({ do: 'play', prompt: table.apology }, { do: 'hangup', cause: 'no-answer' });
  return plan;
};

/** Where a number's rules connect a call, in order, open or closed: what an agent means who transfers to a number. */
export const stepsFor = (table: Table, number: HotlineNumber, call: CallInQuestion): readonly ConnectStep[] =>
  (number.rules[decidingRule(number, call)]?.connect ?? []).map((target) =>
    connectStep(table, target, destinationFor(target.to, call.region.id)),
  );

/** A step to a destination with its own limit of ringing or waiting. */
export const stepTo = (table: Table, to: DestinationId): ConnectStep =>
  connectStep(table, { to, skill: undefined, seconds: undefined }, to);

/** Whether a destination is within its service hours. */
export const serves = (table: Table, to: DestinationId, call: CallInQuestion): boolean =>
  isServing(hoursOf(table, to), call);

const withAreaCode = (table: Table, areaCode: string | undefined): string | undefined => {
  if (areaCode === undefined) return undefined;
  for (const region of table.regions.values()) if (region.areaCode === areaCode) return region.id;
  return undefined;
};

/**
 * The region of a call, and what told it. The first that answers wins (design §3): trunk, area code dialled, caller's area
 * code, caller's mobile prefix, province. 0591 means Fuzhou: Pingtan shares it and is known by its trunk only.
 */
const findRegion = (table: Table, dialled: Dialled, facts: CallFacts): RegionFound => {
  const ofTrunk = facts.trunk === null ? undefined : table.trunks.get(facts.trunk)?.region;
  if (ofTrunk !== undefined) return { id: ofTrunk, from: 'trunk' };

  const ofDialled = withAreaCode(table, dialled.areaCode);
  if (ofDialled !== undefined) return { id: ofDialled, from: 'dialled-area-code' };

  const caller = readCaller(facts.caller, table);
  if (caller.kind === 'fixed') {
    const ofCaller = withAreaCode(table, caller.areaCode);
    if (ofCaller !== undefined) return { id: ofCaller, from: 'caller-area-code' };
  }
  if (caller.kind === 'mobile') {
    const ofPrefix = table.mobilePrefixes.get(caller.prefix);
    if (ofPrefix !== undefined) return { id: ofPrefix, from: 'caller-mobile-prefix' };
  }
  return { id: PROVINCE, from: 'default' };
};

interface Asked {
  readonly decided: Decided;
  readonly number: HotlineNumber;
  readonly call: CallInQuestion;
}

const ask = (table: Table, facts: CallFacts, at: Date): Asked | undefined => {
  const dialled = readDialled(facts.dialled, table);
  const number = dialled === null ? undefined : table.numbers.get(dialled.number);
  if (dialled === null || number === undefined) return undefined;
  const region = findRegion(table, dialled, facts);
  const call = new CallInQuestion(table, facts, region, at);
  const index = decidingRule(number, call);
  const plan = planFor(number, number.rules[index], call);
  const { unit, mode } = number;
  const rule = index < 0 ? null : index + 1;
  const { revision } = table;
  return {
    decided: { revision, dialled: facts.dialled, number: number.number, unit, mode, region, rule, plan },
    number,
    call,
  };
};

const refuse = (table: Table, { dialled }: CallFacts) => ({
  revision: table.revision,
  dialled,
  number: null,
  plan: unallocated,
});

/**
 * What becomes of one call. Total: any dialled string and any caller give a plan or a refusal, never an exception.
 * A checked table has a rule for every region and time; were there none, the caller would still hear the apology.
 */
export const decide = (table: Table, facts: CallFacts, at: Date): Decision =>
  ask(table, facts, at)?.decided ?? refuse(table, facts);

const passedOverBy = (rule: Rule | undefined, call: CallInQuestion): readonly PassedOver[] =>
  (rule?.connect ?? []).flatMap((target) => {
    const to = destinationFor(target.to, call.region.id);
    const hours = hoursOf(call.table, to);
    return isServing(hours, call) ? [] : [{ to, because: closedWords(hours, call) }];
  });

/** {@link decide}, with the reasons: the contract's object. Making the words costs time, so the live call does without. */
export const route = (table: Table, facts: CallFacts, at: Date): Routing => {
  const asked = ask(table, facts, at);
  if (asked === undefined) return refuse(table, facts);
  const { number, call } = asked;
  const { rule, plan, ...decided } = asked.decided;
  const tried = number.rules.slice(0, rule ?? undefined);
  const considered = tried.map((each, index) => ({ rule: index + 1, ...explainMatch(each, call) }));
  const passedOver = passedOverBy(rule === null ? undefined : tried.at(-1), call);
  return { ...decided, considered, plan, ...(passedOver.length === 0 ? {} : { passedOver }) };
};
