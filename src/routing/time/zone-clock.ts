/**
 * Wall-clock time of one time zone. Offsets come from Intl, so summer time is right in every zone. The offset of the last
 * minute is kept, for many calls come in one minute; keeping it never changes an answer.
 */
const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A wall-clock time: what a clock on the wall shows, to the minute. */
export interface WallTime {
  /** Days since 1970-01-01, by the wall. */
  readonly day: number;
  /** Minutes since that day's midnight. */
  readonly minute: number;
}

export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** 0 is Sunday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/** The wall-clock time of milliseconds counted as if the wall were UTC. */
export const wallTimeOf = (wallMs: number): WallTime => {
  const day = Math.floor(wallMs / dayMs);
  return { day, minute: Math.floor((wallMs - day * dayMs) / minuteMs) };
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `Thu 2026-10-01 09:00` */
export const formatWallTime = ({ day, minute }: WallTime): string => {
  const date = new Date(day * dayMs);
  const weekday = weekdays[weekdayOf(day)] ?? '';
  const name = weekday.charAt(0).toUpperCase() + weekday.slice(1);
  if (Number.isNaN(date.getTime())) return 'no time';
  return `${name} ${date.toISOString().slice(0, 10)} ${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
};

export class ZoneClock {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat;
  #minute = Number.NaN;
  #offsetMs = 0;

  /** @throws RangeError when there is no such time zone */
  constructor(timeZone: string) {
    this.timeZone = timeZone;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  /** Milliseconds of the wall clock, as if the wall were UTC; NaN for what is no time. */
  wallMs(instant: number): number {
    const minute = Math.floor(instant / minuteMs);
    if (minute !== this.#minute) {
      this.#offsetMs = this.#offsetAt(minute * minuteMs);
      this.#minute = minute;
    }
    return instant + this.#offsetMs;
  }

  wallTime(instant: number): WallTime {
    return wallTimeOf(this.wallMs(instant));
  }

  /** The instant at which the wall shows `wallMs`: the first of two in autumn, an hour later where spring skips it. */
  instantOf(wallMs: number): number {
    const offsets = [this.#offsetAt(wallMs - dayMs), this.#offsetAt(wallMs + dayMs)];
    const instants = offsets.map((offset) => wallMs - offset).sort((one, other) => one - other);
    const shown = instants.find((instant) => instant + this.#offsetAt(instant) === wallMs);
    return shown ?? Math.max(...instants);
  }

  #offsetAt(instant: number): number {
    if (Number.isNaN(new Date(instant).getTime())) return 0;
    const written = this.#format.format(instant);
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(written) ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1000;
    return sign === '-' ? -offset : offset;
  }
}
