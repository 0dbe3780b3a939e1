/** A caller's number as it may be shown to people who only count calls. */

const SHOWN_IN_FRONT = 4;
const SHOWN_AT_THE_END = 4;
/** Up to this long, the ends would give the whole number away. */
const SHORT = SHOWN_IN_FRONT + SHOWN_AT_THE_END + 1;

/** `05912344567` → `0591****4567`; a short number shows its first two digits only. */
export const masked = (caller: string | null): string => {
  if (caller === null || caller === '') return 'withheld';
  if (caller.length <= SHORT) return `${caller.slice(0, 2)}****`;
  return `${caller.slice(0, SHOWN_IN_FRONT)}****${caller.slice(-SHOWN_AT_THE_END)}`;
};
