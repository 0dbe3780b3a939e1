/** Masking: who sees the caller's number of a call whole, and who sees it masked. */
import { type CallView, viewOf } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import { masked, normalCaller } from '../../routing/numbering.ts';
import { may } from '../access/roles.ts';
import type { Caller } from '../access/tokens.ts';
import type { CallShown } from './view-model.ts';

export type Masking = 'whole' | 'masked';

export const maskingFor = ({ role }: Caller): Masking => (may(role, 'seeCallers') ? 'whole' : 'masked');

/** Whether the phone of an agent is, or was, on the call. */
const isOwn = ({ role, endpoint }: Caller, agent: string | null): boolean =>
  role === 'agent' && endpoint !== undefined && agent === endpoint;

export const isOwnCall = (viewer: Caller, { agent, state }: CallView): boolean =>
  state === 'talking' && isOwn(viewer, agent);

export const maskedCall = (call: CallView, masking: Masking): CallShown => {
  const { id, number, region, switch: on, arrivedAt, state, since, prompt, to, agent, waitedMs, transfers } = call;
  const caller = masking === 'whole' ? (call.caller ?? 'withheld') : masked(call.caller);
  const where = { id, number, region, switch: on, arrivedAt, state, since, prompt };
  return { ...where, to, agent, waitedMs, transfers, caller };
};

/** A call as this viewer may see it. */
export const maskedCallFor = (viewer: Caller, call: CallView): CallShown =>
  maskedCall(call, isOwnCall(viewer, call) ? 'whole' : maskingFor(viewer));

const agentsOf = (records: readonly PastRecord[]): readonly (string | null)[] =>
  records.flatMap((record) => (record.type === 'answered' ? [record.agent] : []));

/** For the records of one call: whole if the role sees all callers, or the agent has talked with this one. */
export const maskingOfRecords = (viewer: Caller, records: readonly PastRecord[]): Masking =>
  agentsOf(records).some((agent) => isOwn(viewer, agent)) ? 'whole' : maskingFor(viewer);

/** The ways a number is written: as the carrier delivered it, and as the reasons of a routing have it. */
const writtenAs = (caller: string | null): readonly string[] =>
  [caller, normalCaller(caller)].flatMap((each) => (each === null || each === '' ? [] : [each]));

/** What an agent wrote about a caller when transferring the call. */
const isAboutCaller = (key: string): boolean => key === 'note' || key === 'workOrder';

/** The same with the caller's number masked wherever it stands, in a reason too, and without notes about the caller. */
export function withoutCaller<T>(value: T, records: readonly PastRecord[]): T {
  const written = writtenAs(viewOf(records)?.caller ?? null);
  const replaced = (each: unknown): unknown => {
    if (typeof each === 'string')
      return written.reduce((text, caller) => text.replaceAll(caller, masked(caller)), each);
    if (Array.isArray(each)) return each.map(replaced);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(
      Object.entries(each).map(([key, one]) => [key, isAboutCaller(key) ? null : replaced(one)]),
    );
  };
  return replaced(value) as T;
}
