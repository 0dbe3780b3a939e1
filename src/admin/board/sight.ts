/** What somebody may see of a call: its caller's number whole, or masked. */
import type { CallView } from '../../records/call-view.ts';
import type { PastRecord } from '../../records/record.ts';
import { masked, normalCaller } from '../../routing/numbering.ts';
import { may } from '../access/roles.ts';
import type { Caller } from '../access/tokens.ts';
import type { CallShown } from './shown.ts';

export type Sight = 'whole' | 'masked';

export const sightOf = ({ role }: Caller): Sight => (may(role, 'seeCallers') ? 'whole' : 'masked');

/** Whether the phone of an agent is, or was, on the call. */
const isOwn = ({ role, endpoint }: Caller, agent: string | null): boolean =>
  role === 'agent' && endpoint !== undefined && agent === endpoint;

export const isOwnCall = (viewer: Caller, { agent, state }: CallView): boolean =>
  state === 'talking' && isOwn(viewer, agent);

export const shownCall = (call: CallView, sight: Sight): CallShown => {
  const { id, number, region, switch: on, arrivedAt, state, since, prompt, to, agent, waitedMs, transfers } = call;
  const caller = sight === 'whole' ? (call.caller ?? 'withheld') : masked(call.caller);
  const where = { id, number, region, switch: on, arrivedAt, state, since, prompt };
  return { ...where, to, agent, waitedMs, transfers, caller };
};

/** As the viewer may see it. */
export const shownTo = (viewer: Caller, call: CallView): CallShown =>
  shownCall(call, isOwnCall(viewer, call) ? 'whole' : sightOf(viewer));

const agentsOf = (story: readonly PastRecord[]): readonly (string | null)[] =>
  story.flatMap((record) => (record.type === 'answered' ? [record.agent] : []));

/** Of one call: whole where the role sees all callers, or the agent has talked with this one. */
export const sightOfStory = (viewer: Caller, story: readonly PastRecord[]): Sight =>
  agentsOf(story).some((agent) => isOwn(viewer, agent)) ? 'whole' : sightOf(viewer);

const callerOf = (story: readonly PastRecord[]): string | null =>
  story.reduce<string | null>(
    (found, record) => found ?? ('caller' in record ? record.caller : undefined) ?? null,
    null,
  );

/** A number as the carrier delivered it, and as reasons have it. */
const writtenAs = (caller: string | null): readonly string[] =>
  [caller, normalCaller(caller)].flatMap((each) => (each === null || each === '' ? [] : [each]));

/** What an agent wrote about a caller when handing the call on. */
const isAboutCaller = (key: string): boolean => key === 'note' || key === 'workOrder';

/** The same with the caller's number masked wherever it stands, in a reason too, and without notes about the caller. */
export function withoutCaller<T>(value: T, story: readonly PastRecord[]): T {
  const written = writtenAs(callerOf(story));
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
