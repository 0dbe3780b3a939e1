/** Where the rules connect to: that every destination exists for every region a rule serves, and every region is served. */
import { destinationFor } from './plan.ts';
import type { ReportAt } from './references.ts';
import type { NumberRules, PlacedRule, PlacedTarget } from './rules.ts';
import type { Sections } from './sections.ts';
import { didYouMean } from './spelling.ts';

/** The destinations a table declares, and which of them its rules use. */
interface Declared {
  readonly sections: Sections;
  readonly ids: ReadonlySet<string>;
  readonly used: Set<string>;
}

const nameOf = (id: string): string => id.slice(id.indexOf(':') + 1);

const checkSkill = ({ to, skill, path }: PlacedTarget, id: string, { sections }: Declared, report: ReportAt): void => {
  if (skill === undefined) return;
  const skillPath = [...path.slice(0, -1), 'skill'];
  if (id.startsWith('seats:')) {
    report('BAD_VALUE', `\`${to}\` are seats; only a queue has skills`, skillPath);
    return;
  }
  const queue = sections.queues.entries.get(nameOf(id));
  const skills = Object.keys(queue?.skills ?? {});
  if (queue === undefined || skills.includes(skill)) return;
  report('UNKNOWN_SKILL', `\`${id}\` keeps no members for skill \`${skill}\`${didYouMean(skill, skills)}`, skillPath);
};

const missing = (
  target: PlacedTarget,
  ids: readonly string[],
  regions: readonly string[],
  declared: Declared,
  report: ReportAt,
) => {
  const { to, path } = target;
  if (ids.length < regions.length) {
    report('REGION_WITHOUT_DESTINATION', `\`${to}\` does not exist for ${ids.map(nameOf).join(', ')}`, path);
    return;
  }
  const names = to.includes('{') ? [...declared.ids].flatMap((id) => [id, templateOf(id, regions)]) : declared.ids;
  report('UNKNOWN_DESTINATION', `\`${to}\` is not under \`queues\` or \`seats\`${didYouMean(to, names)}`, path);
};

const templateOf = (id: string, regions: readonly string[]): string => {
  const region = regions.find((name) => id.endsWith(`-${name}`));
  return region === undefined ? id : id.slice(0, -region.length).concat('{region}');
};

const checkTarget = (target: PlacedTarget, regions: readonly string[], declared: Declared, report: ReportAt): void => {
  const templated = target.to.includes('{region}');
  const ids = templated ? regions.map((region) => destinationFor(target.to, region)) : [target.to];
  const absent = ids.filter((id) => !declared.ids.has(id));
  if (absent.length > 0) missing(target, absent, templated ? regions : [target.to], declared, report);
  for (const id of ids) {
    if (!declared.ids.has(id)) continue;
    declared.used.add(id);
    checkSkill(target, id, declared, report);
    if (id.startsWith('seats:') && declared.sections.seats.entries.get(nameOf(id))?.transferOnly) {
      report('TRANSFER_ONLY', `\`${id}\` are reached by transfer only`, target.path);
    }
  }
};

/** Regions a rule can still see once the rules before it have taken theirs. */
const servedBy = (rule: PlacedRule, open: ReadonlySet<string>): readonly string[] =>
  rule.regions === undefined ? [...open] : rule.regions.filter((region) => open.has(region));

const checkNumber = (
  { number, shape, rules }: NumberRules,
  regions: ReadonlySet<string>,
  declared: Declared,
  report: ReportAt,
) => {
  const open = new Set(regions);
  for (const rule of rules) {
    const served = servedBy(rule, open);
    const known = rule.regions?.every((region) => regions.has(region)) ?? true;
    if (served.length === 0 && known && regions.size > 0) {
      report('RULE_NEVER_MATCHES', 'rules above take every call of this rule', rule.path);
    }
    const asked = rule.regions?.filter((region) => regions.has(region)) ?? [...regions];
    for (const target of rule.connect) checkTarget(target, served.length > 0 ? served : asked, declared, report);
    for (const region of served) open.delete(region);
  }
  if (shape === undefined) return;
  if (shape.connect !== undefined && shape.rules !== undefined) {
    report('BAD_VALUE', 'either `connect` or `rules`, not both', ['numbers', number, 'rules'], 'key');
  } else if (rules.length === 0) {
    report('MISSING_KEY', `${number} has neither \`connect\` nor \`rules\``, ['numbers', number], 'key');
  } else if (open.size > 0) {
    report(
      'REGION_UNCOVERED',
      `no rule of ${number} takes calls from ${[...open].join(', ')}`,
      ['numbers', number],
      'key',
    );
  }
};

/** Checks every chain of every number, and what no chain uses. */
export const checkDestinations = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt): void => {
  const queues = Array.from(sections.queues.names, (name) => `queue:${name}`);
  const seats = Array.from(sections.seats.names, (name) => `seats:${name}`);
  const declared: Declared = { sections, ids: new Set([...queues, ...seats]), used: new Set() };
  for (const number of numbers) checkNumber(number, sections.regions.names, declared, report);

  for (const id of declared.ids) {
    const isSeats = id.startsWith('seats:');
    const byTransfer = isSeats && (sections.seats.entries.get(nameOf(id))?.transferOnly ?? false);
    if (declared.used.has(id) || byTransfer) continue;
    report('UNUSED_DESTINATION', `no rule connects to \`${id}\``, [isSeats ? 'seats' : 'queues', nameOf(id)], 'key');
  }
};
