/** After a start: emits the end of calls that ended while no controller ran. Joins the feed with live calls and a PBX. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../base/log.ts';
import type { LiveCalls } from '../calls/live-calls.ts';
import type { AlreadyEmitted } from '../feed/already-emitted.ts';
import { orphanedEnd } from '../records/orphaned-end.ts';
import type { CallRecord } from '../records/record.ts';
import type { Switch } from '../switch/port.ts';

/** By then, calls that this controller adopts are among the live calls. */
const SETTLED_MS = 1_000;

export interface OrphanedCallsParts {
  readonly emitted: AlreadyEmitted;
  readonly live: Pick<LiveCalls, 'ids'>;
  readonly emit: (record: CallRecord) => void;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly settledMs?: number;
}

/** A call is orphaned when it has records and no end, no controller carries it, and the PBX does not have it any more. */
export async function endOrphanedCalls(on: Pick<Switch, 'name' | 'isUp'>, parts: OrphanedCallsParts): Promise<void> {
  const { emitted, live, emit, now, signal, log, settledMs = SETTLED_MS } = parts;
  await pause(settledMs, undefined, { signal }).catch(() => undefined); // stopped: the loop ends at once
  for (const records of emitted.openOn(on.name)) {
    const callId = records[0]?.callId ?? '';
    if (signal.aborted) return;
    if (live.ids.has(callId) || (await isUp(on, callId, log)) || !emitted.isOpen(callId)) continue;
    for (const record of orphanedEnd(records, now())) emit(record);
  }
}

/** Where the PBX cannot say, the call is left to the next start. */
async function isUp(on: Pick<Switch, 'isUp'>, callId: string, log: Logger): Promise<boolean> {
  try {
    return await on.isUp(callId);
  } catch (error) {
    log.warn({ call: callId, reason: String(error) }, 'nobody says whether this call is still up');
    return true;
  }
}
