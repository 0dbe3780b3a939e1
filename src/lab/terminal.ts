/** The terminal that a lab was started from: with it the lab goes. */
import { closeSync, openSync } from 'node:fs';

/** Whether this process has a terminal that can still be reached; one that was closed cannot. */
const hasTerminal = (): boolean => {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
};

/**
 * SIGHUP is sent by hand, to have the table read again, and by the system, when a terminal is closed. @returns what tells the
 * two apart; asked for while the terminal, if there is one, is there.
 */
export const closedTerminal = (has: () => boolean = hasTerminal): (() => boolean) => {
  const hadOne = has();
  return () => hadOne && !has();
};
