/**
 * YAML text → plain data, and the place of every part of it. Whatever the text is, the answer is data and problems.
 */
import { type Document, isMap, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { type Place, type Problem, tableProblem } from '../problems.ts';
import { type Fault, withoutFaults } from './entries.ts';
import { formatYamlError } from './format-error.ts';
import { type Containers, keyText, offsetOf, type Report, toValues } from './values.ts';

/** The way to a part of the YAML: keys of mappings and indexes of lists, from the top. */
export type Path = readonly PropertyKey[];

export interface YamlText {
  readonly value: unknown;
  /** The place of a value, of its key, or of the nearest part around it that exists. */
  place(path: Path, part?: 'key' | 'value'): Place;
  /** How a scalar is written, e.g. `0592` where `value` holds 592. */
  written(path: Path): string | undefined;
  readonly problems: readonly Problem[];
  /** First line that is not YAML: from there on, parts may be missing or elsewhere than the author wrote them. */
  readonly brokenFrom: number;
  /** Parts that are not YAML were left out; all others stand where the author wrote them. */
  readonly isPartial: boolean;
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

/** The library recurses into nested collections, and reports an exhausted stack as a syntax error. */
const isTooDeep = ({ message }: Error): boolean => message.includes('call stack');

const parse = (text: string): Document.Parsed =>
  // Duplicate keys are looked for in `values.ts`: the library compares each key with every other.
  parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });

/** The first in reading order. */
const firstFault = ({ errors, warnings }: Document.Parsed, text: string): Fault | undefined => {
  const deep = errors.find(isTooDeep);
  if (deep) return { code: 'TABLE_TOO_DEEP', message: 'nested deeper than can be read', offset: deep.pos[0] };
  const [first] = [...errors, ...warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (first === undefined) return undefined;
  const [offset] = first.pos;
  return { code: 'YAML_SYNTAX', message: formatYamlError(first, text, offset), offset };
};

type Parts = Pick<YamlText, 'value' | 'place' | 'written' | 'problems'>;

const partsOf = (document: Document.Parsed, placeAt: (offset: number) => Place): Parts => {
  const problems: Problem[] = [];
  const report: Report = (code, message, offset, earlier) => {
    const words = earlier === undefined ? message : `${message} ${placeAt(earlier).line}`;
    problems.push(tableProblem(code, words, placeAt(offset)));
  };
  const isReadable = !document.errors.some(isTooDeep);
  const { value, containers } = toValues(isReadable ? document.contents : null, report);
  const find = walker(document.contents, value, containers);
  return {
    value,
    problems,
    place: (path, part = 'value') => placeAt(offsetOf(find(path)[part])),
    written: (path) => (find(path).value as { source?: string } | null)?.source,
  };
};

/** An alias in one entry may mean an anchor (`&name`) in another. */
const mayHaveAnchors = (text: string): boolean => /[\s[{,]&\w/.test(text);

/** Each entry's own fault; undefined where the faults of this text cannot be told apart by entry. */
const readByEntry = (text: string, placeAt: (offset: number) => Place): YamlText | undefined => {
  if (mayHaveAnchors(text)) return undefined;
  const { faults, rest } = withoutFaults(text, (entry) => firstFault(parse(entry), entry));
  const document = faults.length === 0 ? undefined : parse(rest);
  if (document === undefined || firstFault(document, rest) !== undefined) return undefined;
  const { problems, ...parts } = partsOf(document, placeAt);
  const told = faults.map(({ code, message, offset }) => tableProblem(code, message, placeAt(offset)));
  return { ...parts, problems: [...told, ...problems], brokenFrom: Infinity, isPartial: true };
};

/**
 * Reads YAML. Never throws, and does work in proportion to the text's length only. Of a text that is not YAML, the entries
 * without a fault are read all the same; where that cannot be, what stands before the first fault.
 */
export const readYaml = (file: string, text: string): YamlText => {
  const placeAt = placer(file, text);
  const document = parse(text);
  const fault = firstFault(document, text);
  if (fault === undefined) return { ...partsOf(document, placeAt), brokenFrom: Infinity, isPartial: false };
  const byEntry = readByEntry(text, placeAt);
  if (byEntry !== undefined) return byEntry;
  const { code, message, offset } = fault;
  const { problems, ...parts } = partsOf(document, placeAt);
  const first = tableProblem(code, message, placeAt(offset));
  const brokenFrom = code === 'TABLE_TOO_DEEP' ? 1 : first.line;
  const before = problems.filter(({ line }) => line < brokenFrom);
  return { ...parts, problems: [first, ...before], brokenFrom, isPartial: false };
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
