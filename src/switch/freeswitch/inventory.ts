/** What the PBX holds of ours: calls to adopt, and legs whose caller is gone. */
import { z } from 'zod';
import type { PbxInventory } from '../kit/connected-switch.ts';
import type { AudioPlan } from '../port.ts';
import {
  CONTROLLER_VARIABLE,
  decodeMemory,
  LEGS_VARIABLE,
  MEMORY_VARIABLE,
  parseLegs,
  SEATING_VARIABLE,
} from './channel-variables.ts';
import { CONNECTED_AGENT, CONNECTED_AGENT_CHANNEL } from './connected-agent.ts';
import type { EslEvent, OutboundSocket } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { parseLegChannelId } from './ids.ts';

export interface FoundCall {
  readonly channel: EslEvent;
  /** Checkpoint that was written on it last; empty: none. */
  readonly memory: string;
  readonly legs: readonly FoundLeg[];
}

export interface FoundLeg {
  readonly id: string;
  readonly channel: EslEvent;
}

export interface Inventory extends PbxInventory<EslEvent, FoundCall> {
  /** Channel ids of legs without a caller. */
  readonly orphanLegs: readonly string[];
}

const listShape = z.object({
  rows: z.array(z.looseObject({ uuid: z.string(), direction: z.string(), context: z.string() })).default([]),
});

const roleSchema = z.union([
  z.enum(['with-caller', 'aside', 'apart']),
  z.object({ listensTo: z.string() }),
  z.object({ whispersTo: z.string() }),
]);
/** As it stands on the channel, where controllers of other versions read it too. */
const keptPlanSchema = z
  .object({
    legs: z.record(z.string(), roleSchema),
    meanwhile: z.enum(['ringing', 'music']),
    muted: z.array(z.string()),
  })
  .transform(({ meanwhile: waitTone, ...plan }): AudioPlan => ({ ...plan, waitTone }));

/** The audio plan that was kept on the caller's channel; undefined: none. */
export function keptAudioPlan(caller: EslEvent): AudioPlan | undefined {
  try {
    return keptPlanSchema.safeParse(JSON.parse(decodeMemory(caller[`variable_${SEATING_VARIABLE}`] ?? ''))).data;
  } catch {
    return undefined; // nothing was written
  }
}

/** Contexts of `dialplan/freeswitch/hotline.xml` in which a caller whom we control can be. */
const OURS = /^hotline-(in|left|again|nobody|join|wait|room|refer)$/;

const READ_FROM_SOCKET = [
  `variable_${MEMORY_VARIABLE}`,
  'variable_hotline_trunk',
  'Caller-Destination-Number',
  'Caller-Caller-ID-Number',
];

/**
 * On an outbound socket FreeSWITCH percent-encodes values, but leaves a percent sign that looks encoded already: `%20` and a
 * space arrive the same. A value without either is as it was; for any other we have to look at the channel.
 */
export const isWhole = (channel: EslEvent): boolean =>
  READ_FROM_SOCKET.every((key) => /^[+\w.-]*$/.test(channel[key] ?? ''));

/** Parked now or earlier: `park` is the first application that a leg runs. */
export const isParked = (channel: EslEvent): boolean =>
  channel['Answer-State'] === 'answered' && (channel.variable_current_application ?? '') !== '';

/** A channel that is gone by now stays as it came: the call still gets its record. */
export async function lookAgain({ channel, commands }: OutboundSocket): Promise<EslEvent> {
  try {
    return JSON.parse(await commands.api('uuid_dump', [channel['Unique-ID'] ?? '', 'json'])) as EslEvent;
  } catch {
    return channel;
  }
}

/** Undefined when it is gone. @throws EslError when the PBX does not answer. */
export async function lookAt(link: EslLink, channelId: string): Promise<EslEvent | undefined> {
  let channel: EslEvent | undefined;
  await link.attempt(async () => {
    channel = await link.dump(channelId);
  });
  return channel;
}

/** A queue writes its agent on the far half of the loopback channel. */
async function connectedAgent(link: EslLink, channel: EslEvent): Promise<EslEvent> {
  const farHalf = channel.variable_other_loopback_leg_uuid;
  const far = farHalf === undefined ? undefined : await lookAt(link, farHalf);
  const agent = far && link.queues.connectedAgent(far);
  return agent === undefined ? {} : { [CONNECTED_AGENT]: agent.name, [CONNECTED_AGENT_CHANNEL]: agent.channelId };
}

/** Undefined when it is gone. @throws EslError when the PBX does not answer. */
async function dump(link: EslLink, channelId: string): Promise<EslEvent | undefined> {
  const channel = await lookAt(link, channelId);
  return channel && { ...channel, ...(await connectedAgent(link, channel)) };
}

async function dumpAll(link: EslLink, ids: Iterable<string>): Promise<Map<string, EslEvent>> {
  const channels = new Map<string, EslEvent>();
  for (const id of ids) {
    const channel = await dump(link, id);
    if (channel !== undefined) channels.set(id, channel);
  }
  return channels;
}

/** Those of the legs dialled that still live. */
async function legsOf(link: EslLink, caller: EslEvent): Promise<FoundLeg[]> {
  const found: FoundLeg[] = [];
  const noted = caller[`variable_${LEGS_VARIABLE}`] ?? '';
  for (const { id, channelId } of parseLegs(caller['Unique-ID'] ?? '', noted)) {
    const channel = await dump(link, channelId);
    if (channel !== undefined) found.push({ id, channel });
  }
  return found;
}

/** A call as a former controller left it. */
export async function findCall(link: EslLink, channel: EslEvent): Promise<FoundCall> {
  const memory = decodeMemory(channel[`variable_${MEMORY_VARIABLE}`] ?? '');
  return { channel, memory, legs: await legsOf(link, channel) };
}

async function ourIds(link: EslLink): Promise<string[]> {
  const { rows } = listShape.parse(JSON.parse(await link.api('show', 'channels', 'as', 'json')));
  return rows
    .filter(({ uuid, direction, context }) => {
      return parseLegChannelId(uuid) !== undefined || (direction === 'inbound' && OURS.test(context));
    })
    .map(({ uuid }) => uuid);
}

/**
 * FreeSWITCH's list lags behind: the dialplan brings us a caller who is too new for it, and channels that we know are looked
 * at by id.
 * @param isOurs tells our own address, as FreeSWITCH knew it, from another controller's. @param known ids of channels.
 */
export async function takeInventory(
  link: EslLink,
  isOurs: (controller: string) => boolean,
  known: readonly string[],
): Promise<Inventory> {
  const channels = await dumpAll(link, new Set([...known, ...(await ourIds(link))]));
  const callers = [...channels].filter(([id]) => parseLegChannelId(id) === undefined);
  const calls: FoundCall[] = [];
  for (const [, channel] of callers)
    if (isOurs(channel[`variable_${CONTROLLER_VARIABLE}`] ?? '')) calls.push(await findCall(link, channel));
  const orphanLegs = [...channels.keys()].filter((id) => {
    const leg = parseLegChannelId(id);
    return leg !== undefined && !channels.has(leg.callerId);
  });
  return { channels, calls, orphanLegs };
}
