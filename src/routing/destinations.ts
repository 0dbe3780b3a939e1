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

const checkSkill = (target: PlacedTarget, ids: readonly string[], { sections }: Declared, report: ReportAt): void => {
  const { to, skill, path } = target;
  if (skill === undefined) return;
  const skillPath = [...path.slice(0, -1), 'skill'];
  if (to.startsWith('seats:')) {
    report('BAD_VALUE', `\`${to}\` is seats; only a queue has skills`, skillPath);
    return;
  }
  const skillsOf = (id: string): readonly string[] | undefined => {
    const queue = sections.queues.entries.get(nameOf(id));
    return queue && Object.keys(queue.skills ?? {});
  };
  const without = ids.filter((id) => skillsOf(id)?.includes(skill) === false);
  if (without.length === 0) return;
  const hint = didYouMean(skill, new Set(ids.flatMap((id) => skillsOf(id) ?? [])));
  report('UNKNOWN_SKILL', `no members for skill \`${skill}\` in ${without.map(nameOf).join(', ')}${hint}`, skillPath);
};

/** `queue:12345-xiamen` → `queue:12345-{region}`: what an author may have meant. */
const templateOf = (id: string, regions: readonly string[]): string => {
  const region = regions.find((name) => id.endsWith(`-${name}`));
  return region === undefined ? id : id.slice(0, -region.length).concat('{region}');
};

/** Tells of destinations that do not exist: all that a target may mean, or only those of some regions. */
const checkExists = (
  { to, path }: PlacedTarget,
  ids: readonly string[],
  { ids: declared, sections }: Declared,
  report: ReportAt,
): void => {
  const absent = ids.filter((id) => !declared.has(id));
  if (absent.length === 0) return;
  if (absent.length < ids.length) {
    report('REGION_WITHOUT_DESTINATION', `\`${to}\` makes ${absent.join(', ')}, which does not exist`, path);
    return;
  }
  const regions = [...sections.regions.names];
  const names = to.includes('{') ? Array.from(declared, (id) => templateOf(id, regions)) : declared;
  report('UNKNOWN_DESTINATION', `\`${to}\` is not under \`queues\` or \`seats\`${didYouMean(to, names)}`, path);
};

const checkTarget = (target: PlacedTarget, regions: readonly string[], declared: Declared, report: ReportAt): void => {
  const templated = target.to.includes('{region}');
  const ids = templated ? regions.map((region) => destinationFor(target.to, region)) : [target.to];
  checkExists(target, ids, declared, report);
  checkSkill(target, ids, declared, report);
  for (const id of ids) {
    declared.used.add(id);
    if (id.startsWith('seats:') && declared.sections.seats.entries.get(nameOf(id))?.transferOnly) {
      report('TRANSFER_ONLY', `\`${id}\` is reached by transfer only`, target.path);
    }
  }
};

/** Regions a rule can still see once the rules before it have taken theirs. */
const servedBy = (rule: PlacedRule, open: ReadonlySet<string>): readonly string[] =>
  rule.regions === undefined ? [...open] : rule.regions.filter((region) => open.has(region));

const checkNumber = (
  { number, shape, rules, writes }: NumberRules,
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
  if (writes.connect && writes.rules) {
    report('BAD_VALUE', 'either `connect` or `rules`, not both', ['numbers', number, 'rules'], 'key');
  } else if (!writes.connect && !writes.rules) {
    report('MISSING_KEY', `${number} has neither \`connect\` nor \`rules\``, ['numbers', number], 'key');
  } else if (open.size > 0 && shape !== undefined) {
    const message = `no rule of ${number} takes calls from ${[...open].join(', ')}`;
    report('REGION_UNCOVERED', message, ['numbers', number], 'key');
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
    const entry = sections.seats.entries.get(nameOf(id));
    const byTransfer = isSeats && (entry === undefined || entry.transferOnly === true);
    if (declared.used.has(id) || byTransfer) continue;
    report('UNUSED_DESTINATION', `no rule connects to \`${id}\``, [isSeats ? 'seats' : 'queues', nameOf(id)], 'key');
  }
};
