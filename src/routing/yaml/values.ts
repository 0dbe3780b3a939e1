/**
 * Parsed YAML nodes → plain data, noting which node each list and mapping came from. Depth and aliases are bounded
 * here, and keys that stand twice or are not text are reported.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TableProblemCode } from '../problems.ts';

/** @param earlier offset whose line number is added to the message */
export type Report = (code: TableProblemCode, message: string, offset: number, earlier?: number) => void;
export type Containers = ReadonlyMap<object, YAMLMap | YAMLSeq>;

const deepest = 32;
const mostAliasedNodes = 10_000;

export const offsetOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0;

/** A key as text; undefined when it is not a scalar. */
export const keyText = (key: unknown): string | undefined => {
  if (key === null) return '';
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
};

/** The message about digits that should have been in quotes. */
export const unquotedNumber = (digits: string): string =>
  `write "${digits}" in quotes: without them YAML reads an integer and drops leading zeros`;

/** Converts the whole of `root`. No key of a mapping is special. */
export const toValues = (root: unknown, report: Report): { value: unknown; containers: Containers } => {
  const converter = new Converter(report);
  return { value: converter.convert(root), containers: converter.containers };
};

class Converter {
  readonly containers = new Map<object, YAMLMap | YAMLSeq>();
  readonly #report: Report;
  readonly #anchors = new Map<string, unknown>();
  #aliased = 0;
  #aliasesRefused = false;
  #depthRefused = false;

  constructor(report: Report) {
    this.#report = report;
  }

  convert(node: unknown, depth = 0, inAlias = false): unknown {
    if (inAlias) this.#aliased++;
    if (depth > deepest) {
      if (!this.#depthRefused) this.#report('TABLE_TOO_DEEP', `nested more than ${deepest} deep`, offsetOf(node));
      this.#depthRefused = true;
      return null;
    }
    if (isAlias(node)) return this.#follow(node.source, offsetOf(node), depth);
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
      this.#anchors.set(node.anchor, node);
    }
    if (isMap(node)) return this.#map(node, depth, inAlias);
    if (isSeq(node)) return this.#list(node, depth, inAlias);
    return isScalar(node) ? node.value : null;
  }

  #key(pair: Pair, seen: Map<string, number>): string | undefined {
    const key = keyText(pair.key);
    const offset = offsetOf(pair.key);
    if (key === undefined) {
      this.#report('WRONG_TYPE', 'a key must be text', offset);
      return undefined;
    }
    if (isScalar(pair.key) && typeof pair.key.value === 'number') {
      this.#report('NUMBER_UNQUOTED', unquotedNumber(key), offset);
    }
    const earlier = seen.get(key);
    if (earlier !== undefined)
      this.#report('DUPLICATE_KEY', `\`${key}\` stands here already, in line`, offset, earlier);
    else seen.set(key, offset);
    return key;
  }

  #map(map: YAMLMap, depth: number, inAlias: boolean): object {
    const object: Record<string, unknown> = Object.create(null);
    this.containers.set(object, map);
    const seen = new Map<string, number>();
    for (const pair of map.items) {
      const key = this.#key(pair, seen);
      const value = this.convert(pair.value, depth + 1, inAlias);
      if (key !== undefined && !(key in object)) object[key] = value;
    }
    return object;
  }

  #list(seq: YAMLSeq, depth: number, inAlias: boolean): unknown[] {
    const list = seq.items.map((item) => this.convert(item, depth + 1, inAlias));
    this.containers.set(list, seq);
    return list;
  }

  #follow(name: string, offset: number, depth: number): unknown {
    if (!this.#anchors.has(name)) {
      this.#report('YAML_SYNTAX', `alias \`*${name}\` is not defined: no \`&${name}\` before it`, offset);
    }
    if (!this.#aliasesRefused && this.#aliased <= mostAliasedNodes) {
      return this.convert(this.#anchors.get(name), depth + 1, true);
    }
    if (!this.#aliasesRefused) {
      this.#report('ALIASES_EXPLODE', `aliases repeat more than ${mostAliasedNodes} parts`, offset);
    }
    this.#aliasesRefused = true;
    return null;
  }
}
