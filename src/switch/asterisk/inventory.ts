/** What the PBX holds of our application: calls to take up, and what their death left behind. */

import { MEMORY_VARIABLE } from './call.ts';
import { type AriChannel, AriError } from './client.ts';
import { bridgeIdOf, parseBridgeId, parseLegChannelId } from './ids.ts';
import type { FoundLeg } from './leg.ts';
import type { AriLink } from './link.ts';

export interface FoundCall {
  readonly channel: AriChannel;
  /** What was last remembered on it; empty: nothing. */
  readonly memory: string;
  readonly inBridge: boolean;
  readonly legs: readonly FoundLeg[];
}

export interface Inventory {
  /** Every channel of our application, by id. */
  readonly channels: ReadonlyMap<string, AriChannel>;
  readonly calls: readonly FoundCall[];
  /** Legs without a caller. */
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

const getApplication = (link: AriLink, app: string): Promise<AriApplication> =>
  link.request('applications.get', { applicationName: app }) as Promise<AriApplication>;

const listChannels = (link: AriLink): Promise<readonly AriChannel[]> =>
  link.request('channels.list', {}) as Promise<readonly AriChannel[]>;

const byId = (all: readonly AriChannel[], { channel_ids }: AriApplication): ReadonlyMap<string, AriChannel> => {
  const ours = new Set(channel_ids);
  return new Map(all.filter(({ id }) => ours.has(id)).map((channel) => [channel.id, channel]));
};

/** Every channel of our application, by id. */
export async function livingChannels(link: AriLink, app: string): Promise<ReadonlyMap<string, AriChannel>> {
  const [application, channels] = await Promise.all([getApplication(link, app), listChannels(link)]);
  return byId(channels, application);
}

export async function takeInventory(link: AriLink, app: string): Promise<Inventory> {
  const [application, allChannels, allBridges] = await Promise.all([
    getApplication(link, app),
    listChannels(link),
    link.request('bridges.list', {}) as Promise<readonly AriBridge[]>,
  ]);
  const channels = byId(allChannels, application);
  const bridges = new Map(allBridges.map(({ id, channels: inside }) => [id, new Set(inside)]));
  const isInBridge = (callerId: string, id: string): boolean =>
    bridges.get(bridgeIdOf(app, callerId))?.has(id) ?? false;
  const legs = [...channels.values()].flatMap((channel) => {
    const parsed = parseLegChannelId(app, channel.id);
    return parsed ? [{ ...parsed, channel }] : [];
  });
  const callers = [...channels.values()].filter(({ id }) => parseLegChannelId(app, id) === undefined);
  const calls = await Promise.all(
    callers.map(async (channel) => ({
      channel,
      memory: await readMemory(link, channel.id),
      inBridge: isInBridge(channel.id, channel.id),
      legs: legs
        .filter(({ callerId }) => callerId === channel.id)
        .map(({ leg, channel: { id, state } }) => ({ id: leg, state, inBridge: isInBridge(channel.id, id) })),
    })),
  );
  const orphanLegs = legs
    .filter(({ callerId, channel }) => !channels.has(callerId) && !link.isListened(channel.id))
    .map(({ channel }) => channel.id);
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
    if (!(error instanceof AriError && error.isLate)) throw error; // not known is not empty
    return '';
  }
}
