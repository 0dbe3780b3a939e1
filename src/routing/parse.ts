/**
 * YAML text → table, or every problem with its line and column. Pure and total: no text makes it throw.
 * Two steps, because only the first knows which prefix list to read: {@link readTable}, then {@link finishTable}.
 */
import { createHash } from 'node:crypto';
import { compileTable } from './compile.ts';
import { checkDestinations } from './destinations.ts';
import { readMobilePrefixes } from './mobile-prefixes.ts';
import { hasErrors, inReadingOrder, type Problem, type TableProblemCode, tableProblem } from './problems.ts';
import { checkReferences, type ReportAt } from './references.ts';
import { type NumberRules, readRules } from './rules.ts';
import { readSections, type Sections } from './sections.ts';
import { readText, type Source } from './source-text.ts';
import type { Table } from './table.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

/** A table as far as its own text tells. */
export interface Draft {
  readonly source: Source;
  readonly text: string;
  readonly yaml: YamlText;
  readonly sections: Sections;
  readonly numbers: readonly NumberRules[];
  readonly problems: readonly Problem[];
  /** The prefix list this table names, relative to its own file. */
  readonly mobilePrefixes: string | undefined;
}

export interface Parsed {
  /** Absent when there is an error; warnings do not keep a table back. */
  readonly table?: Table;
  /** In reading order. */
  readonly problems: readonly Problem[];
}

/** Problems that a part which a YAML syntax error kept from being read may cause anywhere. */
const causedByAbsence: ReadonlySet<TableProblemCode> = new Set([
  'MISSING_KEY',
  'UNKNOWN_REGION',
  'UNKNOWN_TRUNK',
  'UNKNOWN_PROMPT',
  'UNKNOWN_DESTINATION',
  'UNKNOWN_SKILL',
  'REGION_WITHOUT_DESTINATION',
  'REGION_UNCOVERED',
  'RULE_NEVER_MATCHES',
  'UNUSED_DESTINATION',
  'UNUSED_PROMPT',
  'NO_EXPECTATION',
]);

/** Problems that a part read in the wrong place may cause. */
const causedByMisplacement: ReadonlySet<TableProblemCode> = new Set(['UNKNOWN_KEY', 'WRONG_TYPE', 'EMPTY_CHAIN']);

const mayComeOfSyntax = (code: TableProblemCode, line: number, { brokenFrom }: YamlText): boolean =>
  brokenFrom < Infinity && (causedByAbsence.has(code) || (causedByMisplacement.has(code) && line >= brokenFrom));

/** Told once the rest is right: a misspelt name leaves the right one unused. */
const unusedByError: ReadonlySet<string> = new Set(['UNUSED_DESTINATION', 'UNUSED_PROMPT']);

const checkTimeZone = ({ timeZone }: Sections, report: ReportAt) => {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    report('BAD_VALUE', `\`${timeZone}\` is not a time zone; write e.g. Asia/Shanghai`, ['timeZone']);
  }
};

/** Reads and checks the table's own text. */
export const readTable = (source: Source): Draft => {
  const { text, problem } = readText(source);
  const yaml = readYaml(source.file, text);
  const problems: Problem[] = problem ? [problem] : [...yaml.problems];
  const report: ReportAt = (code, message, path, part) => {
    const place = yaml.place(path, part);
    if (problem || mayComeOfSyntax(code, place.line, yaml)) return;
    problems.push(tableProblem(code, message, place));
  };
  const sections = readSections(yaml, ({ code, message, path, part }) => report(code, message, path, part));
  const numbers = readRules(yaml, sections);
  checkTimeZone(sections, report);
  checkReferences(sections, numbers, report);
  checkDestinations(sections, numbers, report);
  const told = hasErrors(problems) ? problems.filter(({ code }) => !unusedByError.has(code)) : problems;
  return { source, text, yaml, sections, numbers, problems: told, mobilePrefixes: sections.mobilePrefixes };
};

const revisionOf = (text: string, prefixes: string): string =>
  createHash('sha256').update(text).update('\0').update(prefixes).digest('hex').slice(0, 16);

/** Joins the prefix list, if the table names one, and compiles. A list that is named and not given is a problem. */
export const finishTable = (draft: Draft, prefixList?: Source): Parsed => {
  const { yaml, sections, numbers } = draft;
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
  if (hasErrors(problems)) return { problems: inReadingOrder(problems) };

  const revision = revisionOf(draft.text, list ? readText(list).text : '');
  const placeOf = (index: number) => yaml.place(['expectations', index]);
  const table = compileTable({ sections, numbers, mobilePrefixes: prefixes, revision, placeOf });
  return { table, problems: inReadingOrder(problems) };
};

/** Both steps at once, for whoever has every text at hand. */
export const parseTable = ({
  mobilePrefixes,
  ...source
}: Source & { readonly mobilePrefixes?: Source | undefined }): Parsed => finishTable(readTable(source), mobilePrefixes);
