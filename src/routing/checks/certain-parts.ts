/**
 * The part of a table with errors that is certain: numbers that no error touches, and the expectations that depend on these
 * only. An expectation of that part that fails is reported together with the errors; one that fails only because of an error is not.
 */
import type { Checked } from '../compile.ts';
import type { NumberRules } from '../language/rules.ts';
import type { ExpectationSchema } from '../language/schema-numbers.ts';
import type { Sections } from '../language/sections.ts';
import type { TableSchema } from '../language/table-schema.ts';
import { destinationFor } from '../plan.ts';
import type { Path } from '../yaml/text.ts';

/**
 * By section, the calls that an error in it may send elsewhere: every call, those of the entry that it is in, or none that an
 * expectation asks about. A section that is added to the language has to be added here, or tsc fails.
 */
const DECIDES: Readonly<Record<keyof TableSchema, 'every call' | 'its own' | 'none'>> = {
  $schema: 'its own',
  timeZone: 'every call',
  mobilePrefixes: 'every call',
  defaults: 'none',
  whisper: 'none',
  regions: 'every call',
  trunks: 'every call',
  prompts: 'its own',
  queues: 'its own',
  seats: 'its own',
  hours: 'every call',
  callers: 'every call',
  transfers: 'its own',
  handOvers: 'none',
  numbers: 'its own',
  expectations: 'its own',
};

const isSection = (key: unknown): key is keyof TableSchema => typeof key === 'string' && Object.hasOwn(DECIDES, key);

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** An error outside all sections, or of a section as a whole (misspelt, missing), may be anything. */
const mayDecideEveryCall = ([section, name]: Path): boolean => {
  const decides = isSection(section) ? DECIDES[section] : 'every call';
  return decides === 'every call' || (decides === 'its own' && name === undefined);
};

/** @returns undefined when nothing is. */
export const certainParts = (parts: Checked, errorPaths: readonly Path[]): Checked | undefined => {
  if (errorPaths.some(mayDecideEveryCall)) return undefined;
  const { sections, numbers } = parts;
  const wrong = (section: string): ReadonlySet<unknown> =>
    new Set(errorPaths.filter(([at]) => at === section).map(([, name]) => name));
  const wrongNumbers = wrong('numbers');
  const wrongExpectations = wrong('expectations');
  const wrongPlaces = new Set([
    ...Array.from(wrong('queues'), (name) => `queue:${name}`),
    ...Array.from(wrong('seats'), (name) => `seats:${name}`),
  ]);
  const isCertain = ({ number, entry, rules }: NumberRules): boolean =>
    entry !== undefined && !wrongNumbers.has(number) && !goesTo(rules, wrongPlaces, sections);
  const certain = numbers.filter(isCertain);
  const doubtful = numbers.filter((each) => !isCertain(each)).map(({ number }) => number);
  const expectations = sections.expectations.map((entry, index) =>
    entry === undefined || wrongExpectations.has(index) || isInDoubt(entry, doubtful, wrongPlaces) ? undefined : entry,
  );
  return { ...parts, numbers: certain, sections: { ...sections, expectations } };
};

const goesTo = (rules: NumberRules['rules'], places: ReadonlySet<string>, { regions }: Sections): boolean =>
  places.size > 0 &&
  rules.some(({ connect }) =>
    connect.some(({ to }) => [...regions.names].some((region) => places.has(destinationFor(to, region)))),
  );

const isInDoubt = (
  { call, expect }: ExpectationSchema,
  doubtful: readonly string[],
  places: ReadonlySet<string>,
): boolean =>
  doubtful.some((number) => call.to.endsWith(number)) ||
  listOf(expect.connect).some((step) => places.has(typeof step === 'string' ? step : step.to));
