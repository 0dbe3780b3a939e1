/** Made-up calls as their records, for whatever shows them. */
import { type CallRecord, makeRecord, type RecordFields, type Waits } from '../../../src/records/record.ts';
import type { DestinationId } from '../../../src/routing/table.ts';

export interface MadeCall {
  readonly id: string;
  readonly number?: string | null;
  readonly region?: string;
  readonly caller?: string | null;
  /** Unix milliseconds. */
  readonly at: number;
  readonly to?: DestinationId;
  readonly agent?: string;
  readonly revision?: string;
}

export interface Told {
  readonly records: readonly CallRecord[];
  /** Adds a record so long after the INVITE. */
  tell<T extends CallRecord['type']>(type: T, ms: number, fields: RecordFields<T>): CallRecord;
}

const waitsOf = (ms: number): Waits => ({ networkMs: 0, promptMs: 0, ringMs: 0, queueMs: ms });

/** A call that has arrived and was routed; what follows is told one by one. */
export function madeCall(
  call: MadeCall,
): Told & { queued(ms: number): void; answered(ms: number): void; ended(ms: number): void } {
  const { id, number = '12333', region = 'xiamen', caller = '05922001234', at, revision = 'r1' } = call;
  const { to = 'queue:12345-xiamen', agent = '12345-xiamen-1' } = call;
  const records: CallRecord[] = [];
  const arrival = { dialled: number ?? '99999', caller, trunk: 'exchange' };
  const isKnown = number !== null;
  const common = { number, unit: isKnown ? '省人社厅' : null, mode: isKnown ? ('merged' as const) : null };
  const tell: Told['tell'] = (type, ms, fields) => {
    const place = { v: 1 as const, callId: id, seq: records.length, ms, at: new Date(at + ms).toISOString() };
    const of = { ...place, switch: 'pbx1', ...common, region: isKnown ? region : null, revision };
    const record = makeRecord(type, of, fields);
    records.push(record);
    return record;
  };
  let waitedMs: number | null = null;
  tell('arrived', 0, arrival);
  const plan = [{ do: 'answer' as const }, { do: 'play' as const, prompt: 'merged' }, { do: 'connect' as const, to }];
  tell('routed', 1, { regionFrom: 'dialled-area-code', rule: 1, plan });
  return {
    records,
    tell,
    queued: (ms) => void tell('queued', ms, { to, skill: null }),
    answered: (ms) => {
      waitedMs = ms;
      tell('answered', ms, { to, agent, agentMs: ms, waitedMs: ms, waits: waitsOf(ms) });
    },
    ended: (ms) => {
      const isAnswered = waitedMs !== null;
      if (!isAnswered && isKnown)
        tell('missed', ms, { reason: 'gave-up', tried: [to], caller, callBack: caller !== null, waits: waitsOf(ms) });
      tell('ended', ms, {
        by: 'caller',
        cause: 'hung-up',
        q850: 16,
        ...arrival,
        arrivedAt: new Date(at).toISOString(),
        waitedMs,
        talkedMs: waitedMs === null ? null : ms - waitedMs,
        answeredBy: isAnswered ? to : null,
        agent: isAnswered ? agent : null,
        tried: [to],
        takeovers: 0,
        waits: waitsOf(waitedMs ?? ms),
        transfers: 0,
        recordings: [],
      });
    },
  };
}

/** A whole call, answered after so long, or (null) given up after `endMs`. */
export function wholeCall(call: MadeCall, answeredMs: number | null, endMs: number): readonly CallRecord[] {
  const told = madeCall(call);
  told.queued(5);
  if (answeredMs !== null) told.answered(answeredMs);
  told.ended(endMs);
  return told.records;
}
