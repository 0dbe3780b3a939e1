/**
 * Parsed YAML nodes → plain data, noting which node each list and mapping came from. Depth and aliases are bounded
 * here, and keys are checked: twice the same, or not text.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { TableProblemCode } from '../problems.ts';

/** @param earlier offset of what the message ends in the line of, where there is such a thing */
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

const quoteHint = (digits: string): string =>
  `write "${digits}" in quotes: without them YAML reads an integer and drops leading zeros`;

/** Converts the whole of `root`. No key of a mapping is special. */
export const toValues = (root: unknown, report: Report): { value: unknown; containers: Containers } => {
  const containers = new Map<object, YAMLMap | YAMLSeq>();
  const anchors = new Map<string, unknown>();
  let aliased = 0;
  let aliasesRefused = false;
  let depthRefused = false;

  const convertKey = (pair: Pair, seen: Map<string, number>): string | undefined => {
    const key = keyText(pair.key);
    const offset = offsetOf(pair.key);
    if (key === undefined) report('WRONG_TYPE', 'a key must be text', offset);
    else if (isScalar(pair.key) && typeof pair.key.value === 'number')
      report('NUMBER_UNQUOTED', quoteHint(key), offset);
    if (key === undefined) return undefined;
    const earlier = seen.get(key);
    if (earlier !== undefined) report('DUPLICATE_KEY', `\`${key}\` stands here already, in line`, offset, earlier);
    else seen.set(key, offset);
    return key;
  };

  const convertMap = (map: YAMLMap, depth: number, inAlias: boolean): object => {
    const object: Record<string, unknown> = Object.create(null);
    containers.set(object, map);
    const seen = new Map<string, number>();
    for (const pair of map.items) {
      const key = convertKey(pair, seen);
      const value = convert(pair.value, depth + 1, inAlias);
      if (key !== undefined && !(key in object)) object[key] = value;
    }
    return object;
  };

  const convertSeq = (seq: YAMLSeq, depth: number, inAlias: boolean): unknown[] => {
    const list = seq.items.map((item) => convert(item, depth + 1, inAlias));
    containers.set(list, seq);
    return list;
  };

  const follow = (name: string, offset: number, depth: number): unknown => {
    if (!anchors.has(name))
      report('YAML_SYNTAX', `alias \`*${name}\` is not defined: no \`&${name}\` before it`, offset);
    if (!aliasesRefused && aliased <= mostAliasedNodes) return convert(anchors.get(name), depth + 1, true);
    if (!aliasesRefused) report('ALIASES_EXPLODE', `aliases repeat more than ${mostAliasedNodes} parts`, offset);
    aliasesRefused = true;
    return null;
  };

  const convert = (node: unknown, depth: number, inAlias: boolean): unknown => {
    if (inAlias) aliased++;
    if (depth > deepest) {
      if (!depthRefused) report('TABLE_TOO_DEEP', `nested more than ${deepest} deep`, offsetOf(node));
      depthRefused = true;
      return null;
    }
    if (isAlias(node)) return follow(node.source, offsetOf(node), depth);
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
    if (isMap(node)) return convertMap(node, depth, inAlias);
    if (isSeq(node)) return convertSeq(node, depth, inAlias);
    return isScalar(node) ? node.value : null;
  };

  const value = convert(root, 0, false);
  return { value, containers };
};

/** The words for digits that should have been in quotes. */
export const unquotedNumber = quoteHint;
