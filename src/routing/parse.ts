/**
 * YAML text → table, or every problem with its line and column. Pure and total: no text makes it throw.
 * Two steps, because only the first knows which prefix list to read: {@link readTable}, then {@link finishTable}.
 */

import { createHash } from 'node:crypto';
import { certainParts } from './checks/certain-parts.ts';
import { checkDestinations } from './checks/destinations.ts';
import { checkReferences, type ReportAt } from './checks/references.ts';
import { checkStatedTimes } from './checks/stated-times.ts';
import { compileTable } from './compile.ts';
import { blameFullWidth } from './language/full-width.ts';
import { readMobilePrefixes } from './language/mobile-prefixes.ts';
import { type NumberRules, readRules } from './language/rules.ts';
import { valueAt } from './language/schema-problems.ts';
import type { HoursSchema } from './language/schema-when.ts';
import { readSections, type Sections } from './language/sections.ts';
import { didYouMean } from './language/spelling.ts';
import {
  hasErrors,
  inReadingOrder,
  type Place,
  type Problem,
  type TableProblemCode,
  tableProblem,
  tableProblems,
} from './problems.ts';
import type { Table } from './table.ts';
import { type Hours, readHours } from './time/hours.ts';
import { ZoneClock } from './time/zone-clock.ts';
import { readText, type Source } from './yaml/source-text.ts';
import { type Path, readYaml, type YamlText } from './yaml/text.ts';

const builtInTimeZone = 'Asia/Shanghai';

/** A table as far as its own text goes: without the prefix list that it names. */
export interface Draft {
  readonly source: Source;
  readonly text: string;
  readonly yaml: YamlText;
  readonly sections: Sections;
  readonly clock: ZoneClock;
  readonly hours: ReadonlyMap<string, Hours>;
  readonly numbers: readonly NumberRules[];
  readonly problems: readonly Problem[];
  /** Where in the YAML the errors are. */
  readonly errorPaths: readonly Path[];
  /** The prefix list this table names, relative to its own file. */
  readonly mobilePrefixes: string | undefined;
}

export interface Parsed {
  /** Absent when there is an error; a table with warnings only is there. */
  readonly table?: Table;
  /** Where in the text a part of the table stands. */
  readonly locate?: (path: Path, part?: 'key' | 'value') => Place;
  /** The part of a table with errors that the errors do not touch; its expectations can be tried all the same. */
  readonly certain?: Table;
  /** The whole table, when its only errors are that its own expectations fail. */
  readonly unproven?: Table;
  /** In reading order. */
  readonly problems: readonly Problem[];
}

/** Problems that may be reported anywhere only because an entry with a YAML fault was left out. */
const causedByAbsence: ReadonlySet<TableProblemCode> = new Set([
  'MISSING_KEY',
  'UNKNOWN_REGION',
  'UNKNOWN_TRUNK',
  'UNKNOWN_PROMPT',
  'UNKNOWN_DESTINATION',
  'UNKNOWN_HOURS',
  'UNKNOWN_CALLERS',
  'UNKNOWN_SKILL',
  'REGION_WITHOUT_DESTINATION',
  'REGION_UNCOVERED',
  'HOURS_GAP',
  'CHAIN_WITHOUT_HUMAN',
  'MODE_CONTRADICTED',
  'RULE_NEVER_MATCHES',
  'REGION_WITHOUT_QUEUE',
  'EXPECTATION_WITHOUT_TIME',
  'QUEUE_WITHOUT_MEMBERS',
  'UNUSED_DESTINATION',
  'UNUSED_HOURS',
  'UNUSED_CALLERS',
  'UNUSED_PROMPT',
  'NO_EXPECTATION',
]);

/** Whether a problem may come of a YAML fault: text after a fault may be misread, and entries with a fault are missing. */
const mayComeOfSyntax = (code: TableProblemCode, path: Path, line: number, yaml: YamlText): boolean => {
  const { brokenFrom, isPartial, value } = yaml;
  if (line >= brokenFrom) return true;
  if (!isPartial && brokenFrom === Infinity) return false;
  return causedByAbsence.has(code) || (code === 'WRONG_TYPE' && path.length === 1 && valueAt(value, path) === null);
};

/** Reported only when there are no errors: a misspelt name leaves the right one unused. */
const unusedByError: ReadonlySet<string> = new Set([
  'UNUSED_DESTINATION',
  'UNUSED_HOURS',
  'UNUSED_CALLERS',
  'UNUSED_PROMPT',
]);

/** Most problems reported of one code: a large table may repeat one slip in every rule. */
const mostOfACode = 1_000;

/** Only names of places, and UTC: the short name `CST` means America's Central time, fourteen hours away. */
const isOfAPlace = (timeZone: string): boolean => timeZone.includes('/') || timeZone === 'UTC';

const readTimeZone = ({ timeZone = builtInTimeZone }: Sections, report: ReportAt): ZoneClock => {
  try {
    if (isOfAPlace(timeZone)) return new ZoneClock(timeZone);
  } catch {
    // reported below like any other name that is not a place's
  }
  const hint = didYouMean(timeZone, Intl.supportedValuesOf('timeZone')) || '; write e.g. Asia/Shanghai';
  report('BAD_VALUE', `\`${timeZone}\` is not the time zone of a place${hint}`, ['timeZone']);
  return new ZoneClock(builtInTimeZone);
};

const readAllHours = (sections: Sections, report: ReportAt): ReadonlyMap<string, Hours> => {
  const read = new Map<string, Hours>();
  for (const [id, lines] of sections.hours.partial) {
    const entry = sections.hours.entries.get(id);
    const { hours, faults } = readHours(id, entry ?? (lines as HoursSchema)); // what is bad was left out
    for (const { code, message, key, part } of faults) report(code, message, ['hours', id, key], part);
    // Hours with an error count as unknown, so that rules that use them are not checked against them.
    if (entry !== undefined && !faults.some(({ code }) => code === 'BAD_VALUE')) read.set(id, hours);
  }
  return read;
};

/** Reads and checks the table's own text. */
export const readTable = (source: Source): Draft => {
  const { text, problem } = readText(source);
  const yaml = readYaml(source.file, text);
  const found: Problem[] = problem ? [problem] : [...yaml.problems];
  /** Kept apart from full-width advice: the messages about hours already say what was meant. */
  const foundInHours: Problem[] = [];
  const errorPaths: Path[] = found.map(() => []);
  const counts = new Map<TableProblemCode, number>();
  const report: ReportAt = (code, message, path, part) => {
    if (problem) return;
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (tableProblems[code].severity === 'error') errorPaths.push(path);
    if (count > mostOfACode) return;
    const place = yaml.place(path, part);
    if (mayComeOfSyntax(code, path, place.line, yaml)) return;
    (path[0] === 'hours' ? foundInHours : found).push(tableProblem(code, message, place));
  };
  const sections = readSections(yaml, ({ code, message, path, part }) => report(code, message, path, part));
  const clock = readTimeZone(sections, report);
  const hours = readAllHours(sections, report);
  const numbers = readRules(yaml, sections, clock);
  checkReferences(sections, numbers, report);
  checkDestinations(sections, numbers, hours, report);
  checkStatedTimes(sections, numbers, report);
  const problems = [...blameFullWidth(found, text), ...foundInHours];
  for (const [code, count] of counts) {
    const last = problems.findLast((each) => each.code === code);
    const message = `and ${count - mostOfACode} more like the ${mostOfACode} told`;
    if (count > mostOfACode && last) problems.push(tableProblem(code, message, last));
  }
  const told = hasErrors(problems) ? problems.filter(({ code }) => !unusedByError.has(code)) : problems;
  const { mobilePrefixes } = sections;
  return { source, text, yaml, sections, clock, hours, numbers, problems: told, errorPaths, mobilePrefixes };
};

/** Of a table's text and of the prefix list it names. */
export const revisionOf = (text: string, prefixes: string): string =>
  createHash('sha256').update(text).update('\0').update(prefixes).digest('hex').slice(0, 16);

/** Joins the prefix list, if the table names one, and compiles. A list that is named and not given is a problem. */
export const finishTable = (draft: Draft, prefixList?: Source): Parsed => {
  const { yaml, sections, clock, hours, numbers } = draft;
  const problems = [...draft.problems];
  const list = draft.mobilePrefixes === undefined ? undefined : prefixList;
  if (draft.mobilePrefixes !== undefined && list === undefined) {
    const message = `\`${draft.mobilePrefixes}\` cannot be read`;
    problems.push(tableProblem('PREFIX_LIST_UNREADABLE', message, yaml.place(['mobilePrefixes'])));
  }
  const { prefixes, problems: inList } = list
    ? readMobilePrefixes(list, sections.regions.names)
    : { prefixes: new Map<string, string>(), problems: [] };
  problems.push(...inList);
  const revision = revisionOf(draft.text, list ? readText(list).text : '');
  const placeOf = (path: Path, part?: 'key' | 'value') => yaml.place(path, part);
  const parts = { sections, clock, hours, numbers, mobilePrefixes: prefixes, revision, placeOf };
  if (hasErrors(problems)) {
    const certain = problems.length > draft.problems.length ? undefined : certainParts(parts, draft.errorPaths);
    return { problems: inReadingOrder(problems), ...(certain && { certain: compileTable(certain) }) };
  }
  const table = compileTable(parts);
  return { table, locate: placeOf, problems: inReadingOrder(problems) };
};

/** Both steps at once, for a caller that has both texts. */
export const parseTable = ({
  mobilePrefixes,
  ...source
}: Source & { readonly mobilePrefixes?: Source | undefined }): Parsed => finishTable(readTable(source), mobilePrefixes);
