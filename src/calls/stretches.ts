/**
 * Which stretches of a call were recorded, small enough to be remembered on the PBX with the rest: `[files begun, beginning
 * of the one that is written now or -1, then number, beginning and end of each of the latest]`, all in milliseconds since the
 * call arrived. Files that failed count as begun: no name is taken twice. Pure.
 */
import { z } from 'zod';
import { recordingFile } from '../recordings/file-name.ts';

const HEAD = 2;
const PLACE = 3;
const NOT_NOW = -1;

export const stretchesShape = z.array(z.number()).refine(({ length }) => length % PLACE === HEAD);

export type Stretches = readonly number[];

/** What is told of at the end. */
const KEPT_AT_MOST = 8;

const NONE: Stretches = [0, NOT_NOW];

const headOf = ([made = 0, openFrom = NOT_NOW]: Stretches) => ({ made, openFrom });

/** Number of the file that is written now; undefined when none is. */
export function openFile(stretches: Stretches = NONE): number | undefined {
  const { made, openFrom } = headOf(stretches);
  return openFrom === NOT_NOW ? undefined : made;
}

export const withNext = (stretches: Stretches = NONE, ms: number): Stretches => [
  headOf(stretches).made + 1,
  ms,
  ...stretches.slice(HEAD),
];

/** The one that is written now never was. */
export const withoutOpen = (stretches: Stretches = NONE): Stretches => [
  headOf(stretches).made,
  NOT_NOW,
  ...stretches.slice(HEAD),
];

/** @param ms when the one that is written now ended. */
export function closed(stretches: Stretches = NONE, ms: number): Stretches {
  const { made, openFrom } = headOf(stretches);
  const places = [...stretches.slice(HEAD), made, openFrom, ms];
  return [made, NOT_NOW, ...places.slice(-KEPT_AT_MOST * PLACE)];
}

/** Without the oldest that is over; undefined where there is none. */
export const thinned = (stretches: Stretches = NONE): Stretches | undefined =>
  stretches.length > HEAD ? [...stretches.slice(0, HEAD), ...stretches.slice(HEAD + PLACE)] : undefined;

/** As the record `ended` tells them. */
export function placesOf(callId: string, stretches: Stretches = NONE, nowMs: number) {
  const all = openFile(stretches) === undefined ? stretches : closed(stretches, nowMs);
  return Array.from({ length: (all.length - HEAD) / PLACE }, (_, index) => {
    const [n = 0, fromMs = 0, toMs = 0] = all.slice(HEAD + index * PLACE);
    return { file: recordingFile(callId, n), fromMs, toMs };
  });
}
