/** Which stretches of a call were recorded, small enough to be remembered on the PBX with the rest. Pure. */
import { z } from 'zod';
import { recordingFile } from '../recordings/file-name.ts';

/** A file's number, then when it began and when it ended, in milliseconds since the call arrived; no end: it is written now. */
const stretchShape = z.union([z.tuple([z.number(), z.number()]), z.tuple([z.number(), z.number(), z.number()])]);

export const stretchesShape = z.object({
  /** Files begun, those that failed included: no name is taken twice. */
  made: z.number(),
  /** The latest ones, in order. */
  last: z.array(stretchShape),
});

export type Stretches = z.infer<typeof stretchesShape>;

/** What a call's memory has room for. */
const KEPT_AT_MOST = 8;

const NONE: Stretches = { made: 0, last: [] };

const isOpen = (stretch: Stretches['last'][number] | undefined): boolean => stretch?.length === 2;

/** Number of the file that is written now; undefined when none is. */
export function openFile({ last } = NONE): number | undefined {
  const latest = last.at(-1);
  return isOpen(latest) ? latest?.[0] : undefined;
}

export const withNext = ({ made, last } = NONE, ms: number): Stretches => ({
  made: made + 1,
  last: [...last, [made + 1, ms] as [number, number]].slice(-KEPT_AT_MOST),
});

/** @param ms when the one that is written now ended. */
export const closed = ({ made, last } = NONE, ms: number): Stretches => ({
  made,
  last: last.map((stretch) => (stretch.length === 2 ? [...stretch, ms] : stretch)),
});

/** The one that is written now never was. */
export const withoutOpen = ({ made, last } = NONE): Stretches => ({
  made,
  last: last.filter((stretch) => !isOpen(stretch)),
});

/** As the record `ended` tells them. */
export const placesOf = (callId: string, { last } = NONE, nowMs: number) =>
  last.map(([n, fromMs, toMs = nowMs]) => ({ file: recordingFile(callId, n), fromMs, toMs }));
