/** Parts of good shape → the frozen table. Called only when nothing is wrong with them. */
import type { NumberRules, PlacedRule } from './rules.ts';
import type { Sections } from './sections.ts';
import type { ExpectationShape } from './shape.ts';
import type { Expectation, HotlineNumber, Queue, Region, Rule, Seats, Table } from './table.ts';
import { whisperPieces } from './whisper.ts';

/** What holds where the YAML says nothing: 20 s for a person to pick up, 2 min of waiting, everyone rings. */
const builtIn = { ringSeconds: 20, waitSeconds: 120, ring: 'together' } as const;
const builtInTimeZone = 'Asia/Shanghai';

export interface Checked {
  readonly sections: Sections;
  readonly numbers: readonly NumberRules[];
  readonly mobilePrefixes: ReadonlyMap<string, string>;
  readonly revision: string;
  /** Place of the expectation at an index. */
  readonly placeOf: (expectation: number) => { readonly line: number; readonly column: number };
}

const mapEntries = <T, R>(entries: ReadonlyMap<string, T>, make: (entry: T, name: string) => R): Map<string, R> =>
  new Map(Array.from(entries, ([name, entry]) => [name, Object.freeze(make(entry, name))]));

const keyById = <T extends { readonly id: string }>(entries: ReadonlyMap<string, T>): Map<string, T> =>
  new Map(Array.from(entries.values(), (entry) => [entry.id, entry]));

const compileRule = ({ regions, connect }: PlacedRule): Rule => ({
  regions,
  connect: connect.map(({ to, skill, seconds }) => ({ to, skill, seconds })),
});

const compileNumber = ({ number, shape, rules }: NumberRules): readonly HotlineNumber[] => {
  if (shape === undefined) return [];
  const { unit, mode, prompt } = shape;
  return [Object.freeze({ number, unit, mode, prompt, rules: rules.map(compileRule) })];
};

const compileExpectation = (
  { call, expect }: ExpectationShape,
  place: { line: number; column: number },
): Expectation => {
  const connect = Array.isArray(expect.connect) ? expect.connect : [expect.connect];
  return {
    call: { to: call.to, from: call.from, trunk: call.trunk },
    expect: {
      region: expect.region,
      prompt: expect.prompt,
      connect: connect.map((step) =>
        typeof step === 'string' ? { to: step, skill: undefined } : { to: step.to, skill: step.skill },
      ),
    },
    ...place,
  };
};

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
      };
    }),
  );
};

const compileSeats = ({ seats, defaults }: Sections): Map<string, Seats> =>
  keyById(
    mapEntries(seats.entries, ({ label, endpoints, ring, ringSeconds, transferOnly }, name) => ({
      id: `seats:${name}` as const,
      name,
      label,
      endpoints,
      ring: ring ?? defaults?.ring ?? builtIn.ring,
      ringSeconds: ringSeconds ?? defaults?.ringSeconds ?? builtIn.ringSeconds,
      transferOnly: transferOnly ?? false,
    })),
  );

/** The table, whole. Its prompts hold the whisper's pieces too; a recording declared under a piece's id wins. */
export const compileTable = ({ sections, numbers, mobilePrefixes, revision, placeOf }: Checked): Table => {
  const regions = mapEntries(sections.regions.entries, ({ name, areaCode }, id): Region => ({ id, name, areaCode }));
  const hotlines = new Map(numbers.flatMap(compileNumber).map((entry) => [entry.number, entry]));
  const whispers = sections.whisper ? whisperPieces(sections.whisper, hotlines.values(), regions.values()) : [];
  return Object.freeze({
    revision,
    timeZone: sections.timeZone ?? builtInTimeZone,
    regions,
    trunks: mapEntries(sections.trunks.entries, (trunk, id) => ({ id, region: trunk?.region })),
    prompts: new Map([
      ...whispers.map((piece) => [piece.id, piece] as const),
      ...mapEntries(sections.prompts.entries, ({ text, file }, id) => ({ id, text, file })),
    ]),
    queues: compileQueues(sections),
    seats: compileSeats(sections),
    numbers: hotlines,
    apology: sections.defaults?.apology ?? '',
    mobilePrefixes,
    expectations: sections.expectations.flatMap((entry, index) =>
      entry === undefined ? [] : [compileExpectation(entry, placeOf(index))],
    ),
  });
};
