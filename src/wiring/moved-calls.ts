/** How many of yesterday's calls a change of table would send elsewhere: part of the wiring, beside main. */

import type { Logger } from '../base/log.ts';
import { callsSince } from '../records/past-calls.ts';
import { callsElsewhere, Replay } from '../routing/compare/replay.ts';
import type { MovedCalls } from '../tables/validate/change.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Calls of the last 24 hours, by both tables, each at its own time. Records that are missing or cannot be read hold up
 * nobody: then there are no calls.
 *
 * @param records file of the feed.
 */
export const movedCallsOf =
  (records: string, now: () => number, log: Logger): MovedCalls =>
  async (before, after) => {
    const counting = new Replay(after, before);
    const since = new Date(now() - DAY_MS);
    try {
      await callsSince(records, { since, take: (call) => counting.take(call) });
    } catch (error) {
      log.warn(
        { records, reason: String(error) },
        "yesterday's calls could not be read: they guard no change of table",
      );
      return { moved: 0, total: 0 };
    }
    return callsElsewhere(counting.result());
  };
