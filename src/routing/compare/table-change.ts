/**
 * What else differs between two tables: labels, members, endpoints, texts. Every part of a table that moves do not cover is
 * compared key by key, so that a key which the language gains later is covered too.
 */

import type { Expectation, Table } from '../table.ts';
import type { Hours } from '../time/hours.ts';
import { hoursChanges } from './hours-change.ts';

export interface TableChange {
  /** Part of the table: `queues`, `prompts`, `timeZone` … */
  readonly part: string;
  /** Ids within the part that changed in the same way; empty for a part that is one value. */
  readonly ids: readonly string[];
  /** The key that differs; null: they are in one table only. */
  readonly key: string | null;
  /** In words; null: not there. */
  readonly before: string | null;
  readonly after: string | null;
}

type Entries = ReadonlyMap<string, unknown>;

/** Reported elsewhere: revisions always differ, and the rest shows in moves or below. */
const partsToldElsewhere = new Set(['revision', 'clock', 'expectations', 'mobilePrefixes', 'apology']);
/** `rulesOf` is made from the rules. */
const keysToldElsewhere = new Set(['rules', 'rulesOf', 'prompt']);
/** The parser makes these; they come and go with numbers and regions. */
const isWhisper = (part: string, id: string): boolean => part === 'prompts' && id.startsWith('whisper-');

const plain = (_: string, value: unknown): unknown =>
  value instanceof Map || value instanceof Set ? [...value] : value;

const words = (value: unknown): string => {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'string') return value === '' ? 'none' : value;
  if (value instanceof Map) {
    return Array.from(value, ([key, each]) => `${key}: ${words(each)}`).join('; ') || 'none';
  }
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ') || 'none';
  return JSON.stringify(value, plain);
};

export const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one, plain) === JSON.stringify(other, plain);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const keysOf = (...objects: readonly object[]): readonly string[] => [
  ...new Set(objects.flatMap((each) => Object.keys(each))),
];

const entryChanges = (part: string, id: string, before: unknown, after: unknown): readonly TableChange[] => {
  if (before === undefined || after === undefined) {
    const [was, is] = [before === undefined ? null : 'there', after === undefined ? null : 'there'];
    return [{ part, ids: [id], key: null, before: was, after: is }];
  }
  if (!isObject(before) || !isObject(after)) {
    return isSame(before, after) ? [] : [{ part, ids: [id], key: '', before: words(before), after: words(after) }];
  }
  if (part === 'hours') {
    return hoursChanges(before as unknown as Hours, after as unknown as Hours).map(({ days, before, after }) => {
      return { part, ids: [id], key: days, before: words(before), after: words(after) };
    });
  }
  return keysOf(before, after)
    .filter((key) => !(part === 'numbers' && keysToldElsewhere.has(key)) && !isSame(before[key], after[key]))
    .map((key) => ({ part, ids: [id], key, before: words(before[key]), after: words(after[key]) }));
};

const mapChanges = (part: string, before: Entries, after: Entries): readonly TableChange[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((id) => !isWhisper(part, id))
    .flatMap((id) => entryChanges(part, id, before.get(id), after.get(id)));

const partChanges = (part: string, before: unknown, after: unknown): readonly TableChange[] => {
  if (before instanceof Map || after instanceof Map) {
    return mapChanges(part, (before ?? new Map()) as Entries, (after ?? new Map()) as Entries);
  }
  if (isObject(before) && isObject(after) && !Array.isArray(before)) {
    return keysOf(before, after)
      .filter((key) => !isSame(before[key], after[key]))
      .map((key) => ({ part, ids: [], key, before: words(before[key]), after: words(after[key]) }));
  }
  return isSame(before, after) ? [] : [{ part, ids: [], key: null, before: words(before), after: words(after) }];
};

/** Whispers that both tables have with different words, as one change with the first of them as example. */
const whisperChange = (before: Table, after: Table): readonly TableChange[] => {
  const spoken = (table: Table, id: string): string => {
    const piece = table.prompts.get(id);
    return piece?.file ?? piece?.text ?? '';
  };
  const ids = [...before.prompts.keys()].filter(
    (id) => isWhisper('prompts', id) && after.prompts.has(id) && spoken(before, id) !== spoken(after, id),
  );
  const [first] = ids;
  if (first === undefined) return [];
  return [{ part: 'whisper', ids, key: 'text', before: spoken(before, first), after: spoken(after, first) }];
};

const prefixChange = (before: Table, after: Table): readonly TableChange[] => {
  const [was, is] = [before.mobilePrefixes, after.mobilePrefixes];
  const ids = [...new Set([...was.keys(), ...is.keys()])].filter((prefix) => was.get(prefix) !== is.get(prefix));
  if (ids.length === 0) return [];
  const size = (count: number): string => (count === 0 ? 'none' : `${count} prefixes`);
  return [{ part: 'mobilePrefixes', ids, key: 'region', before: size(was.size), after: size(is.size) }];
};

const expectationChange = (before: Table, after: Table): readonly TableChange[] => {
  const textOf = ({ call, expect }: Expectation): string => JSON.stringify({ call, expect });
  const [was, is] = [before.expectations.map(textOf), after.expectations.map(textOf)];
  const [old, fresh] = [new Set(was), new Set(is)]; // a list would be searched through once for each of tens of thousands
  const gone = was.filter((each) => !fresh.has(each)).length;
  const come = is.filter((each) => !old.has(each)).length;
  if (gone + come === 0) return [];
  return [{ part: 'expectations', ids: [], key: null, before: `${gone} gone`, after: `${come} new` }];
};

/** The same change of many ids as one. */
const fold = (changes: readonly TableChange[]): readonly TableChange[] => {
  const folded = new Map<string, TableChange>();
  for (const change of changes) {
    const { part, key, before, after } = change;
    const id = JSON.stringify([part, key, before, after]);
    const known = folded.get(id);
    folded.set(id, known === undefined ? change : { ...known, ids: [...known.ids, ...change.ids] });
  }
  return [...folded.values()];
};

/** Everything that differs and does not show in moves. */
export const tableChanges = (before: Table, after: Table): readonly TableChange[] => {
  const [was, is] = [before, after] as unknown as readonly [Record<string, unknown>, Record<string, unknown>];
  const parts = keysOf(before, after).filter((part) => !partsToldElsewhere.has(part));
  return [
    ...partChanges('timeZone', before.clock.timeZone, after.clock.timeZone),
    ...fold(parts.flatMap((part) => partChanges(part, was[part], is[part]))),
    ...whisperChange(before, after),
    ...prefixChange(before, after),
    ...expectationChange(before, after),
  ];
};

const nouns: Readonly<Record<string, string>> = {
  regions: 'region',
  trunks: 'trunk',
  prompts: 'prompt',
  numbers: 'number',
  queues: '',
  seats: '',
  timeZone: 'time zone',
  handOvers: 'hand-overs',
};

const namesAtMost = 6;

const named = (noun: string, ids: readonly string[]): string => {
  const shown = ids.slice(0, namesAtMost).join(', ');
  const more = ids.length > namesAtMost ? ` and ${ids.length - namesAtMost} more` : '';
  return [noun, `${shown}${more}`].filter((each) => each !== '').join(' ');
};

/** One quiet line, e.g. `queue:12345-xiamen: members a, b → a`. */
export const formatTableChange = ({ part, ids, key, before, after }: TableChange): string => {
  if (part === 'whisper') return `whisper: ${ids.length} pieces, e.g. ${before} → ${after}`;
  if (part === 'mobilePrefixes') return `mobile prefixes: ${ids.length} differ, ${before} → ${after}`;
  if (part === 'expectations') return `expectations: ${before}, ${after}`;
  const name = named(nouns[part] ?? part, ids);
  const verb = ids.length === 1 ? 'is' : 'are';
  if (ids.length > 0 && key === null) return `${name} ${verb} ${before === null ? 'new' : 'gone'}`;
  return `${name}: ${key === null || key === '' ? '' : `${key} `}${before} → ${after}`;
};
