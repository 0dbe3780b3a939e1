/**
 * Dates and times as people write them: `2026-10-01`, `2026-10-01T08:30`, `2026-10-01T08:30+08:00`. Without an offset
 * they are the wall clock's of the table's time zone; a date alone is its first moment.
 */
import type { ZoneClock } from './zone-clock.ts';

/** A point in time, and how the table writes it. */
export interface Moment {
  readonly written: string;
  /** Milliseconds since 1970, UTC. */
  readonly ms: number;
  /** The same by the wall clock of the table, as if the wall were UTC. */
  readonly wallMs: number;
}

const written = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970-01-01 of `2026-10-01`; undefined: the calendar has no such day. */
export const dayOf = (text: string): number | undefined => {
  const ms = Date.parse(`${text}T00:00:00Z`);
  // A day too many rolls over into the next month.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? undefined : ms / 86_400_000;
};

interface Parts {
  readonly wallMs: number;
  /** undefined: by the wall clock. */
  readonly offsetMs: number | undefined;
}

const offsetOf = (text: string): number => {
  if (text === 'Z') return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
};

const partsOf = (text: string): Parts | undefined => {
  const [, year, month, date, hour = '00', minute = '00', second = '00', offset] = written.exec(text) ?? [];
  const day = dayOf(`${year}-${month}-${date}`);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return { wallMs: day * 86_400_000 + seconds * 1000, offsetMs: offset === undefined ? undefined : offsetOf(offset) };
};

/** Whether a text is a time at all. */
export const isMoment = (text: string): boolean => partsOf(text) !== undefined;

/** The point in time a text means; undefined: none. */
export const readMoment = (text: string, clock: ZoneClock): Moment | undefined => {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  const { wallMs, offsetMs } = parts;
  const ms = offsetMs === undefined ? clock.instantOf(wallMs) : wallMs - offsetMs;
  return { written: text, ms, wallMs: clock.wallMs(ms) };
};
