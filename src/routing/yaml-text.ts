/**
 * YAML text → plain data, and the place of every part of it. Whatever the text is, the answer is data and problems.
 */
import { type Document, isMap, isSeq, LineCounter, type Pair, parseDocument, type YAMLError, type YAMLMap } from 'yaml';
import { type Place, type Problem, type TableProblemCode, tableProblem } from './problems.ts';
import { type Containers, keyText, offsetOf, toValues } from './yaml-values.ts';

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

const parse = (text: string, lineCounter: LineCounter): Document.Parsed =>
  // Duplicate keys are looked for in `yaml-values.ts`: the library compares each key with every other.
  parseDocument(text, { lineCounter, uniqueKeys: false, prettyErrors: false, logLevel: 'error' });

/** The library's words, but where they speak of its own functions. */
const wordsOf = ({ code, message }: YAMLError): string =>
  code === 'MULTIPLE_DOCS' ? 'a second document starts here; a table is one document' : message;

/** One complaint a line: what follows on the same line is mostly the same mistake again. */
const complaintsOf = (document: Document.Parsed, lineOf: (offset: number) => number): readonly YAMLError[] => {
  const seen = new Set<number>();
  return [...document.errors, ...document.warnings]
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .filter(({ pos }) => !seen.has(lineOf(pos[0])) && seen.add(lineOf(pos[0])));
};

/** Reads YAML. Never throws, and does work in proportion to the text's length only. */
export const readYaml = (file: string, text: string): YamlText => {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? { file, line: 1, column: offset + 1 } : { file, line, column: col };
  };
  const report = (code: TableProblemCode, message: string, offset: number) => {
    problems.push(tableProblem(code, message, placeAt(offset)));
  };

  const document = parse(text, lines);
  const complaints = complaintsOf(document, (offset) => placeAt(offset).line);
  const firstDeep = document.errors.find(isTooDeep);
  if (firstDeep) report('TABLE_TOO_DEEP', 'nested deeper than can be read', firstDeep.pos[0]);
  else for (const complaint of complaints) report('YAML_SYNTAX', wordsOf(complaint), complaint.pos[0]);

  const { value, containers } = toValues(firstDeep ? null : document.contents, report);
  const find = walker(document.contents, value, containers);
  return {
    value,
    place: (path, part = 'value') => placeAt(offsetOf(find(path)[part])),
    written: (path) => (find(path).value as { source?: string } | null)?.source,
    problems,
    brokenFrom: firstDeep ? 1 : complaints[0] ? placeAt(complaints[0].pos[0]).line : Infinity,
  };
};
