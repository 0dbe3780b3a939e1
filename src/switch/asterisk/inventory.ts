/** What the PBX holds of our application: calls to take up, and what their death left behind. */

import { MEMORY_VARIABLE } from './call.ts';
import type { AriChannel } from './client.ts';
import { bridgeIdOf, parseBridgeId, parseLegChannelId, queueHalfId } from './ids.ts';
import type { AriLink } from './link.ts';

export interface FoundCall {
  readonly channel: AriChannel;
  /** What was last remembered on it; empty: nothing. */
  readonly memory: string;
  readonly inBridge: boolean;
  readonly legs: readonly { readonly id: string; readonly state: string }[];
}

export interface Inventory {
  /** Every channel of our application, by id. */
  readonly channels: ReadonlyMap<string, AriChannel>;
  readonly calls: readonly FoundCall[];
  /** Legs without a caller, or never dialled. */
  readonly orphanLegs: readonly string[];
  readonly orphanBridges: readonly string[];
}

interface AriApplication {
  readonly channel_ids: readonly string[];
  readonly bridge_ids: readonly string[];
}

interface AriBridge {
  readonly id: string;
  readonly channels: readonly string[];
}

export async function takeInventory(link: AriLink, app: string): Promise<Inventory> {
  const [application, allChannels, allBridges] = await Promise.all([
    link.request('applications.get', { applicationName: app }) as Promise<AriApplication>,
    link.request('channels.list', {}) as Promise<AriChannel[]>,
    link.request('bridges.list', {}) as Promise<AriBridge[]>,
  ]);
  const ours = new Set(application.channel_ids);
  const channels = new Map(allChannels.filter(({ id }) => ours.has(id)).map((channel) => [channel.id, channel]));
  const legs = [...channels.values()].flatMap((channel) => {
    const parsed = parseLegChannelId(app, channel.id);
    return parsed ? [{ ...parsed, channel }] : [];
  });
  const states = new Map(allChannels.map(({ id, state }) => [id, state]));
  const isDialled = (id: string): boolean =>
    [id, queueHalfId(id)].some((half) => (states.get(half) ?? 'Down') !== 'Down');
  const isAlive = (leg: (typeof legs)[number]) => channels.has(leg.callerId) && isDialled(leg.channel.id);
  const callers = [...channels.values()].filter(({ id }) => parseLegChannelId(app, id) === undefined);
  const calls = await Promise.all(
    callers.map(async (channel) => ({
      channel,
      memory: await readMemory(link, channel.id),
      inBridge: allBridges.some(
        ({ id, channels: inside }) => id === bridgeIdOf(app, channel.id) && inside.includes(channel.id),
      ),
      legs: legs
        .filter((leg) => leg.callerId === channel.id && isAlive(leg))
        .map((leg) => ({ id: leg.leg, state: leg.channel.state })),
    })),
  );
  const orphanLegs = legs
    .filter((leg) => !isAlive(leg) && !link.isListened(leg.channel.id))
    .map((leg) => leg.channel.id);
  const orphanBridges = allBridges
    .map(({ id }) => ({ id, callerId: parseBridgeId(app, id) }))
    .filter(({ callerId }) => callerId !== undefined && !channels.has(callerId) && !link.isListened(callerId))
    .map(({ id }) => id);
  return { channels, calls, orphanLegs, orphanBridges };
}

async function readMemory(link: AriLink, channelId: string): Promise<string> {
  try {
    const answer = await link.request('channels.getChannelVar', { channelId, variable: MEMORY_VARIABLE });
    return (answer as { value: string }).value;
  } catch (error) {
    link.log.debug({ channelId }, String(error));
    return '';
  }
}
