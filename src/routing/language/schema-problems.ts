/** Issues found by zod → problems in an engineer's words, each at its place. */

import { z } from 'zod';
import type { TableProblemCode } from '../problems.ts';
import { QUOTE_PLACEHOLDER } from '../yaml/format-error.ts';
import type { Path, YamlText } from '../yaml/text.ts';
import { unquotedNumber } from '../yaml/values.ts';
import { hoursNotText } from './hours-words.ts';
import { didYouMean, quoted } from './spelling.ts';

type Issue = z.core.$ZodIssue;

export interface SchemaProblem {
  readonly code: TableProblemCode;
  readonly message: string;
  readonly path: Path;
  readonly part?: 'key' | 'value';
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

const kindOf = (value: unknown): string => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : String(value);
};

export const valueAt = (value: unknown, path: Path): unknown => {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[step];
  }
  return here;
};

const isWrongKind = (issue: Issue): boolean => issue.code === 'invalid_type' && issue.path.length === 0;

/** Of a union, the issues of the branch whose kind fits the value; none fits: one issue that names every kind. */
const flatten = (issue: Issue): Issue[] => {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(flatten));
  const fitting = branches.find((branch) => !branch.every(isWrongKind));
  const issues = fitting ?? [{ ...branches.flat()[0], expected: expectedKinds(branches.flat()) } as Issue];
  return issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
};

const expectedKinds = (issues: readonly Issue[]): string => {
  const expected = issues.flatMap((issue) =>
    issue.code === 'invalid_type' ? [kinds[issue.expected] ?? issue.expected] : [],
  );
  return [...new Set(expected)].join(', ');
};

/** The nearest key, to begin a message with. */
const subject = (path: Path): string => {
  const key = path.findLast((step) => typeof step === 'string');
  return key === undefined ? '' : `\`${key}\`: `;
};

const emptyChain = (path: Path): SchemaProblem => ({
  code: 'EMPTY_CHAIN',
  message: `${subject(path)}names no destination`,
  path,
});

const unknownKey = (key: string, known: readonly string[], path: Path): SchemaProblem => ({
  code: 'UNKNOWN_KEY',
  message: `\`${key}\` is not known here${didYouMean(key, known)}`,
  path: [...path, key],
  part: 'key',
});

/** Whether a path is a line of service hours, where putting digits in quotes would not help. */
const isHoursLine = (path: Path): boolean => path[0] === 'hours' && path.length === 3;

const wrongType = (expected: string, path: Path, yaml: YamlText): SchemaProblem => {
  const value = valueAt(yaml.value, path);
  const key = String(path.at(-1) ?? 'the table');
  if (value === undefined) return { code: 'MISSING_KEY', message: `\`${key}\` is missing`, path, part: 'key' };
  if (value === null && key === 'connect') return emptyChain(path);
  if (isHoursLine(path)) {
    const found = typeof value === 'object' ? kindOf(value) : `\`${yaml.written(path) ?? String(value)}\``;
    return { code: 'WRONG_TYPE', message: `${subject(path)}${hoursNotText(found)}`, path };
  }
  if (typeof value === 'number' && /text/.test(expected)) {
    return { code: 'NUMBER_UNQUOTED', message: unquotedNumber(yaml.written(path) ?? String(value)), path };
  }
  return { code: 'WRONG_TYPE', message: `${subject(path)}expected ${expected}, found ${kindOf(value)}`, path };
};

const sizeMessage = (issue: Issue & { code: 'too_small' | 'too_big' }): string => {
  const small = issue.code === 'too_small';
  const bound = small ? issue.minimum : issue.maximum;
  const word = small ? 'at least' : 'at most';
  if (issue.origin === 'string') return `${word} ${bound} characters`;
  if (issue.origin === 'array') return `${word} ${bound} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  return `${word} ${bound}`;
};

/** `{region}` without quotes is a mapping of one key without a value. */
const isPlaceholder = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const [entry, ...more] = Object.entries(value);
  return more.length === 0 && entry?.[1] === null && (entry[0] === 'region' || entry[0] === 'number');
};

const placeholder = (path: Path): SchemaProblem => ({
  code: 'WRONG_TYPE',
  message: `${subject(path)}found a mapping; ${QUOTE_PLACEHOLDER}`,
  path,
});

const problemsOf = (issue: Issue, schema: z.core.$ZodType, yaml: YamlText, base: Path): SchemaProblem[] => {
  const path = [...base, ...issue.path];
  const bad = (message: string, part: 'key' | 'value' = 'value'): SchemaProblem[] => [
    { code: 'BAD_VALUE', message: `${subject(path)}${message}`, path, part },
  ];
  switch (issue.code) {
    case 'invalid_type':
      if (isPlaceholder(valueAt(yaml.value, path))) return [placeholder(path)];
      if (isPlaceholder(valueAt(yaml.value, path.slice(0, -1)))) return []; // told as an unknown key
      return [wrongType(kinds[issue.expected] ?? issue.expected, path, yaml)];
    case 'unrecognized_keys':
      if (isPlaceholder(valueAt(yaml.value, path))) return [placeholder(path)];
      return issue.keys.map((key) => unknownKey(key, keysAt(schema, issue.path), path));
    case 'invalid_value': {
      const value = valueAt(yaml.value, path);
      if (typeof value !== 'string') return [wrongType('text', path, yaml)];
      const choices = issue.values.map(String);
      return bad(`${quoted(value)} is none of ${choices.join(', ')}${didYouMean(value, choices)}`);
    }
    case 'too_small':
    case 'too_big':
      if (issue.origin === 'array' && path.at(-1) === 'connect') return [emptyChain(path)];
      return bad(sizeMessage(issue));
    case 'invalid_key':
      return [
        ...bad(issue.issues.map(({ message }) => message).join(', '), 'key'),
        ...behindBadKey(issue, schema, yaml, base),
      ];
    case 'invalid_format': {
      const value = valueAt(yaml.value, path);
      const isQuoted = issue.message.startsWith('`') || typeof value !== 'string';
      return bad(isQuoted ? issue.message : `${quoted(value)}: ${issue.message}`);
    }
    default:
      return bad(issue.message);
  }
};

/** Problems of the value of a bad key, which zod does not look at. */
const behindBadKey = (issue: Issue, schema: z.core.$ZodType, yaml: YamlText, base: Path): SchemaProblem[] => {
  const path = [...base, ...issue.path];
  if (valueAt(yaml.value, path) === null) return [];
  return schemasAt(schema, issue.path).flatMap((inner) => {
    const { error } = z.safeParse(inner, valueAt(yaml.value, path));
    return (error?.issues ?? []).flatMap(flatten).flatMap((each) => problemsOf(each, inner, yaml, path));
  });
};

/**
 * Checks one part of the YAML, found at `base`, against its schema. Every issue is handed to `report`; the value comes
 * back only when there is none.
 */
export const readSchema = <T>(
  schema: z.ZodType<T>,
  yaml: YamlText,
  base: Path,
  report: (problem: SchemaProblem) => void,
): T | undefined => {
  const result = schema.safeParse(valueAt(yaml.value, base));
  if (result.success) return result.data;
  for (const issue of result.error.issues.flatMap(flatten)) {
    for (const problem of problemsOf(issue, schema, yaml, base)) report(problem);
  }
  return undefined;
};

type Schema = z.core.$ZodType;

const unwrap = (schema: Schema): readonly Schema[] => {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  return [schema];
};

const step = (schema: Schema, key: PropertyKey): readonly Schema[] => {
  if (schema instanceof z.ZodObject) {
    const inner: Schema | undefined = schema.shape[String(key)];
    return inner === undefined ? [] : unwrap(inner);
  }
  if (schema instanceof z.ZodRecord) return unwrap(schema.valueType);
  return schema instanceof z.ZodArray ? unwrap(schema.element) : [];
};

/** Every schema that `schema` allows at `path`. */
const schemasAt = (schema: Schema, path: Path): readonly Schema[] => {
  let here = unwrap(schema);
  for (const key of path) here = here.flatMap((inner) => step(inner, key));
  return here;
};

/** Keys of every mapping that `schema` allows at `path`. */
const keysAt = (schema: Schema, path: Path): readonly string[] =>
  schemasAt(schema, path).flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []));
