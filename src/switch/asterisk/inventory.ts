/** What the PBX has of our application: calls to adopt, and what is left of calls that are over. */
import type { PbxInventory } from '../kit/connected-switch.ts';
import { type AriChannel, AriError } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import {
  isWhisperChannelId,
  MEMORY_VARIABLE,
  parseBridgeId,
  parseLegChannelId,
  parseSnoopChannelId,
  parseTakenIn,
  type Snoop,
  TAKEN_IN_VARIABLE,
} from './ids.ts';
import { argumentsOf, PHONE_ARGUMENT } from './phone.ts';

/** A leg as a former controller left it. */
export interface FoundLeg {
  readonly id: string;
  readonly channelId: string;
  /** As ARI tells a channel's. */
  readonly state: string;
  /** The bridge of the call that it is in. A leg that is in one has been dialled: that comes right after. */
  readonly bridgeId: string | undefined;
  /** What it hears another leg by. */
  readonly snoop: Snoop | undefined;
  /** It stands in a queue, as its channel's name says. */
  readonly isQueue: boolean;
  /** It was an agent's own call. */
  readonly isTakenIn: boolean;
}

/** What a call has besides the caller's channel. */
interface CallParts {
  readonly legs: readonly FoundLeg[];
  /** Ids of the call's bridges. */
  readonly bridges: readonly string[];
  /** The caller is in one. */
  readonly isBridged: boolean;
}

/** A call as a former controller left it. @property memory what was last remembered on it; empty: nothing. */
export interface FoundCall extends CallParts {
  readonly channel: AriChannel;
  readonly memory: string;
}

export interface Inventory extends PbxInventory<AriChannel, FoundCall> {
  /** Agents' own calls that no call has taken in. */
  readonly phones: readonly AriChannel[];
  /** Channels to hang up: legs without a caller, and snoop channels of whispers that a former controller began. */
  readonly orphans: readonly string[];
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

/** A channel of ours that belongs to a call. */
interface Part {
  readonly callerId: string;
  readonly channel: AriChannel;
  readonly leg: string;
  /** The channel is not the leg's, but the snoop channel by which the leg hears another. */
  readonly snoop?: Snoop;
  readonly isTakenIn?: boolean;
}

export async function takeInventory(link: AriLink, app: string): Promise<Inventory> {
  const [application, allChannels, allBridges] = await Promise.all([
    getApplication(link, app),
    listChannels(link),
    link.request('bridges.list', {}) as Promise<readonly AriBridge[]>,
  ]);
  const channels = byId(allChannels, application);
  const bridges = allBridges.filter(({ id }) => parseBridgeId(app, id) !== undefined);
  const whispering = [...channels.keys()].filter((id) => isWhisperChannelId(app, id));
  const sorted = await Promise.all(
    [...channels.values()]
      .filter(({ id }) => !whispering.includes(id))
      .map(async (channel) => ({
        channel,
        part: await partOf(link, app, channel),
      })),
  );
  const parts = sorted.flatMap(({ part }) => part ?? []);
  const others = sorted.flatMap(({ channel, part }) => (part === undefined ? channel : []));
  const phones = others.filter((channel) => argumentsOf(channel)[0] === PHONE_ARGUMENT);
  const callers = others.filter((channel) => !phones.includes(channel));
  const calls = await Promise.all(
    callers.map(async (channel) => ({
      channel,
      memory: await readVariable(link, channel.id, MEMORY_VARIABLE),
      ...partsOf(app, channel.id, parts, bridges),
    })),
  );
  const isOrphan = (callerId: string): boolean => !channels.has(callerId) && !link.isListened(callerId);
  const orphanLegs = parts
    .filter(({ callerId, channel }) => isOrphan(callerId) && !link.isListened(channel.id))
    .map(({ channel }) => channel.id);
  const orphanBridges = bridges.filter(({ id }) => isOrphan(parseBridgeId(app, id) ?? '')).map(({ id }) => id);
  const missed = whispering.filter((id) => !link.isListened(id));
  return { channels, calls, phones, orphans: [...orphanLegs, ...missed], orphanBridges };
}

async function partOf(link: AriLink, app: string, channel: AriChannel): Promise<Part | undefined> {
  const leg = parseLegChannelId(app, channel.id);
  if (leg !== undefined) return { ...leg, channel };
  const snoop = parseSnoopChannelId(app, channel.id);
  if (snoop !== undefined) return { callerId: snoop.callerId, leg: snoop.leg, channel, snoop };
  if (argumentsOf(channel)[0] !== PHONE_ARGUMENT) return undefined;
  const takenIn = parseTakenIn(await readVariable(link, channel.id, TAKEN_IN_VARIABLE));
  return takenIn && { ...takenIn, channel, isTakenIn: true };
}

function partsOf(app: string, callerId: string, parts: readonly Part[], all: readonly AriBridge[]): CallParts {
  const bridges = all.filter(({ id }) => parseBridgeId(app, id) === callerId);
  const mine = parts.filter((part) => part.callerId === callerId);
  const bridgeOf = (id: string) => bridges.find(({ channels }) => channels.includes(id))?.id;
  const legs = mine.filter(({ snoop }) => snoop === undefined);
  return {
    isBridged: bridgeOf(callerId) !== undefined,
    bridges: bridges.map(({ id }) => id),
    legs: legs.map(({ leg, channel, isTakenIn = false }) => ({
      id: leg,
      channelId: channel.id,
      state: channel.state,
      bridgeId: bridgeOf(channel.id),
      snoop: mine.find((part) => part.leg === leg && part.snoop !== undefined)?.snoop,
      isQueue: channel.name?.startsWith('Local/') ?? false,
      isTakenIn,
    })),
  };
}

async function readVariable(link: AriLink, channelId: string, variable: string): Promise<string> {
  try {
    const answer = await link.request('channels.getChannelVar', { channelId, variable });
    return (answer as { value: string }).value;
  } catch (error) {
    if (!(error instanceof AriError && error.isLate)) throw error; // not known is not empty
    return '';
  }
}
