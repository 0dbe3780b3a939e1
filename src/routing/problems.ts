/**
 * What can be wrong with a routing table. Problems are data: every one is found in one run, with its place, and none
 * is thrown. Each code has a row in `docs/table.md` and a bad table under `test/fixtures/tables`; a test holds the
 * three together.
 */

/** Stable codes and what each means in one line. `warning`: the table may still go live. */
export const tableProblems = {
  NOT_UTF8: { severity: 'error', meaning: 'the file is not UTF-8 text' },
  TABLE_TOO_LARGE: { severity: 'error', meaning: 'the file is larger than any table may be' },
  TABLE_TOO_DEEP: { severity: 'error', meaning: 'lists and mappings are nested deeper than any table needs' },
  ALIASES_EXPLODE: { severity: 'error', meaning: 'aliases (*name) repeat more than any table needs' },
  YAML_SYNTAX: { severity: 'error', meaning: 'the text is not YAML' },
  DUPLICATE_KEY: { severity: 'error', meaning: 'the same key stands twice in one mapping' },
  UNKNOWN_KEY: { severity: 'error', meaning: 'a key the table language does not have' },
  MISSING_KEY: { severity: 'error', meaning: 'a key that has to be there is not' },
  WRONG_TYPE: {
    severity: 'error',
    meaning: 'text, a number, a list or a mapping stands where another kind is asked for',
  },
  BAD_VALUE: { severity: 'error', meaning: 'a value of the right kind that is not allowed here' },
  NUMBER_UNQUOTED: {
    severity: 'error',
    meaning: 'digits without quotes: YAML reads an integer and drops leading zeros',
  },
  UNKNOWN_REGION: { severity: 'error', meaning: 'a region that is not under `regions`' },
  UNKNOWN_TRUNK: { severity: 'error', meaning: 'a trunk that is not under `trunks`' },
  UNKNOWN_PROMPT: { severity: 'error', meaning: 'a prompt that is not under `prompts`' },
  UNKNOWN_DESTINATION: { severity: 'error', meaning: 'a destination that is not under `queues` or `seats`' },
  REGION_WITHOUT_DESTINATION: {
    severity: 'error',
    meaning: '`{region}` makes a destination that does not exist for some region the rule serves',
  },
  UNKNOWN_HOURS: { severity: 'error', meaning: 'service hours that are not under `hours`' },
  UNKNOWN_CALLERS: { severity: 'error', meaning: 'a caller list that is not under `callers`' },
  UNKNOWN_SKILL: { severity: 'error', meaning: 'a skill the queue keeps no members for' },
  TRANSFER_ONLY: { severity: 'error', meaning: 'a rule connects to seats that are reached by transfer only' },
  EMPTY_CHAIN: { severity: 'error', meaning: '`connect` names no destination' },
  REGION_UNCOVERED: { severity: 'error', meaning: 'a number has no rule for some region' },
  HOURS_GAP: { severity: 'error', meaning: 'at some time a number has no rule for some region' },
  CHAIN_WITHOUT_HUMAN: { severity: 'error', meaning: 'at some time everybody in a chain of destinations is closed' },
  OVERFLOW_LOOPS: {
    severity: 'error',
    meaning: 'a chain comes back to a destination it has tried, with the same skill and seconds',
  },
  MODE_CONTRADICTED: {
    severity: 'error',
    meaning: 'where a number goes is not what its `mode` says, and no reason is stated',
  },
  HOURS_TWICE: { severity: 'error', meaning: 'a day or a date is given service hours twice' },
  BAD_DATE_RANGE: { severity: 'error', meaning: 'dates that end before they begin' },
  AREA_CODE_SHARED: { severity: 'error', meaning: 'two regions claim one area code' },
  PREFIX_LIST_UNREADABLE: { severity: 'error', meaning: 'the mobile prefix list that the table names cannot be read' },
  BAD_PREFIX: { severity: 'error', meaning: 'a line of the mobile prefix list is not `7 digits,region`' },
  PREFIX_CONFLICT: { severity: 'error', meaning: 'one mobile prefix is given two regions' },
  EXPECTATION_FAILED: { severity: 'error', meaning: 'a call that the table describes does not go where it says' },
  RULE_NEVER_MATCHES: { severity: 'warning', meaning: 'earlier rules already take every call of this rule' },
  RULE_EXPIRED: { severity: 'warning', meaning: 'the `until` of a rule has passed' },
  REGION_WITHOUT_QUEUE: { severity: 'warning', meaning: 'calls of some region never get to a queue' },
  QUEUE_WITHOUT_MEMBERS: {
    severity: 'warning',
    meaning: 'a queue with neither `members` nor `dial`: the PBX must keep its members, or nobody answers',
  },
  ENDPOINT_TWICE: { severity: 'warning', meaning: 'an endpoint is named twice in one list' },
  HOURS_OVERLAP: { severity: 'warning', meaning: 'service hours that are open twice at one time' },
  UNUSED_DESTINATION: { severity: 'warning', meaning: 'no rule and no transfer leads to this queue or these seats' },
  UNUSED_HOURS: { severity: 'warning', meaning: 'nothing goes by these service hours' },
  UNUSED_CALLERS: { severity: 'warning', meaning: 'no rule asks for this caller list' },
  UNUSED_PROMPT: { severity: 'warning', meaning: 'nothing plays this prompt' },
  EXPECTATION_WITHOUT_TIME: {
    severity: 'warning',
    meaning: 'an expectation calls a number that goes by the clock, and does not say when',
  },
  NO_EXPECTATION: { severity: 'warning', meaning: 'no expectation calls this number' },
} as const satisfies Record<string, { severity: Severity; meaning: string }>;

export type Severity = 'error' | 'warning';
export type TableProblemCode = keyof typeof tableProblems;

/** One thing wrong, at its place. `line` and `column` are 1-based; a column counts UTF-16 units, as editors do. */
export interface Problem {
  readonly severity: Severity;
  /** One of {@link tableProblems}, or a code of another check of the same table (prompts). */
  readonly code: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A problem of the table itself; its severity comes from its code. */
export const tableProblem = (code: TableProblemCode, message: string, { file, line, column }: Place): Problem => ({
  severity: tableProblems[code].severity,
  code,
  message,
  file,
  line,
  column,
});

/** The contract's line: `file:line:col: error CODE: message`. */
export const formatProblem = (problem: Problem): string =>
  `${problem.file}:${problem.line}:${problem.column}: ${problem.severity} ${problem.code}: ${problem.message}`;

/** The errors of a table in one line. */
export const inShort = (problems: readonly Problem[]): string => {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return 'no errors';
  return errors.length === 1 ? formatProblem(first) : `${errors.length} errors, first ${formatProblem(first)}`;
};

export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some((problem) => problem.severity === 'error');

/** In the order in which a person reads the file. */
export const inReadingOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
