/**
 * YAML text → plain data, and the place of every part of it. Whatever the text is, the answer is data and problems.
 */
import { type Document, isMap, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
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
  /** The text is not YAML: parts of `value` may be missing that the author did write. */
  readonly broken: boolean;
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

const lineOfDeepestNesting = (text: string): number => {
  let depth = 0;
  let line = 1;
  for (const character of text) {
    if (character === '\n') line++;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > 100) return line;
  }
  return 1;
};

const parse = (text: string, lines: LineCounter): Document.Parsed | undefined => {
  try {
    // Duplicate keys are looked for in `yaml-values.ts`: the library compares each key with every other.
    return parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  } catch (error) {
    // The library recurses into nested collections; the stack's end is the only error it has for that.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
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
  if (document === undefined) {
    const place = { file, line: lineOfDeepestNesting(text), column: 1 };
    const problem = tableProblem('TABLE_TOO_DEEP', 'nested deeper than can be read', place);
    return { value: undefined, place: () => place, written: () => undefined, problems: [problem], broken: true };
  }
  const complaints = [...document.errors, ...document.warnings];
  for (const { message, pos } of complaints) report('YAML_SYNTAX', message, pos[0]);

  const { value, containers } = toValues(document.contents, report);
  const find = walker(document.contents, value, containers);
  return {
    value,
    place: (path, part = 'value') => placeAt(offsetOf(find(path)[part])),
    written: (path) => (find(path).value as { source?: string } | null)?.source,
    problems,
    broken: complaints.length > 0,
  };
};
