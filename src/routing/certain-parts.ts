/**
 * What of a table with errors is beyond doubt: numbers that no error touches, and expectations that only they decide. So
 * that an expectation which fails is told beside the errors, and none is told that fails only because of them.
 */
import type { Checked } from './compile.ts';
import type { NumberRules } from './language/rules.ts';
import type { Sections } from './language/sections.ts';
import type { ExpectationShape } from './language/table-shape.ts';
import { destinationFor } from './plan.ts';
import type { Path } from './yaml/text.ts';

/** An error in one of these may send any call elsewhere; one outside all sections may be anything. */
const DECIDES_FOR_ALL: ReadonlySet<unknown> = new Set([
  undefined,
  'timeZone',
  'mobilePrefixes',
  'regions',
  'trunks',
  'hours',
  'callers',
]);

/** No expectation asks of these. */
const DECIDES_FOR_NONE: ReadonlySet<unknown> = new Set(['defaults', 'whisper', 'handOvers']);

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Sections that are misspelt or missing are errors at the top. */
const decidesForAll = ([section, name]: Path): boolean =>
  DECIDES_FOR_ALL.has(section) || (name === undefined && !DECIDES_FOR_NONE.has(section));

/** @returns undefined when nothing is. */
export const certainParts = (parts: Checked, errorPaths: readonly Path[]): Checked | undefined => {
  if (errorPaths.some(decidesForAll)) return undefined;
  const { sections, numbers } = parts;
  const wrong = (section: string): ReadonlySet<unknown> =>
    new Set(errorPaths.filter(([at]) => at === section).map(([, name]) => name));
  const wrongNumbers = wrong('numbers');
  const wrongExpectations = wrong('expectations');
  const wrongPlaces = new Set([
    ...Array.from(wrong('queues'), (name) => `queue:${name}`),
    ...Array.from(wrong('seats'), (name) => `seats:${name}`),
  ]);
  const isCertain = ({ number, shape, rules }: NumberRules): boolean =>
    shape !== undefined && !wrongNumbers.has(number) && !goesTo(rules, wrongPlaces, sections);
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
  { call, expect }: ExpectationShape,
  doubtful: readonly string[],
  places: ReadonlySet<string>,
): boolean =>
  doubtful.some((number) => call.to.endsWith(number)) ||
  listOf(expect.connect).some((step) => places.has(typeof step === 'string' ? step : step.to));
