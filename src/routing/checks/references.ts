/** Names that one part of the table uses and another declares: regions, trunks, prompts, area codes. */

import type { NumberRules } from '../language/rules.ts';
import type { Section, Sections } from '../language/sections.ts';
import { didYouMean } from '../language/spelling.ts';
import type { TableProblemCode } from '../problems.ts';
import { PROVINCE } from '../table.ts';
import type { Path } from '../yaml/text.ts';

/** Reports a problem at a path of the YAML. */
export type ReportAt = (code: TableProblemCode, message: string, path: Path, part?: 'key' | 'value') => void;

type Check = (name: string | null | undefined, path: Path) => void;

const unknown = {
  region: ['UNKNOWN_REGION', 'region', 'regions'],
  trunk: ['UNKNOWN_TRUNK', 'trunk', 'trunks'],
  prompt: ['UNKNOWN_PROMPT', 'prompt', 'prompts'],
  hours: ['UNKNOWN_HOURS', 'hours', 'hours'],
  callers: ['UNKNOWN_CALLERS', 'callers', 'callers'],
} as const;

const checkName =
  (section: Section<unknown>, kind: keyof typeof unknown, report: ReportAt): Check =>
  (name, path) => {
    if (name === undefined || name === null || section.names.has(name)) return;
    const [code, word, part] = unknown[kind];
    report(code, `${word} \`${name}\` is not under \`${part}\`${didYouMean(name, section.names)}`, path);
  };

const checkRegions = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt) => {
  const check = checkName(sections.regions, 'region', report);
  for (const [id, trunk] of sections.trunks.partial) check(trunk.region, ['trunks', id, 'region']);
  for (const { rules, broken } of numbers) {
    for (const { regions, path } of [...rules, ...broken]) {
      for (const [index, region] of (regions ?? []).entries()) check(region, [...path, 'when', 'region', index]);
    }
  }
  for (const [index, entry] of sections.expectationParts.entries()) {
    check(entry.expect?.region, ['expectations', index, 'expect', 'region']);
  }
  if (sections.regions.names.size > 0 && !sections.regions.names.has(PROVINCE)) {
    const message = `region \`${PROVINCE}\` is missing: a call that nothing tells the city of belongs there`;
    report('MISSING_KEY', message, ['regions'], 'key');
  }
};

const checkAreaCodes = ({ regions }: Sections, report: ReportAt) => {
  const owners = new Map<string, string>();
  for (const [id, { areaCode }] of regions.partial) {
    if (areaCode === undefined) continue;
    const owner = owners.get(areaCode);
    if (owner === undefined) owners.set(areaCode, id);
    else
      report('AREA_CODE_SHARED', `${areaCode} belongs to \`${owner}\` already; tell them apart by trunk`, [
        'regions',
        id,
        'areaCode',
      ]);
  }
};

const checkTrunks = (
  { trunks, queues, seats, expectationParts }: Sections,
  numbers: readonly NumberRules[],
  report: ReportAt,
) => {
  const check = checkName(trunks, 'trunk', report);
  const checkEndpoints = (endpoints: readonly (string | undefined)[] | undefined, path: Path) => {
    for (const [index, endpoint] of (endpoints ?? []).entries()) check(endpoint?.split('@')[1], [...path, index]);
  };
  for (const [name, queue] of queues.partial) {
    checkEndpoints(queue.members, ['queues', name, 'members']);
    check(queue.dial?.split('@')[1], ['queues', name, 'dial']);
    for (const [skill, members] of Object.entries(queue.skills ?? {})) {
      checkEndpoints(members, ['queues', name, 'skills', skill]);
    }
  }
  for (const [name, { endpoints }] of seats.partial) checkEndpoints(endpoints, ['seats', name, 'endpoints']);
  for (const [index, entry] of expectationParts.entries())
    check(entry.call?.trunk, ['expectations', index, 'call', 'trunk']);
  for (const { rules, broken } of numbers) {
    for (const rule of [...rules, ...broken]) {
      for (const [index, trunk] of (rule.trunks ?? []).entries()) check(trunk, [...rule.path, 'when', 'trunk', index]);
    }
  }
};

/** Queues without members, and endpoints that are named twice in one list. */
const checkPeople = ({ queues, seats }: Sections, report: ReportAt) => {
  const checkTwice = (endpoints: readonly string[] | undefined, path: Path) => {
    for (const [index, endpoint] of (endpoints ?? []).entries()) {
      if (endpoints?.indexOf(endpoint) !== index)
        report('ENDPOINT_TWICE', `\`${endpoint}\` is in this list already`, [...path, index]);
    }
  };
  for (const [name, { members = [], dial, skills = {} }] of queues.entries) {
    const message = `\`${name}\` has neither members nor \`dial\`: the PBX must keep its members`;
    if (members.length === 0 && dial === undefined) report('QUEUE_WITHOUT_MEMBERS', message, ['queues', name], 'key');
    checkTwice(members, ['queues', name, 'members']);
    for (const [skill, some] of Object.entries(skills)) checkTwice(some, ['queues', name, 'skills', skill]);
  }
  for (const [name, { endpoints }] of seats.entries) checkTwice(endpoints, ['seats', name, 'endpoints']);
};

/** Hours and caller lists: every name that is used is declared, and every declared one is used. */
const checkWhen = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt) => {
  const { hours, callers, queues, seats } = sections;
  const used = { hours: new Set<string>(), callers: new Set<string>() };
  const checks = { hours: checkName(hours, 'hours', report), callers: checkName(callers, 'callers', report) };
  const use = (kind: keyof typeof used, name: string | undefined, path: Path) => {
    if (name === undefined) return;
    used[kind].add(name);
    checks[kind](name, path);
  };
  for (const [name, queue] of queues.partial) use('hours', queue.hours, ['queues', name, 'hours']);
  for (const [name, { hours: open }] of seats.partial) use('hours', open, ['seats', name, 'hours']);
  for (const rule of numbers.flatMap(({ rules, broken }) => [...rules, ...broken])) {
    for (const kind of ['hours', 'callers'] as const) {
      for (const [index, name] of (rule[kind] ?? []).entries()) use(kind, name, [...rule.path, 'when', kind, index]);
    }
  }
  for (const name of hours.names) {
    if (!used.hours.has(name)) report('UNUSED_HOURS', `nothing goes by \`${name}\``, ['hours', name], 'key');
  }
  for (const name of callers.names) {
    if (!used.callers.has(name)) report('UNUSED_CALLERS', `no rule asks for \`${name}\``, ['callers', name], 'key');
  }
};

const checkPrompts = ({ prompts, defaults, numbers, expectationParts }: Sections, report: ReportAt) => {
  const check = checkName(prompts, 'prompt', report);
  check(defaults?.apology, ['defaults', 'apology']);
  for (const [number, { prompt }] of numbers.partial) check(prompt, ['numbers', number, 'prompt']);
  for (const [index, entry] of expectationParts.entries()) {
    check(entry.expect?.prompt, ['expectations', index, 'expect', 'prompt']);
  }
  const used = new Set([defaults?.apology, ...Array.from(numbers.partial.values(), ({ prompt }) => prompt)]);
  for (const id of prompts.names) {
    // A recording of a whisper is used although no rule names it.
    if (!used.has(id) && !id.startsWith('whisper-')) {
      report('UNUSED_PROMPT', `nothing plays \`${id}\``, ['prompts', id], 'key');
    }
  }
};

/** One line for all such numbers: in a table without expectations, one line each would bury everything else. */
const UNTRIED_LISTED_AT_MOST = 40;

const checkExpected = ({ expectationParts }: Sections, numbers: readonly NumberRules[], report: ReportAt) => {
  const called = expectationParts.map((entry) => entry.call?.to ?? '');
  if (called.includes('')) return;
  const endings = new Set(called.flatMap((to) => [to, ...Array.from(to, (_, index) => to.slice(index))]));
  const untried = numbers.map(({ number }) => number).filter((number) => !endings.has(number));
  const [first] = untried;
  if (first === undefined) return;
  const more = untried.length - UNTRIED_LISTED_AT_MOST;
  const list = untried.slice(0, UNTRIED_LISTED_AT_MOST).join(', ');
  const message = `no expectation calls ${list}${more > 0 ? ` and ${more} more` : ''}`;
  report('NO_EXPECTATION', message, ['numbers', first], 'key');
};

/** Reports every name that is used and not declared, and every one that is declared and not used. */
export const checkReferences = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt): void => {
  checkRegions(sections, numbers, report);
  checkAreaCodes(sections, report);
  checkTrunks(sections, numbers, report);
  checkPeople(sections, report);
  checkWhen(sections, numbers, report);
  checkPrompts(sections, report);
  checkExpected(sections, numbers, report);
};
