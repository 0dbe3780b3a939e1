/**
 * YAML text → plain data, and the place of every part of it. Whatever the text is, the answer is data and problems.
 */
import { type Document, isMap, isSeq, type Pair, parseDocument, type YAMLError, type YAMLMap } from 'yaml';
import { type Place, type Problem, tableProblem } from './problems.ts';
import type { Path } from './yaml-path.ts';
import { readInPieces } from './yaml-pieces.ts';
import { type Containers, keyText, offsetOf, type Report, toValues } from './yaml-values.ts';

export type { Path } from './yaml-path.ts';

export interface YamlText {
  readonly value: unknown;
  /** The place of a value, of its key, or of the nearest part around it that exists. */
  place(path: Path, part?: 'key' | 'value'): Place;
  /** How a scalar is written, e.g. `0592` where `value` holds 592. */
  written(path: Path): string | undefined;
  readonly problems: readonly Problem[];
  /** First line that is not YAML: from there on, parts may be missing or elsewhere than the author wrote them. */
  readonly brokenFrom: number;
}

interface Found {
  readonly key: unknown;
  readonly value: unknown;
}

/** Finds pairs by key in maps of any size; an index is made for a map when it is first asked about. */
const pairFinder = () => {
  const indexes = new WeakMap<YAMLMap, Map<string, Pair>>();
  return (map: YAMLMap, key: string): Pair | undefined => {
    const index = indexes.get(map) ?? new Map(map.items.toReversed().map((pair) => [keyText(pair.key) ?? '', pair]));
    indexes.set(map, index);
    return index.get(key);
  };
};

const walker = (root: unknown, value: unknown, containers: Containers) => {
  const findPair = pairFinder();
  return (path: Path): Found => {
    let found: Found = { key: root, value: root };
    let here = value;
    for (const step of path) {
      const container = typeof here === 'object' && here !== null ? containers.get(here) : undefined;
      if (isMap(container)) {
        const pair = findPair(container, String(step));
        if (!pair) return found;
        found = { key: pair.key, value: pair.value ?? pair.key };
      } else if (isSeq(container) && typeof step === 'number' && step < container.items.length) {
        found = { key: container.items[step], value: container.items[step] };
      } else return found;
      here = (here as Record<PropertyKey, unknown>)[step];
    }
    return found;
  };
};

/** The library recurses into nested collections, and reports the end of the stack as it reports a stray comma. */
const isTooDeep = ({ message }: Error): boolean => message.includes('call stack');

const parse = (text: string): Document.Parsed =>
  // Duplicate keys are looked for in `yaml-values.ts`: the library compares each key with every other.
  parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });

/** From this many characters on, a text is read in pieces: the library's nodes for 100,000 rules are a gigabyte. */
const worthCutting = 256 * 1024;

/** The library's words, but where they speak of its own functions. */
const wordsOf = ({ code, message }: YAMLError): string =>
  code === 'MULTIPLE_DOCS' ? 'a second document starts here; a table is one document' : message;

/** One complaint a line: what follows on the same line is mostly the same mistake again. */
const complaintsOf = (
  document: Pick<Whole, 'errors' | 'warnings'>,
  lineOf: (offset: number) => number,
): readonly YAMLError[] => {
  const seen = new Set<number>();
  return [...document.errors, ...document.warnings]
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .filter(({ pos }) => !seen.has(lineOf(pos[0])) && seen.add(lineOf(pos[0])));
};

/** One text as one document. `base`: where in the file it begins, for a text that is a piece of it. */
export interface Whole {
  readonly value: unknown;
  readonly errors: readonly YAMLError[];
  readonly warnings: readonly YAMLError[];
  /** Offsets in the file of a key and of its value, or of the nearest part around that exists. */
  offset(path: Path, part: 'key' | 'value'): number;
  written(path: Path): string | undefined;
  readonly hasAnchors: boolean;
}

/** Reads a text as one document, whatever it is. */
export const readWhole = (text: string, base: number, report: Report): Whole => {
  const document = parse(text);
  const shifted: Report = (code, message, offset) => report(code, message, offset + base);
  const isReadable = !document.errors.some(isTooDeep);
  const { value, containers, hasAnchors } = toValues(isReadable ? document.contents : null, shifted);
  const find = walker(document.contents, value, containers);
  return {
    value,
    errors: document.errors,
    warnings: document.warnings,
    offset: (path, part) => offsetOf(find(path)[part]) + base,
    written: (path) => (find(path).value as { source?: string } | null)?.source,
    hasAnchors,
  };
};

/** Reads YAML. Never throws, and does work in proportion to the text's length only. */
export const readYaml = (file: string, text: string, cutFrom = worthCutting): YamlText => {
  const placeAt = placer(file, text);
  const found: Problem[] = [];
  const cut = text.length < cutFrom ? undefined : readInPieces(text, cutFrom / 4, readWhole, collect(found, placeAt));
  if (cut !== undefined) {
    return {
      value: cut.value,
      place: (path, part = 'value') => placeAt(cut.offset(path, part)),
      written: cut.written,
      problems: found,
      brokenFrom: Infinity,
    };
  }
  const inside: Problem[] = [];
  const whole = readWhole(text, 0, collect(inside, placeAt));
  const problems: Problem[] = [];
  const report = collect(problems, placeAt);
  const complaints = complaintsOf(whole, (offset) => placeAt(offset).line);
  const firstDeep = whole.errors.find(isTooDeep);
  if (firstDeep) report('TABLE_TOO_DEEP', 'nested deeper than can be read', firstDeep.pos[0]);
  else for (const complaint of complaints) report('YAML_SYNTAX', wordsOf(complaint), complaint.pos[0]);
  return {
    value: whole.value,
    place: (path, part = 'value') => placeAt(whole.offset(path, part)),
    written: whole.written,
    problems: [...problems, ...inside],
    brokenFrom: firstDeep ? 1 : complaints[0] ? placeAt(complaints[0].pos[0]).line : Infinity,
  };
};

const collect =
  (problems: Problem[], placeAt: (offset: number) => Place): Report =>
  (code, message, offset) => {
    problems.push(tableProblem(code, message, placeAt(offset)));
  };

/** Offsets → lines and columns. */
const placer = (file: string, text: string): ((offset: number) => Place) => {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
};
