/**
 * The end of an orphaned call: no controller ran when the caller left. The next one to start emits it, so that each call
 * has an end in the feed. Pure.
 */
import { viewOf } from './call-view.ts';
import { type CallRecord, makeRecord, type PastRecord, type RecordCommon, type Waits } from './record.ts';

/** `ended.cause` of such a call. */
const UNSEEN = 'unseen';

/** Nobody can say how the wait was split, so all of it, up to the last record, counts as one part. */
const waitsUntil = (ms: number): Waits => ({ networkMs: ms, promptMs: 0, ringMs: 0, queueMs: 0 });

/**
 * An `ended` record. Before it a `missed` one, if no agent is known to have answered, or none had the caller any more: such a
 * caller is to be called back rather than forgotten. `ms` is that of the last record.
 *
 * @param records all that are known of the call, in order. @param now Unix milliseconds.
 * @returns empty if the call's beginning is not known, or it has an end.
 */
export function orphanedEnd(records: readonly PastRecord[], now: number): readonly CallRecord[] {
  const arrived = records.find(({ type }) => type === 'arrived');
  const last = records.at(-1);
  const call = viewOf(records);
  if (arrived?.type !== 'arrived' || call === undefined || last === undefined || last.type === 'ended') return [];
  const { answered, talk, talkedMs, transfers } = call;
  const { dialled, caller, trunk } = arrived;
  const tried = [...call.tried];
  const waits = answered?.waits ?? waitsUntil(last.ms);
  const { callId, switch: on, number, unit, mode, region, revision, ms } = last;
  const common = (seq: number): RecordCommon => {
    const at = new Date(now).toISOString();
    return { v: 1, callId, seq, at, ms, switch: on, number, unit, mode, region, revision };
  };
  const isTold = last.type === 'missed';
  const isMissed = (answered === null || talk === 'waits') && number !== null && !isTold;
  const callBack = caller !== null && /\d/.test(caller);
  const missed = isMissed
    ? [makeRecord('missed', common(last.seq + 1), { reason: 'failure', tried, caller, callBack, waits })]
    : [];
  const ended = makeRecord('ended', common(last.seq + 1 + missed.length), {
    by: 'switch',
    cause: UNSEEN,
    q850: 0,
    dialled,
    caller,
    trunk,
    arrivedAt: arrived.at,
    waitedMs: answered?.waitedMs ?? null,
    talkedMs: answered === null ? null : talkedMs,
    answeredBy: answered?.to ?? null,
    agent: answered?.agent ?? null,
    tried,
    takeovers: 0,
    waits,
    transfers,
    recordings: [],
  });
  return [...missed, ended];
}
