/** What the HTTP side may ask of calls: of those of this controller, and of the whole fleet's where there is one. */
import type { Logger } from '../base/log.ts';
import type { LiveCalls } from '../calls/live-calls.ts';
import { FleetCalls, type HeldCalls } from '../fleet/calls-elsewhere.ts';
import { RedisBus } from '../fleet/redis-bus.ts';
import type { Asker, CallAsking, CallControl } from '../requests/request.ts';

/** Characters of a name in records and in a call's checkpoint. */
const LONGEST_NAME = 40;

/** An agent acts for the phone of the token and for no other; supervisors and operators act for whoever has the caller. */
const askerOf = ({ caller: { name, role, endpoint }, via, key }: CallAsking): Asker => ({
  by: (role === 'agent' ? (endpoint ?? name) : name).slice(0, LONGEST_NAME),
  via,
  as: role === 'agent' ? { endpoint: endpoint ?? '' } : 'any',
  ...(endpoint !== undefined && { phone: endpoint }),
  ...(key !== undefined && { key: `${name} ${key}` }),
});

const heldHere = (live: LiveCalls): HeldCalls => ({
  has: (call) => live.ids.has(call),
  ask: async (call, asked, asking) => live.ask(call, asked, askerOf(asking)),
});

/** @param redis the fleet's; undefined: this controller is alone. */
export async function callControl(
  live: LiveCalls,
  redis: string | undefined,
  started: AsyncDisposableStack,
  log: Logger,
): Promise<CallControl> {
  const held = heldHere(live);
  if (redis === undefined) return held;
  const calls = new FleetCalls(held, new RedisBus(redis), log);
  started.defer(() => calls.stop());
  await calls.start();
  return calls;
}
