/** After a start: the ends of calls that were over before anybody could see. Part of the wiring, beside main. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../base/log.ts';
import type { LiveCalls } from '../calls/live-calls.ts';
import type { ToldBefore } from '../feed/told-before.ts';
import type { CallRecord } from '../records/record.ts';
import { unseenEnd } from '../records/unseen-end.ts';
import type { Switch } from '../switch/port.ts';

/** By then, whoever is taken up again is among the live calls. */
const SETTLED_MS = 1_000;

export interface UnseenEndsParts {
  readonly told: ToldBefore;
  readonly live: Pick<LiveCalls, 'ids'>;
  readonly emit: (record: CallRecord) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly settledMs?: number;
}

/** Tells the end of each call that former lives told of, that nobody carries, and that the PBX does not have any more. */
export async function tellUnseenEnds(on: Pick<Switch, 'name' | 'isUp'>, parts: UnseenEndsParts): Promise<void> {
  const { told, live, emit, now, signal, log, settledMs = SETTLED_MS } = parts;
  await pause(settledMs, undefined, { signal }).catch(() => undefined); // stopped: the loop ends at once
  for (const records of told.openOn(on.name)) {
    const callId = records[0]?.callId ?? '';
    if (signal.aborted) return;
    if (live.ids.has(callId) || (await isUp(on, callId, log)) || !told.isOpen(callId)) continue;
    for (const record of unseenEnd(records, now())) emit(record);
  }
}

/** One that the PBX says nothing of is left to the next start. */
async function isUp(on: Pick<Switch, 'isUp'>, callId: string, log: Logger): Promise<boolean> {
  try {
    return await on.isUp(callId);
  } catch (error) {
    log.warn({ call: callId, reason: String(error) }, 'nobody says whether this call is still up');
    return true;
  }
}
