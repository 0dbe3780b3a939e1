/** The rules of a number as they are written, short form or long, each with its place in the YAML. */

import type { Rule, Target } from '../table.ts';
import { type Moment, readMoment } from '../time/moments.ts';
import type { ZoneClock } from '../time/zone-clock.ts';
import type { Path, YamlText } from '../yaml/text.ts';
import { type Salvaged, salvage } from './salvage.ts';
import { type NumberSchema, type RuleSchema, ruleSchema, type TargetSchema } from './schema-numbers.ts';
import { valueAt } from './schema-problems.ts';
import type { Sections } from './sections.ts';

export interface PlacedTarget extends Target {
  /** Where `to` stands. */
  readonly path: Path;
}

export interface PlacedRule extends Rule {
  readonly connect: readonly PlacedTarget[];
  readonly path: Path;
}

type Names = readonly (string | undefined)[] | undefined;

/** The names in a rule, whatever else is wrong with it; in a list, undefined keeps the place of what is bad. */
export interface NamesAsked extends Pick<PlacedRule, 'from' | 'until' | 'connect' | 'path'> {
  readonly regions: Names;
  readonly trunks: Names;
  readonly hours: Names;
  readonly callers: Names;
}

export interface NumberRules {
  readonly number: string;
  /** undefined: the number's entry has an error somewhere. */
  readonly entry: NumberSchema | undefined;
  readonly rules: readonly PlacedRule[];
  /** Of rules with an error: what is good in them. */
  readonly broken: readonly NamesAsked[];
  /** Which of the two ways to write rules the entry uses, well or badly. */
  readonly writes: { readonly connect: boolean; readonly rules: boolean };
}

const asList = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

const placeTarget = (target: TargetSchema, path: Path): PlacedTarget =>
  typeof target === 'string'
    ? { to: target, skill: undefined, seconds: undefined, path }
    : { to: target.to, skill: target.skill, seconds: target.seconds, path: [...path, 'to'] };

/** Reads moments, each text once: many rules share one date. */
type ReadTime = (text: string | undefined) => Moment | undefined;

const timeReader = (clock: ZoneClock): ReadTime => {
  const known = new Map<string, Moment | undefined>();
  return (text) => {
    if (text === undefined) return undefined;
    if (!known.has(text)) known.set(text, readMoment(text, clock));
    return known.get(text);
  };
};

type OneOrMore<Name> = string | readonly Name[] | undefined;

const listed = <Name>(value: OneOrMore<Name>): readonly (string | Name)[] | undefined =>
  value === undefined ? undefined : asList<string | Name>(value);

/** The conditions of a rule as they are written. `Name`: what a list of names holds. */
interface WrittenWhen<Name> {
  readonly region?: OneOrMore<Name>;
  readonly trunk?: OneOrMore<Name>;
  readonly hours?: OneOrMore<Name>;
  readonly callers?: OneOrMore<Name>;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

const readWhen = <Name>(when: WrittenWhen<Name> = {}, readTime: ReadTime) => ({
  regions: listed(when.region),
  trunks: listed(when.trunk),
  hours: listed(when.hours),
  callers: listed(when.callers),
  from: readTime(when.from),
  until: readTime(when.until),
});

const placeRule = ({ when, connect }: RuleSchema, path: Path, readTime: ReadTime): PlacedRule => ({
  ...readWhen<string>(when, readTime),
  connect: Array.isArray(connect)
    ? connect.map((target, index) => placeTarget(target, [...path, 'connect', index]))
    : [placeTarget(connect, [...path, 'connect'])],
  path,
});

const rulesOf = ({ connect, rules }: Partial<NumberSchema>, path: Path, readTime: ReadTime): readonly PlacedRule[] => [
  ...(connect === undefined ? [] : [placeRule({ connect }, path, readTime)]),
  ...(rules ?? []).map((rule, index) => placeRule(rule, [...path, 'rules', index], readTime)),
];

type Written = Salvaged<RuleSchema>;

const targetsIn = (connect: Written['connect'], path: Path): readonly PlacedTarget[] => {
  const place = (target: Salvaged<TargetSchema> | undefined, at: Path): readonly PlacedTarget[] => {
    if (typeof target === 'string') return [placeTarget(target, at)];
    return target?.to === undefined ? [] : [placeTarget({ ...target, to: target.to }, at)];
  };
  return Array.isArray(connect)
    ? (connect as readonly (Salvaged<TargetSchema> | undefined)[]).flatMap((each, index) =>
        place(each, [...path, index]),
      )
    : place(connect as Salvaged<TargetSchema> | undefined, path);
};

const placeNames = ({ when, connect }: Written, path: Path, readTime: ReadTime): NamesAsked => ({
  ...readWhen<string | undefined>(when, readTime),
  connect: targetsIn(connect, [...path, 'connect']),
  path,
});

/** What can still be read of a number whose entry has an error, so that its other mistakes are reported as well. */
const readBroken = (yaml: YamlText, path: Path, readTime: ReadTime): Pick<NumberRules, 'rules' | 'broken'> => {
  const written = valueAt(yaml.value, [...path, 'rules']);
  const rules: PlacedRule[] = [];
  const broken: NamesAsked[] = [];
  const read = (rule: object, at: Path) => {
    const { data } = ruleSchema.safeParse(rule);
    if (data !== undefined) rules.push(placeRule(data, at, readTime));
    else broken.push(placeNames(salvage(ruleSchema, rule) ?? {}, at, readTime));
  };
  const connect = valueAt(yaml.value, [...path, 'connect']);
  if (connect !== undefined) read({ connect }, path);
  for (const [index, rule] of (Array.isArray(written) ? written : []).entries()) {
    if (typeof rule === 'object' && rule !== null) read(rule, [...path, 'rules', index]);
  }
  return { rules, broken };
};

/** Every number with its rules, in the order of the file. */
export const readRules = (yaml: YamlText, { numbers }: Sections, clock: ZoneClock): readonly NumberRules[] => {
  const readTime = timeReader(clock);
  return Array.from(numbers.names, (number) => {
    const entry = numbers.entries.get(number);
    const path = ['numbers', number];
    const writes = {
      connect: valueAt(yaml.value, [...path, 'connect']) !== undefined,
      rules: valueAt(yaml.value, [...path, 'rules']) !== undefined,
    };
    const read = entry ? { rules: rulesOf(entry, path, readTime), broken: [] } : readBroken(yaml, path, readTime);
    return { number, entry, ...read, writes };
  });
};
