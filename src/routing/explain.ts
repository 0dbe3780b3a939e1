/** A routing in words: what `hotline explain` prints for a person. */
import type { PassedOver, RegionFound, Routed, Routing, RuleConsidered } from './routing.ts';
import type { PlanStep } from './steps.ts';
import type { Mode, Table } from './table.ts';
import { formatWallTime } from './time/zone-clock.ts';

const modes: Readonly<Record<Mode, string>> = {
  merged: 'merged 整体并入',
  parallel: 'parallel 双号并行',
  subcentre: 'subcentre 设分中心',
};

const sources: Readonly<Record<RegionFound['from'], string>> = {
  trunk: 'the trunk it came in on',
  'dialled-area-code': 'the area code dialled',
  'caller-area-code': "the caller's area code",
  'caller-mobile-prefix': "the caller's mobile prefix",
  default: 'nothing told the city',
};

const labelOf = (table: Table, id: string): string => {
  const label = (table.queues.get(id) ?? table.seats.get(id))?.label;
  return label === undefined ? id : `${id} ${label}`;
};

const stepWords = (table: Table, step: PlanStep): string => {
  switch (step.do) {
    case 'answer':
      return 'answer';
    case 'play':
      return `play ${step.prompt}: ${table.prompts.get(step.prompt)?.text ?? ''}`;
    case 'connect': {
      const skill = step.skill === undefined ? '' : `, skill ${step.skill} only`;
      const limit = step.ringSeconds === undefined ? `wait ${step.waitSeconds} s` : `ring ${step.ringSeconds} s`;
      return `connect ${labelOf(table, step.to)}${skill}, ${limit}`;
    }
    case 'hangup':
      return `hang up: ${step.cause}`;
  }
};

const ruleWords = ({ rule, matched, because }: RuleConsidered): string =>
  `  rule ${rule} ${matched ? 'decides' : 'passed over'}: ${because}`;

const passedOverLines = (table: Table, passedOver: readonly PassedOver[]): readonly string[] =>
  passedOver.length === 0
    ? []
    : ['closed', ...passedOver.map(({ to, because }) => `  ${labelOf(table, to)} passed over: ${because}`)];

const reasonOf = (table: Table, number: string): string => {
  const because = table.numbers.get(number)?.because;
  return because === undefined ? '' : `; keeps seats: ${because}`;
};

const routedLines = (
  table: Table,
  { number, unit, mode, region, considered, passedOver = [], plan }: Routed,
): readonly string[] => [
  `${number} ${unit}, ${modes[mode]}${reasonOf(table, number)}`,
  `region ${region.id} ${table.regions.get(region.id)?.name ?? ''}: ${sources[region.from]}`,
  'rules',
  ...considered.map(ruleWords),
  ...passedOverLines(table, passedOver),
  'plan',
  ...plan.map((step, index) => `  ${index + 1} ${stepWords(table, step)}`),
];

/** The plan and why, as lines of text; `at`: when the call came in. */
export const explain = (table: Table, routing: Routing, at?: Date): string =>
  [
    `dialled ${routing.dialled}, table ${routing.revision}`,
    ...(at === undefined ? [] : [`at ${formatWallTime(table.clock.wallTime(at.getTime()))} ${table.clock.timeZone}`]),
    ...(routing.number === null
      ? ['not a number of this table: refused as unallocated (SIP 404), nothing is dialled']
      : routedLines(table, routing)),
  ].join('\n');
