/** What the HTTP side may ask of live calls: part of the wiring, beside main for its length. */
import type { LiveCalls } from '../calls/live-calls.ts';
import type { HeldCalls } from '../fleet/calls-elsewhere.ts';
import type { Asker, CallAsking } from '../requests/request.ts';

/** Of an asker, in records and in what a call remembers. */
const LONGEST_NAME = 40;

/** An agent speaks for the phone of the token, and for no other; supervisors and operators for whoever has the caller. */
const askerOf = ({ caller: { name, role, endpoint }, via, key }: CallAsking): Asker => ({
  by: (role === 'agent' ? (endpoint ?? name) : name).slice(0, LONGEST_NAME),
  via,
  as: role === 'agent' ? { endpoint: endpoint ?? '' } : 'any',
  ...(endpoint !== undefined && { phone: endpoint }),
  ...(key !== undefined && { key: `${name} ${key}` }),
});

export const callControl = (live: LiveCalls): HeldCalls => ({
  has: (call) => live.ids.has(call),
  ask: async (call, asked, asking) => live.ask(call, asked, askerOf(asking)),
});
