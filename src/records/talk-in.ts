/** What the records of one call say of whom the caller was brought to, and for how long they talked. Pure. */
import type { PastRecord } from './record.ts';

type HandedOn = Extract<PastRecord, { type: 'transferred' }>;

export interface Talk {
  readonly talkedMs: number;
  /** No agent has the caller any more, who waits for one. */
  readonly isWaiting: boolean;
}

/** What a record makes of talk. `apart`: the agent speaks with another, over music to the caller. */
type Turn = 'talks' | 'apart' | 'waits';

function turnOf({ kind, stage, reason }: HandedOn): Turn | undefined {
  if (reason === 'ping-pong') return 'waits';
  if (stage === 'asked') return kind === 'blind' ? 'waits' : kind === 'attended' ? 'apart' : undefined;
  if (stage === 'returned' && kind === 'attended') return 'talks';
  if (stage === 'returned' && kind === 'pull-back') return 'waits'; // whoever was to let the caller go has hung up
  return stage === 'failed' && kind === 'blind' ? 'waits' : undefined;
}

/** @param records all there are of the call, in order. */
export function talkIn(records: readonly PastRecord[]): Talk {
  let [talkedMs, sinceMs, now]: [number, number, Turn | undefined] = [0, 0, undefined];
  for (const record of records) {
    if (now === 'talks') talkedMs += record.ms - sinceMs;
    sinceMs = record.ms;
    if (record.type === 'answered') now = 'talks';
    else if (record.type === 'transferred') now = turnOf(record) ?? now;
  }
  return { talkedMs, isWaiting: now === 'waits' };
}

type Places = Extract<PastRecord, { type: 'ended' }>['tried'];

/** Whose phones rang for the caller, in order; one that was asked for again at once is told once. */
export function placesIn(records: readonly PastRecord[]): Places {
  const places: Places = [];
  const talkFrom = records.findIndex(({ type }) => type === 'answered');
  for (const [index, record] of records.entries()) {
    const to = placeOf(record, records[index + 1]);
    const isAgain = talkFrom >= 0 && index > talkFrom && places.at(-1) === to;
    if (to !== undefined && !isAgain) places.push(to);
  }
  return places;
}

function placeOf(record: PastRecord, next: PastRecord | undefined): Places[number] | undefined {
  if (record.type === 'ringing' || record.type === 'queued') return record.to;
  if (record.type !== 'transferred' || record.stage !== 'asked' || record.kind === 'pull-back') return undefined;
  const isRefused = next?.type === 'transferred' && next.reason === 'ping-pong';
  return isRefused ? undefined : (record.to ?? undefined);
}
