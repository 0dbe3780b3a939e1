/** The rules of a number as they are written, short form or long, each with its place in the YAML. */
import { z } from 'zod';
import { type Moment, readMoment } from './moments.ts';
import type { Sections } from './sections.ts';
import { connectShape, type NumberShape, type RuleShape, ruleShape, type TargetShape } from './shape.ts';
import { readShape, valueAt } from './shape-problems.ts';
import type { Rule, Target } from './table.ts';
import type { Path, YamlText } from './yaml-text.ts';
import type { ZoneClock } from './zone-clock.ts';

export interface PlacedTarget extends Target {
  /** Where `to` stands. */
  readonly path: Path;
}

export interface PlacedRule extends Rule {
  readonly connect: readonly PlacedTarget[];
  readonly path: Path;
}

export interface NumberRules {
  readonly number: string;
  /** undefined: the number's entry is of bad shape somewhere. */
  readonly shape: NumberShape | undefined;
  readonly rules: readonly PlacedRule[];
  /** Which of the two ways to write rules the entry uses, well or badly. */
  readonly writes: { readonly connect: boolean; readonly rules: boolean };
}

const asList = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const placeTarget = (target: TargetShape, path: Path): PlacedTarget =>
  typeof target === 'string'
    ? { to: target, skill: undefined, seconds: undefined, path }
    : { to: target.to, skill: target.skill, seconds: target.seconds, path: [...path, 'to'] };

const listed = (value: string | readonly string[] | undefined): readonly string[] | undefined =>
  value === undefined ? undefined : asList(value);

/** Reads moments, each text once: many rules are written for one day. */
type ReadTime = (text: string | undefined) => Moment | undefined;

const timeReader = (clock: ZoneClock): ReadTime => {
  const known = new Map<string, Moment | undefined>();
  return (text) => {
    if (text === undefined) return undefined;
    if (!known.has(text)) known.set(text, readMoment(text, clock));
    return known.get(text);
  };
};

const placeRule = ({ when, connect }: RuleShape, path: Path, readTime: ReadTime): PlacedRule => ({
  regions: listed(when?.region),
  trunks: listed(when?.trunk),
  hours: listed(when?.hours),
  callers: listed(when?.callers),
  from: readTime(when?.from),
  until: readTime(when?.until),
  connect: Array.isArray(connect)
    ? connect.map((target, index) => placeTarget(target, [...path, 'connect', index]))
    : [placeTarget(connect, [...path, 'connect'])],
  path,
});

const rulesOf = ({ connect, rules }: Partial<NumberShape>, path: Path, readTime: ReadTime): readonly PlacedRule[] => [
  ...(connect === undefined ? [] : [placeRule({ connect }, path, readTime)]),
  ...(rules ?? []).map((rule, index) => placeRule(rule, [...path, 'rules', index], readTime)),
];

const silently = () => undefined;

/** What can still be read of a number whose entry is bad somewhere, so that its other mistakes are told as well. */
const salvage = (yaml: YamlText, path: Path, readTime: ReadTime): readonly PlacedRule[] => {
  const written = valueAt(yaml.value, [...path, 'rules']);
  const connect = readShape(connectShape.optional(), yaml, [...path, 'connect'], silently);
  const rules = Array.isArray(written) ? written : [];
  return [
    ...rulesOf({ connect }, path, readTime),
    ...rules.flatMap((_, index) => {
      const rule = readShape(z.optional(ruleShape), yaml, [...path, 'rules', index], silently);
      return rule === undefined ? [] : [placeRule(rule, [...path, 'rules', index], readTime)];
    }),
  ];
};

/** Every number with its rules, in the order of the file. */
export const readRules = (yaml: YamlText, { numbers }: Sections, clock: ZoneClock): readonly NumberRules[] => {
  const readTime = timeReader(clock);
  return Array.from(numbers.names, (number) => {
    const shape = numbers.entries.get(number);
    const path = ['numbers', number];
    const writes = {
      connect: valueAt(yaml.value, [...path, 'connect']) !== undefined,
      rules: valueAt(yaml.value, [...path, 'rules']) !== undefined,
    };
    return { number, shape, rules: shape ? rulesOf(shape, path, readTime) : salvage(yaml, path, readTime), writes };
  });
};
