/** A request → the event it is for the call, or why it is refused. Pure: here alone outside texts meet the table. */

import type { Refusal } from '../../requests/refusals.ts';
import type { Asker, CallRequest } from '../../requests/request.ts';
import type { DestinationId, Table } from '../../routing/table.ts';
import { transferTarget } from '../../routing/transfers.ts';
import type { Event } from './machine.ts';
import { originLegs, type Party, partyLegs, presentLeg, type TransferState } from './state.ts';

export interface CallFacts {
  readonly state: TransferState;
  readonly table: Table;
  readonly number: string;
  readonly region: string;
  /** Unix milliseconds. */
  readonly at: number;
  /** For a leg that the request makes. */
  readonly newLeg: string;
}

export type Verdict = { readonly event: Event; readonly to: DestinationId | null } | { readonly refused: Refusal };

/** The asker's leg; undefined: is not on this call. */
function legOf({ as }: Asker, state: TransferState): string | undefined {
  if (as === 'any') return presentLeg(state);
  if ('leg' in as) return partyLegs(state).includes(as.leg) ? as.leg : undefined;
  const [first] = originLegs(state);
  if (first !== undefined && state.origin.agent === as.endpoint) return first;
  return 'target' in state && state.target.agent === as.endpoint ? state.target.leg : undefined;
}

/** Neither on this call nor who transferred it last: nothing such an asker is refused leaves a trace on the call. */
export const isStranger = (asker: Asker, state: TransferState): boolean => {
  const { as } = asker;
  if (as === 'any' || legOf(asker, state) !== undefined) return false;
  return 'leg' in as || (as.endpoint !== state.handedBy?.agent && as.endpoint !== state.origin.agent);
};

/** A phone of the table; `number@trunk` is somebody else's. */
const isPhoneOf = ({ seats, queues }: Table, endpoint: string): boolean => {
  if (endpoint.includes('@')) return false;
  const members = [...queues.values()].flatMap((queue) => [queue.members, ...queue.skillMembers.values()]);
  return [...members, ...[...seats.values()].map(({ endpoints }) => endpoints)].some((each) => each.includes(endpoint));
};

/** @param own the call that the asker's phone has placed for it is to be `newLeg`. */
export function verdictOf(request: CallRequest, asker: Asker, of: CallFacts, own: boolean): Verdict {
  const { state, table, at, newLeg } = of;
  const { by, via } = asker;
  switch (request.do) {
    case 'transfer':
      return transferOf(request, asker, of, own);
    case 'pull-back': {
      const agent = asker.as === 'any' ? null : agentOf(asker, state);
      return {
        event: { is: 'pull-back', agent, by, via, at, ...(own && { leg: newLeg }) },
        to: state.handedBy?.to ?? null,
      };
    }
    case 'supervise': {
      const { as, endpoint } = request;
      if (endpoint !== asker.phone && !isPhoneOf(table, endpoint)) return { refused: 'UNKNOWN_TARGET' };
      return { event: { is: 'supervise', as, endpoint, leg: newLeg }, to: null };
    }
    case 'unsupervise':
      return asker.as === 'any' ? { event: { is: 'unsupervise' }, to: null } : { refused: 'NOT_YOUR_CALL' };
    default: {
      const leg = legOf(asker, state);
      if (leg === undefined) return { refused: asker.as === 'any' ? 'NOT_NOW' : 'NOT_YOUR_CALL' };
      return { event: { is: request.do, leg, at }, to: null };
    }
  }
}

/** The agent on a leg who has the caller; undefined: it is the one who is consulted, or brought in, and may transfer nobody. */
function partyAt(leg: string, state: TransferState): Party | undefined {
  if (!('target' in state)) return state.origin;
  if (state.stage === 'pull-back') return state.target;
  return leg === state.target.leg ? undefined : state.origin;
}

/** Whose request a record tells of: destination of the agent who asks, or of the one who has the caller. */
export function askedFrom(asker: Asker, state: TransferState): DestinationId {
  const isTarget = 'target' in state && legOf(asker, state) === state.target.leg;
  return isTarget ? state.target.to : state.origin.to;
}

/** Somebody who is on no leg of the call is nobody's agent. */
const agentOf = ({ as }: Asker, { origin }: TransferState): string =>
  (typeof as === 'object' && 'endpoint' in as ? as.endpoint : origin.agent) ?? '';

function transferOf(
  { kind, to, workOrder, note }: Extract<CallRequest, { do: 'transfer' }>,
  asker: Asker,
  { state, table, number, region, at, newLeg }: CallFacts,
  own: boolean,
): Verdict {
  const leg = legOf(asker, state);
  if (leg === undefined) return { refused: asker.as === 'any' ? 'NOT_NOW' : 'NOT_YOUR_CALL' };
  const from = partyAt(leg, state);
  if (from === undefined) return { refused: 'NOT_YOUR_CALL' };
  const target = transferTarget(table, { from: from.to, to, region, number, at: new Date(at) });
  if ('refused' in target) return target;
  const { by, via } = asker;
  const context = { ...(workOrder !== undefined && { workOrder }), ...(note !== undefined && { note }) };
  const consultation = own ? { consultation: newLeg } : {};
  return {
    event: { is: 'asked', leg, kind, to: target.step.to, by, via, at, ...context, ...consultation },
    to: target.step.to,
  };
}

/** What the records say of a request that was refused; undefined: nothing, as no transfer was asked for. */
export function refusalOf(request: CallRequest, { by, via }: Asker, reason: Refusal, to: DestinationId | null) {
  const told = { stage: 'refused', to, by, via, reason } as const;
  if (request.do === 'pull-back') return { ...told, kind: request.do, workOrder: null, note: null };
  if (request.do !== 'transfer') return undefined;
  const { kind, workOrder = null, note = null } = request;
  return { ...told, kind, workOrder, note };
}
