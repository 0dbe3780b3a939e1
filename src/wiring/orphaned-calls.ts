/** After a start: ends the records of calls that ended while no controller was there to see it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../base/log.ts';
import type { LiveCalls } from '../calls/live-calls.ts';
import type { AlreadyEmitted } from '../feed/already-emitted.ts';
import type { CallRecord } from '../records/record.ts';
import { unseenEnd } from '../records/unseen-end.ts';
import type { Switch } from '../switch/port.ts';

/** By then, calls that were taken over are among the live ones. */
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

/** Emits the end of each call that has records and no end, that nobody carries, and that the PBX no longer has. */
export async function endOrphanedCalls(on: Pick<Switch, 'name' | 'isUp'>, parts: OrphanedCallsParts): Promise<void> {
  const { emitted, live, emit, now, signal, log, settledMs = SETTLED_MS } = parts;
  await pause(settledMs, undefined, { signal }).catch(() => undefined); // stopped: the loop ends at once
  for (const records of emitted.openOn(on.name)) {
    const callId = records[0]?.callId ?? '';
    if (signal.aborted) return;
    if (live.ids.has(callId) || (await isUp(on, callId, log)) || !emitted.isOpen(callId)) continue;
    for (const record of unseenEnd(records, now())) emit(record);
  }
}

/** When the PBX does not answer, the call is left to the next start. */
async function isUp(on: Pick<Switch, 'isUp'>, callId: string, log: Logger): Promise<boolean> {
  try {
    return await on.isUp(callId);
  } catch (error) {
    log.warn({ call: callId, reason: String(error) }, 'nobody says whether this call is still up');
    return true;
  }
}
