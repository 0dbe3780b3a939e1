/**
 * YAML text → plain data, and the place of every part of it. Whatever the text is, the answer is data and problems.
 */
import { type Document, isMap, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { type Place, type Problem, tableProblem } from '../problems.ts';
import type { Path } from './path.ts';
import { type Complaint, isUncut, type Pieces, readInPieces, type Uncut } from './pieces.ts';
import { type Containers, keyText, offsetOf, type Report, toValues } from './values.ts';
import { yamlWords } from './words.ts';

export type { Path } from './path.ts';

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

/** The library recurses into nested collections, and reports the end of the stack as it reports a stray comma. */
const isTooDeep = ({ message }: Error): boolean => message.includes('call stack');

const parse = (text: string): Document.Parsed =>
  // Duplicate keys are looked for in `yaml-values.ts`: the library compares each key with every other.
  parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });

/** From this many characters on, a text is read in pieces: the library's nodes for 100,000 rules are a gigabyte. */
const worthCutting = 256 * 1024;
/** From this many on it is read in no other way: whole, it would take seconds. */
const mostWhole = 512 * 1024;
const pieceSize = 64 * 1024;

/** Only the first is told; words for more would be work for nothing. */
const MOST_COMPLAINTS = 1;

const complaintsOf = ({ errors, warnings }: Document.Parsed, text: string, base: number): readonly Complaint[] => {
  const deep = errors.find(isTooDeep);
  if (deep) return [{ code: 'TABLE_TOO_DEEP', message: 'nested deeper than can be read', offset: deep.pos[0] + base }];
  return [...errors, ...warnings]
    .toSorted((a, b) => a.pos[0] - b.pos[0])
    .slice(0, MOST_COMPLAINTS)
    .map((error): Complaint => {
      const [offset] = error.pos;
      return { code: 'YAML_SYNTAX', message: yamlWords(error, text, offset), offset: offset + base };
    });
};

/** One text as one document. `base`: where in the file it begins, for a text that is a piece of it. */
export interface Whole {
  readonly value: unknown;
  /** The first in reading order, if there is any. */
  readonly complaints: readonly Complaint[];
  /** Offsets in the file of a key and of its value, or of the nearest part around that exists. */
  offset(path: Path, part: 'key' | 'value'): number;
  written(path: Path): string | undefined;
  /** Where the first anchor is. */
  readonly anchorAt: number | undefined;
}

/** Reads a text as one document, whatever it is. */
const readWhole = (text: string, base: number, report: Report): Whole => {
  const document = parse(text);
  const shifted: Report = (code, message, offset, earlier) =>
    report(code, message, offset + base, earlier === undefined ? undefined : earlier + base);
  const isReadable = !document.errors.some(isTooDeep);
  const { value, containers, anchorAt } = toValues(isReadable ? document.contents : null, shifted);
  const find = walker(document.contents, value, containers);
  return {
    value,
    complaints: complaintsOf(document, text, base),
    offset: (path, part) => offsetOf(find(path)[part]) + base,
    written: (path) => (find(path).value as { source?: string } | null)?.source,
    anchorAt: anchorAt === undefined ? undefined : anchorAt + base,
  };
};

/** Reads YAML. Never throws, and does work in proportion to the text's length only. */
export const readYaml = (file: string, text: string, cutFrom = worthCutting): YamlText => {
  const reader = new Reader(file, text);
  if (text.length >= cutFrom) {
    const pieces = reader.inPieces(Math.min(pieceSize, cutFrom / 4), false);
    if (!isUncut(pieces)) return pieces;
  }
  return text.length > mostWhole ? reader.largeAndBroken() : reader.whole();
};

class Reader {
  readonly #text: string;
  readonly #placeAt: (offset: number) => Place;

  constructor(file: string, text: string) {
    this.#text = text;
    this.#placeAt = placer(file, text);
  }

  inPieces(size: number, isBroken: boolean): YamlText | Uncut {
    const problems: Problem[] = [];
    const report = this.#collect(problems);
    const pieces = readInPieces(this.#text, { size, read: readWhole, report, isBroken });
    return isUncut(pieces) ? pieces : { ...this.#read(pieces, problems), isPartial: isBroken };
  }

  /** Of a text that is not YAML, each fault once: piece by piece where that can be, else the first. */
  whole(): YamlText {
    const inside: Problem[] = [];
    const whole = readWhole(this.#text, 0, this.#collect(inside));
    const [first] = whole.complaints;
    if (first === undefined) return this.#read(whole, inside);
    const pieces = whole.anchorAt === undefined ? this.inPieces(0, true) : undefined;
    if (pieces !== undefined && !isUncut(pieces) && pieces.problems.some(({ code }) => isFault(code))) return pieces;
    const problems: Problem[] = [];
    this.#collect(problems)(first.code, first.message, first.offset);
    const brokenFrom = first.code === 'TABLE_TOO_DEEP' ? 1 : this.#placeAt(first.offset).line;
    const before = inside.filter(({ line }) => line < brokenFrom);
    return { ...this.#read(whole, [...problems, ...before]), brokenFrom };
  }

  /** Too large to be read whole, and not to be read in pieces as it is. */
  largeAndBroken(): YamlText {
    const pieces = this.inPieces(pieceSize, true);
    if (!isUncut(pieces)) return pieces;
    const problems: Problem[] = [];
    const message = `${pieces.because}: in a table larger than ${mostWhole / 1024} kB each entry is read by itself, without that`;
    this.#collect(problems)('TABLE_TOO_LARGE', message, pieces.offset);
    const nothing: Pieces = { value: null, offset: () => 0, written: () => undefined };
    return { ...this.#read(nothing, problems), brokenFrom: 1 };
  }

  #read({ value, offset, written }: Pieces, problems: readonly Problem[]): YamlText {
    const place: YamlText['place'] = (path, part = 'value') => this.#placeAt(offset(path, part));
    return { value, place, written, problems, brokenFrom: Infinity, isPartial: false };
  }

  #collect(problems: Problem[]): Report {
    return (code, message, offset, earlier) => {
      const words = earlier === undefined ? message : `${message} ${this.#placeAt(earlier).line}`;
      problems.push(tableProblem(code, words, this.#placeAt(offset)));
    };
  }
}

const isFault = (code: string): boolean => code === 'YAML_SYNTAX' || code === 'TABLE_TOO_DEEP';

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
