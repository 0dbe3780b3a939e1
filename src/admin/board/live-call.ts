/** One call on the board, moved on by its records. */
import type { PastRecord } from '../../records/record.ts';
import type { CallShown, CallState } from './shown.ts';

export interface LiveCall extends Omit<CallShown, 'caller'> {
  /** As it arrived: whole. Null: withheld. */
  readonly caller: string | null;
  /** Of the last record. */
  readonly seq: number;
  /** Why nobody was reached, once that is told. */
  readonly missed: string | null;
}

type Step<T extends PastRecord['type']> = Extract<PastRecord, { type: T }>;

export const timeOf = ({ at }: PastRecord): number => Date.parse(at);

/** A call whose beginning the board may not have seen: what any record says of it. */
export const firstSeen = (record: PastRecord): LiveCall => ({
  id: record.callId,
  number: record.number,
  region: record.region,
  caller: ('caller' in record ? record.caller : undefined) ?? null,
  switch: record.switch,
  arrivedAt: timeOf(record) - record.ms,
  state: 'arrived',
  since: timeOf(record),
  prompt: false,
  to: null,
  agent: null,
  waitedMs: null,
  transfers: 0,
  seq: -1,
  missed: null,
});

/** Also of a caller who has talked: whoever is dialled after that is for one whom no agent has. */
const dialled = (call: LiveCall, state: CallState, to: string | null, since: number): LiveCall => ({
  ...call,
  state,
  to,
  agent: null,
  since,
});

/** A caller waits from when a blind transfer is asked for, and for whoever takes back one who waits. */
const handing = (call: LiveCall, { kind, to }: Step<'transferred'>, at: number): LiveCall =>
  kind === 'blind' || call.state !== 'talking'
    ? dialled(call, to?.startsWith('queue:') && kind !== 'pull-back' ? 'queued' : 'ringing', to, at)
    : call;

const answered = (call: LiveCall, { to, agent, waitedMs }: Step<'answered'>, since: number): LiveCall => ({
  ...call,
  state: 'talking',
  prompt: false,
  to,
  agent,
  since,
  waitedMs: call.waitedMs ?? waitedMs,
});

/** Whoever answers next is told by a record of its own, which may have come already. */
const handedOn = (call: LiveCall, to: string | null, at: number): LiveCall => ({
  ...call,
  ...(call.to === to ? {} : { to, agent: null, since: at }),
  transfers: call.transfers + 1,
});

/** The call after a record; pure. A type that is not known here moves nothing. */
export function moved(call: LiveCall, record: PastRecord): LiveCall {
  const next = { ...call, seq: record.seq, number: record.number, region: record.region };
  const at = timeOf(record);
  switch (record.type) {
    case 'arrived':
      return { ...next, caller: record.caller };
    case 'routed':
      return { ...next, prompt: record.plan.some((step) => step.do === 'play') && record.plan[1]?.do === 'play' };
    case 'prompted':
      return { ...next, prompt: false };
    case 'ringing':
    case 'queued':
      return dialled(next, record.type, record.to, at);
    case 'answered':
      return answered(next, record, at);
    case 'transferred':
      if (record.stage === 'asked') return handing(next, record, at);
      return record.stage === 'completed' ? handedOn(next, record.to, at) : next;
    case 'missed':
      return { ...next, missed: record.reason };
    default:
      return next;
  }
}
