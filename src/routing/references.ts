/** Names that one part of the table uses and another declares: regions, trunks, prompts, area codes. */
import type { TableProblemCode } from './problems.ts';
import type { NumberRules } from './rules.ts';
import type { Section, Sections } from './sections.ts';
import { didYouMean } from './spelling.ts';
import { PROVINCE } from './table.ts';
import type { Path } from './yaml-text.ts';

/** Reports a problem at a path of the YAML. */
export type ReportAt = (code: TableProblemCode, message: string, path: Path, part?: 'key' | 'value') => void;

type Check = (name: string | null | undefined, path: Path) => void;

const checkName =
  (section: Section<unknown>, kind: 'region' | 'trunk' | 'prompt', report: ReportAt): Check =>
  (name, path) => {
    if (name === undefined || name === null || section.names.has(name)) return;
    const code = ({ region: 'UNKNOWN_REGION', trunk: 'UNKNOWN_TRUNK', prompt: 'UNKNOWN_PROMPT' } as const)[kind];
    report(code, `${kind} \`${name}\` is not under \`${kind}s\`${didYouMean(name, section.names)}`, path);
  };

const checkRegions = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt) => {
  const check = checkName(sections.regions, 'region', report);
  for (const [id, trunk] of sections.trunks.entries) check(trunk?.region, ['trunks', id, 'region']);
  for (const { rules } of numbers) {
    for (const { regions, path } of rules) {
      for (const [index, region] of (regions ?? []).entries()) check(region, [...path, 'when', 'region', index]);
    }
  }
  for (const [index, entry] of sections.expectations.entries()) {
    check(entry?.expect.region, ['expectations', index, 'expect', 'region']);
  }
  if (sections.regions.names.size > 0 && !sections.regions.names.has(PROVINCE)) {
    const message = `region \`${PROVINCE}\` is missing: a call that nothing tells the city of belongs there`;
    report('MISSING_KEY', message, ['regions'], 'key');
  }
};

const checkAreaCodes = ({ regions }: Sections, report: ReportAt) => {
  const owners = new Map<string, string>();
  for (const [id, { areaCode }] of regions.entries) {
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

const checkTrunks = ({ trunks, queues, seats, expectations }: Sections, report: ReportAt) => {
  const check = checkName(trunks, 'trunk', report);
  const checkEndpoints = (endpoints: readonly string[] | undefined, path: Path) => {
    for (const [index, endpoint] of (endpoints ?? []).entries()) check(endpoint.split('@')[1], [...path, index]);
  };
  for (const [name, queue] of queues.entries) {
    checkEndpoints(queue.members, ['queues', name, 'members']);
    for (const [skill, members] of Object.entries(queue.skills ?? {})) {
      checkEndpoints(members, ['queues', name, 'skills', skill]);
    }
  }
  for (const [name, { endpoints }] of seats.entries) checkEndpoints(endpoints, ['seats', name, 'endpoints']);
  for (const [index, entry] of expectations.entries())
    check(entry?.call.trunk, ['expectations', index, 'call', 'trunk']);
};

const checkPrompts = ({ prompts, defaults, numbers, expectations }: Sections, report: ReportAt) => {
  const check = checkName(prompts, 'prompt', report);
  check(defaults?.apology, ['defaults', 'apology']);
  for (const [number, { prompt }] of numbers.entries) check(prompt, ['numbers', number, 'prompt']);
  for (const [index, entry] of expectations.entries()) {
    check(entry?.expect.prompt, ['expectations', index, 'expect', 'prompt']);
  }
  const used = new Set([defaults?.apology, ...Array.from(numbers.entries.values(), ({ prompt }) => prompt)]);
  for (const id of prompts.names) {
    // Recordings of the whisper's pieces are used though no rule names them.
    if (!used.has(id) && !id.startsWith('whisper-')) {
      report('UNUSED_PROMPT', `nothing plays \`${id}\``, ['prompts', id], 'key');
    }
  }
};

const checkExpected = ({ expectations }: Sections, numbers: readonly NumberRules[], report: ReportAt) => {
  const called = expectations.map((entry) => entry?.call.to ?? '');
  if (called.includes('')) return;
  const endings = new Set(called.flatMap((to) => [to, ...Array.from(to, (_, index) => to.slice(index))]));
  for (const { number } of numbers) {
    if (!endings.has(number)) report('NO_EXPECTATION', `no expectation calls ${number}`, ['numbers', number], 'key');
  }
};

/** Every name that is used and not declared; what is declared and not used. */
export const checkReferences = (sections: Sections, numbers: readonly NumberRules[], report: ReportAt): void => {
  checkRegions(sections, numbers, report);
  checkAreaCodes(sections, report);
  checkTrunks(sections, report);
  checkPrompts(sections, report);
  checkExpected(sections, numbers, report);
};
