/**
 * Punctuation of a Chinese input method where YAML's own should be. The messages of the YAML library and the schemas are
 * misleading then, so the character is named instead. Only one that stands where YAML's would is blamed: Chinese text is full of them.
 */
import type { Problem } from '../problems.ts';

const halfWidth: Readonly<Record<string, string>> = {
  '：': ':',
  '，': ',',
  '、': ',',
  '“': '"',
  '”': '"',
  '｛': '{',
  '｝': '}',
  '［': '[',
  '］': ']',
};
/** The patterns look back and forth in a line, so longer lines, and problems after the first 200, keep their messages. */
const longestLine = 400;
const mostLookedAt = 200;
const anyOfThem = /[：，、“”｛｝［］]/;

/** Codes of the problems that such a character may cause. */
const mayComeOfIt: ReadonlySet<string> = new Set(['YAML_SYNTAX', 'BAD_VALUE', 'WRONG_TYPE', 'UNKNOWN_KEY']);

/** Where a value or a key begins. */
const begins = '(?:^ *(?:- +)*|(?<=[:：] *)|[[{,［｛，、] *)';
/** Where in a line each stands for YAML's own; the last character found is the one. */
const inPlace: readonly RegExp[] = [
  new RegExp(`${begins}(?:[\\w$-]+|"+|“[^“”]*”)：`, 'g'),
  /[，、](?= *(?:[\w$-]+|"+|“[^“”]*”)[:：](?: |$|[^\w]))/g,
  /(?<=\[[\w\s"“”，、,:*@{}.-]*)[，、](?=[\w\s"“”，、,:*@{}.-]*(?:[\]］]|$))/g,
  new RegExp(`${begins}[“｛［]`, 'g'),
  /(?<=(?:^ *(?:- +)*|[:：[{,［｛，、] *)“[^“”]*)”/g,
  /[｝］](?= *(?:$|[,，}\]｝］]))/g,
];
/** Inside one value, between characters that are not Chinese text. */
const inValue = /(?<=[\w"*}\]])[：，、](?=["\w{[*])/g;
/** A quote that is opened with YAML's own. */
const closesOther = /"[^"“”]*”/g;

/** The line with quoted text and comment blanked out; columns stay. */
const bare = (line: string): string =>
  line
    .replaceAll(/"(?:[^"\\]|\\.)*"|(?<=[\s[{,])'[^']*'/g, (text) => '"'.repeat(text.length))
    .replace(/(?:^|\s)#.*$/, '');

const endsOf = (pattern: RegExp, line: string): number[] =>
  Array.from(line.matchAll(pattern), ({ index, 0: found }) => index + found.length - 1);

/** Columns, from 0, of those that stand for YAML's own. `from`, `to`: the value that is complained of. */
const columnsIn = (line: string, from = 0, to = 0): number[] => {
  if (line.length > longestLine || !anyOfThem.test(line)) return [];
  const seen = bare(line);
  const hasOpenQuote = line.split('"').length % 2 === 0;
  const columns = new Set([
    ...inPlace.flatMap((pattern) => endsOf(pattern, seen)),
    ...endsOf(inValue, seen).filter((column) => column >= from && column < to),
    ...(hasOpenQuote ? endsOf(closesOther, line) : []),
  ]);
  return [...columns].toSorted((a, b) => a - b);
};

/** Where the value, or the key, ends that begins at a column. */
const endOf = (line: string, from: number): number => {
  const length = bare(line)
    .slice(from)
    .search(/[,}\]]|: |:$/);
  return length < 0 ? line.length : from + length;
};

interface Blamed {
  readonly line: number;
  readonly columns: readonly number[];
}

/** The characters that caused a problem. Bad YAML may come of any in its line or, where there is none, in the line before. */
const blamedFor = ({ code, line, column }: Problem, lines: readonly string[]): Blamed | undefined => {
  const written = lines[line - 1] ?? '';
  if (code === 'YAML_SYNTAX') {
    let before = line - 1;
    while (before > 1 && lines[before - 1]?.trim() === '') before -= 1;
    const own = { line, columns: columnsIn(written) };
    return [own, { line: before, columns: columnsIn(lines[before - 1] ?? '') }].find(
      ({ columns }) => columns.length > 0,
    );
  }
  const [from, to] = [column - 1, endOf(written, column - 1)];
  const columns = columnsIn(written, from, to);
  return columns.some((each) => each >= from && each < to) ? { line, columns } : undefined;
};

/** What to write in place of one; a key wants a space behind its colon, `queue:` and `seats:` none. */
const advice = (line: string, column: number): string => {
  const character = line[column] ?? '';
  const isKey =
    character === '：' && /^\S/.test(line.slice(column + 1)) && !/(?:queue|seats)$/.test(line.slice(0, column));
  return `\`${character}\`: write \`${halfWidth[character]}\`${isKey ? ' and a space' : ''}`;
};

const words = (line: string, columns: readonly number[]): string =>
  `full-width ${[...new Set(columns.map((column) => advice(line, column)))].join('; ')}`;

/** Replaces the messages that full-width punctuation caused by one per line that names it, at the first one there. */
export const blameFullWidth = (problems: readonly Problem[], text: string): Problem[] => {
  if (!problems.some(({ code }) => mayComeOfIt.has(code)) || !anyOfThem.test(text)) return [...problems];
  const lines = text.split(/\r?\n/);
  const told = new Set<number>();
  let lookedAt = 0;
  const blamed = problems.flatMap((problem) => {
    const isLookedAt = mayComeOfIt.has(problem.code) && ++lookedAt <= mostLookedAt;
    const found = isLookedAt ? blamedFor(problem, lines) : undefined;
    if (found === undefined) return [problem];
    if (told.has(found.line)) return found.line === problem.line ? [] : [problem];
    told.add(found.line);
    const [first = 0] = found.columns;
    const message = words(lines[found.line - 1] ?? '', found.columns);
    return [{ ...problem, message, line: found.line, column: first + 1 }];
  });
  // A key reported as missing in such a line is there: it was not read as a key.
  return blamed.filter(({ code, line }) => code !== 'MISSING_KEY' || !told.has(line));
};
