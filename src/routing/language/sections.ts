/**
 * The YAML's parts, each checked against its schema by itself, so that one bad entry hides no other. The names of bad entries stay
 * known, so that one mistake is reported once.
 */
import { z } from 'zod';
import type { YamlText } from '../yaml/text.ts';
import { type Salvaged, salvage } from './salvage.ts';
import {
  type ExpectationSchema,
  expectationSchema,
  hotlineSchema,
  type NumberSchema,
  numberSchema,
} from './schema-numbers.ts';
import { nameSchema } from './schema-parts.ts';
import { readSchema, type SchemaProblem, valueAt } from './schema-problems.ts';
import { type CallersSchema, callersSchema, type HoursSchema, hoursSchema } from './schema-when.ts';
import * as schemas from './table-schema.ts';

export type ReportSchema = (problem: SchemaProblem) => void;

/** A section of entries by name. */
export interface Section<T> {
  /** Entries that fit the schema, in the order of the file. */
  readonly entries: ReadonlyMap<string, T>;
  /** The same, and of the other entries what is good, so that their other mistakes are reported as well. */
  readonly partial: ReadonlyMap<string, Salvaged<NonNullable<T>>>;
  /** Every name the section has, good or bad. */
  readonly names: ReadonlySet<string>;
}

export interface Sections {
  readonly timeZone: string | undefined;
  readonly mobilePrefixes: string | undefined;
  readonly defaults: schemas.DefaultsSchema | undefined;
  readonly whisper: schemas.WhisperSchema | undefined;
  readonly regions: Section<schemas.RegionSchema>;
  readonly trunks: Section<schemas.TrunkSchema>;
  readonly prompts: Section<schemas.PromptSchema>;
  readonly queues: Section<schemas.QueueSchema>;
  readonly seats: Section<schemas.SeatsSchema>;
  readonly hours: Section<HoursSchema>;
  readonly callers: Section<CallersSchema>;
  /** Patterns of who transfers → patterns of whom to. */
  readonly transfers: Section<string | readonly string[]>;
  /** undefined: not there, or with an error. */
  readonly handOvers: schemas.HandOversSchema | undefined;
  readonly numbers: Section<NumberSchema>;
  /** undefined: with an error; it keeps its place in the list. */
  readonly expectations: readonly (ExpectationSchema | undefined)[];
  /** What is good in each of them, to check the names in it. */
  readonly expectationParts: readonly Salvaged<ExpectationSchema>[];
}

const anything = z.record(z.string(), z.unknown());

/** The table's schema without the entries of its sections. */
const outline = schemas.tableSchema.extend({
  regions: anything,
  trunks: anything.nullish(),
  prompts: anything,
  queues: anything,
  seats: anything.nullish(),
  hours: anything.nullish(),
  callers: anything.nullish(),
  transfers: anything.nullish(),
  numbers: anything,
  expectations: z.array(z.unknown()).nullish(),
});

const silently: ReportSchema = () => undefined;

/** Checks every part; a part with a problem is reported and left out. */
export const readSections = (yaml: YamlText, report: ReportSchema): Sections => {
  const section = <T>(key: string, schema: z.ZodType<T>, keySchema: z.ZodType<string> = nameSchema): Section<T> => {
    const value = valueAt(yaml.value, [key]);
    const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const entries = new Map<string, T>();
    const partial = new Map<string, Salvaged<NonNullable<T>>>();
    for (const name of names) {
      const checked = keySchema.safeParse(name);
      for (const { message } of checked.error?.issues ?? []) {
        report({ code: 'BAD_VALUE', message: `\`${name}\`: ${message}`, path: [key, name], part: 'key' });
      }
      const entry = readSchema(schema, yaml, [key, name], report);
      if (entry !== undefined && checked.success) entries.set(name, entry);
      const good = entry ?? salvage(schema, valueAt(yaml.value, [key, name]));
      if (good !== undefined) partial.set(name, good as Salvaged<NonNullable<T>>);
    }
    return { entries, partial, names: new Set(names) };
  };
  const part = <T>(key: string, schema: z.ZodType<T>): T | undefined => readSchema(schema, yaml, [key], silently);
  const listed = valueAt(yaml.value, ['expectations']);
  const entries: readonly unknown[] = Array.isArray(listed) ? listed : [];

  readSchema(outline, yaml, [], report);
  const expectations = entries.map((_, index) => readSchema(expectationSchema, yaml, ['expectations', index], report));
  return {
    timeZone: part('timeZone', schemas.tableSchema.shape.timeZone),
    mobilePrefixes: part('mobilePrefixes', schemas.tableSchema.shape.mobilePrefixes),
    defaults: part('defaults', schemas.defaultsSchema),
    whisper: part('whisper', schemas.whisperSchema),
    regions: section('regions', schemas.regionSchema),
    trunks: section('trunks', schemas.trunkSchema),
    prompts: section('prompts', schemas.promptSchema),
    queues: section('queues', schemas.queueSchema),
    seats: section('seats', schemas.seatsSchema),
    hours: section('hours', hoursSchema),
    callers: section('callers', callersSchema),
    transfers: section('transfers', schemas.transferTargetsSchema, schemas.transferPattern),
    handOvers: part('handOvers', schemas.handOversSchema.optional()),
    numbers: section('numbers', numberSchema, hotlineSchema),
    expectations,
    expectationParts: expectations.map((good, index) => good ?? salvage(expectationSchema, entries[index]) ?? {}),
  };
};
