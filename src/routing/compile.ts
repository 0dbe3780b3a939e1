/** Checked parts of the text → the frozen table. Called only when nothing is wrong with them. */

import type { NumberRules, PlacedRule } from './language/rules.ts';
import type { ExpectationSchema } from './language/schema-numbers.ts';
import type { Sections } from './language/sections.ts';
import type { AnnounceSchema, HandOversSchema } from './language/table-schema.ts';
import { compileCallers } from './numbering.ts';
import type {
  Announce,
  DestinationId,
  Expectation,
  HotlineNumber,
  Queue,
  Region,
  Rule,
  RulesOfRegion,
  Seats,
  Table,
  TransferLimit,
} from './table.ts';
import type { Hours } from './time/hours.ts';
import { readMoment } from './time/moments.ts';
import type { ZoneClock } from './time/zone-clock.ts';
import { compileTransfers } from './transfers.ts';
import { transferPieces, whisperPieces } from './whispers.ts';
import type { Path } from './yaml/text.ts';

/** Defaults of the language: 20 s to pick up, 2 min of waiting, all phones ring; after five transfers the supervisors take over. */
const builtIn = { ringSeconds: 20, waitSeconds: 120, ring: 'together', mostTransfers: 5 } as const;

interface Spot {
  readonly line: number;
  readonly column: number;
}

export interface Checked {
  readonly sections: Sections;
  readonly numbers: readonly NumberRules[];
  readonly mobilePrefixes: ReadonlyMap<string, string>;
  readonly revision: string;
  readonly clock: ZoneClock;
  readonly hours: ReadonlyMap<string, Hours>;
  readonly placeOf: (path: Path) => Spot;
}

const mapEntries = <T, R>(entries: ReadonlyMap<string, T>, make: (entry: T, name: string) => R): Map<string, R> =>
  new Map(Array.from(entries, ([name, entry]) => [name, Object.freeze(make(entry, name))]));

const keyById = <T extends { readonly id: string }>(entries: ReadonlyMap<string, T>): Map<string, T> =>
  new Map(Array.from(entries.values(), (entry) => [entry.id, entry]));

const compileRule = ({ path: _, connect, ...when }: PlacedRule): Rule => ({
  ...when,
  connect: connect.map(({ to, skill, seconds }) => ({ to, skill, seconds })),
});

/** With fewer rules than this, looking up which to try costs more than trying them. */
const fewRules = 8;

const takesWholeRegion = ({ trunks, hours, callers, from, until }: Rule): boolean =>
  (trunks ?? hours ?? callers ?? from ?? until) === undefined;

/** By region, the rules that may take its calls, up to and including the first that takes all of them. */
const rulesByRegion = (
  rules: readonly Rule[],
  regions: Iterable<string>,
): ReadonlyMap<string, RulesOfRegion> | undefined => {
  if (rules.length < fewRules) return undefined;
  const open = new Map<string, number[]>(Array.from(regions, (region) => [region, []]));
  const byRegion = new Map(open);
  for (const [index, rule] of rules.entries()) {
    for (const region of rule.regions ?? [...open.keys()]) {
      open.get(region)?.push(index);
      if (takesWholeRegion(rule)) open.delete(region);
    }
  }
  return new Map(Array.from(byRegion, ([region, indexes]) => [region, withTimes(indexes, rules)]));
};

const withTimes = (indexes: readonly number[], rules: readonly Rule[]): RulesOfRegion => ({
  indexes: Int32Array.from(indexes),
  from: Float64Array.from(indexes, (index) => rules[index]?.from?.ms ?? -Infinity),
  until: Float64Array.from(indexes, (index) => rules[index]?.until?.ms ?? Infinity),
});

const compileNumber = ({ number, entry, rules }: NumberRules, regions: Iterable<string>): readonly HotlineNumber[] => {
  if (entry === undefined) return [];
  const { unit, mode, prompt, because } = entry;
  const compiled = rules.map(compileRule);
  const rulesOf = rulesByRegion(compiled, regions);
  return [Object.freeze({ number, unit, mode, prompt, because, rules: compiled, rulesOf })];
};

const compileExpectation = (
  { call, expect }: ExpectationSchema,
  { line, column }: Spot,
  clock: ZoneClock,
): Expectation => {
  const connect = Array.isArray(expect.connect) ? expect.connect : [expect.connect];
  return {
    call: {
      to: call.to,
      from: call.from,
      trunk: call.trunk,
      at: call.at === undefined ? undefined : readMoment(call.at, clock),
    },
    expect: {
      region: expect.region,
      prompt: expect.prompt,
      connect: connect.map((step) =>
        typeof step === 'string' ? { to: step, skill: undefined } : { to: step.to, skill: step.skill },
      ),
    },
    line,
    column,
  };
};

const compileAnnounce = ({ position = false, estimate = false, everySeconds }: AnnounceSchema): Announce => ({
  position,
  estimate,
  everySeconds,
});

const compileQueues = ({ queues, defaults }: Sections): Map<string, Queue> => {
  const waitSeconds = defaults?.waitSeconds ?? builtIn.waitSeconds;
  return keyById(
    mapEntries(queues.entries, (queue, name) => {
      const skillMembers = new Map(Object.entries(queue.skills ?? {}));
      return {
        id: `queue:${name}` as const,
        name,
        label: queue.label,
        waitSeconds: queue.waitSeconds ?? waitSeconds,
        skills: [...skillMembers.keys()],
        members: queue.members ?? [],
        skillMembers,
        dial: queue.dial,
        announce: queue.announce && compileAnnounce(queue.announce),
        capacity: queue.capacity,
        hours: queue.hours,
        record: queue.record ?? false,
      };
    }),
  );
};

const compileSeats = ({ seats, defaults }: Sections): Map<string, Seats> =>
  keyById(
    mapEntries(seats.entries, ({ label, endpoints, ring, ringSeconds, hours, record, transferOnly }, name) => ({
      id: `seats:${name}` as const,
      name,
      label,
      endpoints,
      ring: ring ?? defaults?.ring ?? builtIn.ring,
      ringSeconds: ringSeconds ?? defaults?.ringSeconds ?? builtIn.ringSeconds,
      hours,
      record: record ?? false,
      transferOnly: transferOnly ?? false,
    })),
  );

const compileHandOvers = ({ most, supervisors }: HandOversSchema = {}): TransferLimit =>
  Object.freeze({ most: most ?? builtIn.mostTransfers, supervisors: supervisors as DestinationId | undefined });

/** The whole table. Its prompts include the whispers to agents; a recording declared under the id of a whisper wins. */
export const compileTable = ({
  sections,
  numbers,
  mobilePrefixes,
  revision,
  clock,
  hours,
  placeOf,
}: Checked): Table => {
  const regions = mapEntries(sections.regions.entries, ({ name, areaCode }, id): Region => ({ id, name, areaCode }));
  const hotlines = new Map(
    numbers.flatMap((entry) => compileNumber(entry, regions.keys())).map((entry) => [entry.number, entry]),
  );
  const whispers = sections.whisper ? whisperPieces(sections.whisper, hotlines.values(), regions.values()) : [];
  const queues = compileQueues(sections);
  const seats = compileSeats(sections);
  return Object.freeze({
    revision,
    clock,
    hours,
    callers: mapEntries(sections.callers.entries, (entries, id) => compileCallers(id, entries)),
    regions,
    trunks: mapEntries(sections.trunks.entries, (trunk, id) => ({ id, region: trunk?.region })),
    prompts: new Map([
      ...[...whispers, ...transferPieces()].map((piece) => [piece.id, piece] as const),
      ...mapEntries(sections.prompts.entries, ({ text, file }, id) => ({ id, text, file })),
    ]),
    queues,
    seats,
    numbers: hotlines,
    apology: sections.defaults?.apology ?? '',
    mobilePrefixes,
    transfers: compileTransfers(sections.transfers.entries, [...queues.keys(), ...seats.keys()] as DestinationId[]),
    handOvers: compileHandOvers(sections.handOvers),
    expectations: sections.expectations.flatMap((entry, index) =>
      entry === undefined ? [] : [compileExpectation(entry, placeOf(['expectations', index]), clock)],
    ),
  });
};
