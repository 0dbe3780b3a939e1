/** Where the rules connect to: that every destination exists for every region a rule serves, and every region is served. */

import type { NamesAsked, NumberRules, PlacedTarget } from '../language/rules.ts';
import type { Sections } from '../language/sections.ts';
import { didYouMean } from '../language/spelling.ts';
import { destinationFor } from '../plan.ts';
import type { DestinationId } from '../table.ts';
import { Coverage } from '../time/coverage.ts';
import { formatWallTime, wallTimeOf } from '../time/zone-clock.ts';
import { matching } from '../transfers.ts';
import type { Path } from '../yaml/text.ts';
import { checkChain, checkLoop } from './chains.ts';
import { checkMode } from './modes.ts';
import type { ReportAt } from './references.ts';
import { type Reach, reachOf, type Surroundings } from './rule-reach.ts';

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
    const { entries, partial } = sections.queues;
    const skills = partial.get(nameOf(id))?.skills ?? (entries.has(nameOf(id)) ? {} : undefined);
    return skills && Object.keys(skills);
  };
  const without = ids.filter((id) => skillsOf(id)?.includes(skill) === false);
  if (without.length === 0) return;
  const known = new Set(ids.flatMap((id) => skillsOf(id) ?? []));
  const hint = known.has(skill) ? '' : didYouMean(skill, known); // not what was written
  report('UNKNOWN_SKILL', `no members for skill \`${skill}\` in ${without.map(nameOf).join(', ')}${hint}`, skillPath);
};

/** `queue:12345-xiamen` → `queue:12345-{region}`: what an author may have meant. */
const templateOf = (id: string, regions: readonly string[]): string => {
  const region = regions.find((name) => id.endsWith(`-${name}`));
  return region === undefined ? id : id.slice(0, -region.length).concat('{region}');
};

/** Reports a target whose destination does not exist, in any region or in some only. */
const checkExists = (
  { to, path }: PlacedTarget,
  ids: readonly string[],
  { ids: declared, sections }: Declared,
  report: ReportAt,
): void => {
  const absent = ids.filter((id) => !declared.has(id));
  if (absent.length === 0) return;
  const regions = [...sections.regions.names];
  const names = to.includes('{') ? Array.from(declared, (id) => templateOf(id, regions)) : declared;
  if (absent.length < ids.length || (to.includes('{') && [...names].includes(to))) {
    report('REGION_WITHOUT_DESTINATION', `\`${to}\` makes ${absent.join(', ')}, which does not exist`, path);
    return;
  }
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

/** Reports regions and times that no rule of a number takes. */
const checkLeft = ({ number, entry, rules, writes }: NumberRules, { uncovered, gaps }: Reach, report: ReportAt) => {
  const path = ['numbers', number];
  if (writes.connect && writes.rules) {
    report('BAD_VALUE', 'either `connect` or `rules`, not both', [...path, 'rules'], 'key');
  } else if (!writes.connect && !writes.rules) {
    report('MISSING_KEY', `${number} has neither \`connect\` nor \`rules\``, path, 'key');
  } else if (entry !== undefined) {
    if (uncovered.length > 0) {
      const often = rules.some(({ trunks, callers }) => trunks || callers) ? ' whatever their trunk and caller' : '';
      const message = `no rule of ${number} takes calls from ${uncovered.join(', ')}${often}`;
      report('REGION_UNCOVERED', message, path, 'key');
    }
    const [gap] = gaps;
    if (gap === undefined) return;
    const regions = gaps.map(({ region }) => region).join(', ');
    const time = formatWallTime(wallTimeOf(gap.wallMs));
    report('HOURS_GAP', `no rule of ${number} takes calls from ${regions} at ${time}, for one`, path, 'key');
  }
};

const checkDates = ({ from, until, path }: NamesAsked, report: ReportAt) => {
  if (from === undefined || until === undefined || from.ms < until.ms) return;
  const message = `the rule holds from ${from.written} until ${until.written}: never`;
  report('BAD_DATE_RANGE', message, [...path, 'when', 'until']);
};

/** A rule with an error: nobody knows which calls it takes, so a destination is reported only where it exists for none of them. */
const checkBroken = (rule: NamesAsked, regions: readonly string[], declared: Declared, report: ReportAt) => {
  const asked = rule.regions?.flatMap((region) => (region !== undefined && regions.includes(region) ? [region] : []));
  const isWhole = asked !== undefined && asked.length === rule.regions?.length;
  for (const target of rule.connect) {
    const isTemplated = target.to.includes('{region}');
    const some =
      isTemplated && !isWhole ? regions.filter((region) => declared.ids.has(destinationFor(target.to, region))) : [];
    checkTarget(target, some.length > 0 ? some : (asked ?? regions), declared, report);
  }
  (isWhole ? asked : regions).some((region) => checkLoop(rule.connect, region, report));
  checkDates(rule, report);
};

const checkNumber = (entry: NumberRules, around: Surroundings, declared: Declared, report: ReportAt) => {
  const { regions } = around;
  const { rules } = entry;
  const reach = reachOf(rules, around);
  for (const [index, rule] of rules.entries()) {
    const served = reach.served[index] ?? [];
    const known = rule.regions?.every((region) => regions.has(region)) ?? true;
    if (served.length === 0 && known && regions.size > 0) {
      const isAlone = reachOf([rule], around).served[0]?.length === 0;
      const why = isAlone ? 'no call meets all of its conditions' : 'rules above take every call of this rule';
      report('RULE_NEVER_MATCHES', why, rule.path);
    }
    const asked = rule.regions?.filter((region) => regions.has(region)) ?? [...regions];
    for (const target of rule.connect) checkTarget(target, served.length > 0 ? served : asked, declared, report);
    checkChain(rule, served, declared.sections, around, report);
    checkDates(rule, report);
  }
  for (const rule of entry.broken) checkBroken(rule, [...regions], declared, report);
  checkLeft(entry, reach, report);
  checkMode(entry, reach.served, report);
};

/** A queue that is dialled belongs to another platform, so its members and limits cannot stand here. */
const checkDialled = ({ queues }: Sections, report: ReportAt) => {
  for (const [name, queue] of queues.entries) {
    if (queue.dial === undefined) continue;
    for (const key of ['members', 'skills', 'announce', 'capacity'] as const) {
      const message = `\`${name}\` is dialled, so the other platform keeps its ${key}; write \`dial\` or \`${key}\``;
      if (queue[key] !== undefined) report('BAD_VALUE', message, ['queues', name, key], 'key');
    }
  }
};

/** Reports patterns that fit no destination; @returns every destination that some transfer leads to. */
const checkTransfers = (
  { transfers }: Sections,
  ids: readonly DestinationId[],
  report: ReportAt,
): ReadonlySet<string> => {
  const check = (pattern: string, path: Path, part: 'key' | 'value') => {
    const found = matching(pattern, ids);
    const message = `\`${pattern}\` is nothing under \`queues\` or \`seats\`${didYouMean(pattern, ids)}`;
    if (found.length === 0) report('UNKNOWN_DESTINATION', message, path, part);
    return found;
  };
  const reached = new Set<string>();
  for (const [from, to] of transfers.entries) {
    check(from, ['transfers', from], 'key');
    for (const [index, pattern] of [to].flat().entries()) {
      for (const id of check(pattern, ['transfers', from, index], 'value')) reached.add(id);
    }
  }
  return reached;
};

/** The supervisors' queue has to be in the table; being named here counts as being used. */
const checkHandOvers = ({ sections, used }: Declared, report: ReportAt) => {
  const queue = sections.handOvers?.supervisors;
  if (queue === undefined) return;
  const queues = new Set(Array.from(sections.queues.names, (name) => `queue:${name}`));
  const message = `\`${queue}\` is not under \`queues\`${didYouMean(queue, queues)}`;
  if (queues.has(queue)) used.add(queue);
  else report('UNKNOWN_DESTINATION', message, ['handOvers', 'supervisors']);
};

const checkUsed = ({ sections, ids, used }: Declared, byTransfer: ReadonlySet<string>, report: ReportAt) => {
  for (const id of ids) {
    if (used.has(id)) continue;
    const isSeats = id.startsWith('seats:');
    const entry = sections.seats.entries.get(nameOf(id));
    if (isSeats && (entry === undefined || (entry.transferOnly && byTransfer.has(id)))) continue;
    const message = entry?.transferOnly ? `no transfer leads to \`${id}\`` : `no rule connects to \`${id}\``;
    report('UNUSED_DESTINATION', message, [isSeats ? 'seats' : 'queues', nameOf(id)], 'key');
  }
};

/** Checks every chain of every number, the transfers, and which destinations neither of them uses. */
export const checkDestinations = (
  sections: Sections,
  numbers: readonly NumberRules[],
  hours: Surroundings['hours'],
  report: ReportAt,
): void => {
  const queues = Array.from(sections.queues.names, (name) => `queue:${name}` as const);
  const seats = Array.from(sections.seats.names, (name) => `seats:${name}` as const);
  const declared: Declared = { sections, ids: new Set([...queues, ...seats]), used: new Set() };
  const trunkRegions = new Map(Array.from(sections.trunks.entries, ([id, trunk]) => [id, trunk?.region]));
  const around = { regions: sections.regions.names, trunkRegions, hours, coverage: new Coverage() };
  for (const number of numbers) checkNumber(number, around, declared, report);
  checkDialled(sections, report);
  checkHandOvers(declared, report);
  checkUsed(declared, checkTransfers(sections, [...queues, ...seats], report), report);
};
