/**
 * The YAML's parts, each checked against its shape by itself: one bad entry hides neither the others nor what is wrong
 * with them. Names stay known even where their entry is bad, so that one mistake is told once.
 */
import { z } from 'zod';
import type { YamlText } from '../yaml/text.ts';
import { type Salvaged, salvage } from './salvage.ts';
import {
  type ExpectationShape,
  expectationShape,
  hotlineShape,
  type NumberShape,
  numberShape,
} from './shape-numbers.ts';
import { readShape, type ShapeProblem, valueAt } from './shape-problems.ts';
import { type CallersShape, callersShape, type HoursShape, hoursShape } from './shape-when.ts';
import { nameShape } from './shape-words.ts';
import * as shapes from './table-shape.ts';

export type ReportShape = (problem: ShapeProblem) => void;

/** A section of entries by name. */
export interface Section<T> {
  /** Entries of good shape, in the order of the file. */
  readonly entries: ReadonlyMap<string, T>;
  /** The same, and of entries of bad shape whatever is good: their other mistakes are told as well. */
  readonly partial: ReadonlyMap<string, Salvaged<NonNullable<T>>>;
  /** Every name the section has, good or bad. */
  readonly names: ReadonlySet<string>;
}

export interface Sections {
  readonly timeZone: string | undefined;
  readonly mobilePrefixes: string | undefined;
  readonly defaults: shapes.DefaultsShape | undefined;
  readonly whisper: shapes.WhisperShape | undefined;
  readonly regions: Section<shapes.RegionShape>;
  readonly trunks: Section<shapes.TrunkShape>;
  readonly prompts: Section<shapes.PromptShape>;
  readonly queues: Section<shapes.QueueShape>;
  readonly seats: Section<shapes.SeatsShape>;
  readonly hours: Section<HoursShape>;
  readonly callers: Section<CallersShape>;
  /** By pattern of who hands over, patterns of whom to. */
  readonly transfers: Section<string | readonly string[]>;
  /** undefined: not there, or of bad shape. */
  readonly handOvers: shapes.HandOversShape | undefined;
  readonly numbers: Section<NumberShape>;
  /** undefined: of bad shape; its place in the list is kept. */
  readonly expectations: readonly (ExpectationShape | undefined)[];
  /** Of each what is good, to look at the names in it. */
  readonly expectationParts: readonly Salvaged<ExpectationShape>[];
}

const anything = z.record(z.string(), z.unknown());

/** The table without what its sections hold. */
const outline = shapes.tableShape.extend({
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

const silently: ReportShape = () => undefined;

/** Checks every part; what has a problem is reported and left out. */
export const readSections = (yaml: YamlText, report: ReportShape): Sections => {
  const section = <T>(key: string, shape: z.ZodType<T>, keyShape: z.ZodType<string> = nameShape): Section<T> => {
    const value = valueAt(yaml.value, [key]);
    const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
    const entries = new Map<string, T>();
    const partial = new Map<string, Salvaged<NonNullable<T>>>();
    for (const name of names) {
      const checked = keyShape.safeParse(name);
      for (const { message } of checked.error?.issues ?? []) {
        report({ code: 'BAD_VALUE', message: `\`${name}\`: ${message}`, path: [key, name], part: 'key' });
      }
      const entry = readShape(shape, yaml, [key, name], report);
      if (entry !== undefined && checked.success) entries.set(name, entry);
      const good = entry ?? salvage(shape, valueAt(yaml.value, [key, name]));
      if (good !== undefined) partial.set(name, good as Salvaged<NonNullable<T>>);
    }
    return { entries, partial, names: new Set(names) };
  };
  const part = <T>(key: string, shape: z.ZodType<T>): T | undefined => readShape(shape, yaml, [key], silently);
  const listed = valueAt(yaml.value, ['expectations']);
  const entries: readonly unknown[] = Array.isArray(listed) ? listed : [];

  readShape(outline, yaml, [], report);
  const expectations = entries.map((_, index) => readShape(expectationShape, yaml, ['expectations', index], report));
  return {
    timeZone: part('timeZone', shapes.tableShape.shape.timeZone),
    mobilePrefixes: part('mobilePrefixes', shapes.tableShape.shape.mobilePrefixes),
    defaults: part('defaults', shapes.defaultsShape),
    whisper: part('whisper', shapes.whisperShape),
    regions: section('regions', shapes.regionShape),
    trunks: section('trunks', shapes.trunkShape),
    prompts: section('prompts', shapes.promptShape),
    queues: section('queues', shapes.queueShape),
    seats: section('seats', shapes.seatsShape),
    hours: section('hours', hoursShape),
    callers: section('callers', callersShape),
    transfers: section('transfers', shapes.transferTargetsShape, shapes.transferPattern),
    handOvers: part('handOvers', shapes.handOversShape.optional()),
    numbers: section('numbers', numberShape, hotlineShape),
    expectations,
    expectationParts: expectations.map((good, index) => good ?? salvage(expectationShape, entries[index]) ?? {}),
  };
};
