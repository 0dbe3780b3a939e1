/** Times as they are typed behind `--at`. */

/** ISO 8601, by day or to the second; a time without an offset is the machine's own. */
const isoTime = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** undefined: not a time. A day the calendar does not have would roll over into the next month, so it is looked at. */
export const parseTime = (text: string): Date | undefined => {
  const at = new Date(text);
  if (!isoTime.test(text) || Number.isNaN(at.getTime())) return undefined;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day) ? at : undefined;
};

/** What is said to whoever typed something else. */
export const notATime = (text: string | undefined, option = '--at'): string =>
  `error: ${option} "${text}" is not a time; write ISO 8601, e.g. 2026-10-01T09:00:00+08:00`;
