/** What the PBX holds of ours: calls to adopt, and what their death left behind. */
import { z } from 'zod';
import type { Seating } from '../port.ts';
import {
  CONTROLLER_VARIABLE,
  decodeMemory,
  LEGS_VARIABLE,
  MEMORY_VARIABLE,
  parseLegs,
  SEATING_VARIABLE,
} from './channel-variables.ts';
import { AGENT_BEHIND, AGENT_CHANNEL } from './connected-agent.ts';
import type { EslEvent, HandedChannel } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { parseLegChannelId } from './ids.ts';

export interface FoundCall {
  readonly channel: EslEvent;
  /** What was last remembered on it; empty: nothing. */
  readonly memory: string;
  readonly legs: readonly FoundLeg[];
}

export interface FoundLeg {
  readonly id: string;
  readonly channel: EslEvent;
}

export interface Inventory {
  /** Every channel that is a caller's or a leg's, by id. */
  readonly channels: ReadonlyMap<string, EslEvent>;
  /** Callers that we had in an earlier life. */
  readonly calls: readonly FoundCall[];
  /** Channel ids of legs without a caller. */
  readonly orphanLegs: readonly string[];
}

const listShape = z.object({
  rows: z.array(z.looseObject({ uuid: z.string(), direction: z.string(), context: z.string() })).default([]),
});

const seatShape = z.union([
  z.enum(['with-caller', 'aside', 'apart']),
  z.object({ listensTo: z.string() }),
  z.object({ whispersTo: z.string() }),
]);
const seatingShape = z.object({
  legs: z.record(z.string(), seatShape),
  meanwhile: z.enum(['ringing', 'music']),
  muted: z.array(z.string()),
});

/** Who was to hear whom; undefined: nobody was seated. */
export function keptSeating(caller: EslEvent): Seating | undefined {
  try {
    return seatingShape.safeParse(JSON.parse(decodeMemory(caller[`variable_${SEATING_VARIABLE}`] ?? ''))).data;
  } catch {
    return undefined; // nothing was noted
  }
}

/** Contexts of `dialplan/freeswitch/hotline.xml` that a caller whom we control can be in. */
const OURS = /^hotline-(in|left|again|nobody|join|wait|room|refer)$/;

const READ_AT_HAND_OVER = [
  `variable_${MEMORY_VARIABLE}`,
  'variable_hotline_trunk',
  'Caller-Destination-Number',
  'Caller-Caller-ID-Number',
];

/**
 * At the hand-over FreeSWITCH encodes values for the line, but leaves a percent sign that looks encoded already: `%20`
 * and a space come the same. What holds neither is as it was; else the channel has to be looked at.
 */
export const isWhole = (channel: EslEvent): boolean =>
  READ_AT_HAND_OVER.every((key) => /^[+\w.-]*$/.test(channel[key] ?? ''));

/** A channel that is gone by now stays as it came: that it was there is worth a record. */
export async function lookAgain({ channel, commands }: HandedChannel): Promise<EslEvent> {
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

/** A queue notes its agent on the far half of the loopback channel. */
async function agentBehind(link: EslLink, channel: EslEvent): Promise<EslEvent> {
  const farHalf = channel.variable_other_loopback_leg_uuid;
  const far = farHalf === undefined ? undefined : await lookAt(link, farHalf);
  const agent = far && link.queues.agentBehind(far);
  return agent === undefined ? {} : { [AGENT_BEHIND]: agent.name, [AGENT_CHANNEL]: agent.channelId };
}

/** Undefined when it is gone. @throws EslError when the PBX does not answer. */
async function dump(link: EslLink, channelId: string): Promise<EslEvent | undefined> {
  const channel = await lookAt(link, channelId);
  return channel && { ...channel, ...(await agentBehind(link, channel)) };
}

async function dumpAll(link: EslLink, ids: Iterable<string>): Promise<Map<string, EslEvent>> {
  const channels = new Map<string, EslEvent>();
  for (const id of ids) {
    const channel = await dump(link, id);
    if (channel !== undefined) channels.set(id, channel);
  }
  return channels;
}

/** The legs that still live of those that were dialled. */
async function legsOf(link: EslLink, caller: EslEvent): Promise<FoundLeg[]> {
  const found: FoundLeg[] = [];
  const noted = caller[`variable_${LEGS_VARIABLE}`] ?? '';
  for (const { id, channelId } of parseLegs(caller['Unique-ID'] ?? '', noted)) {
    const channel = await dump(link, channelId);
    if (channel !== undefined) found.push({ id, channel });
  }
  return found;
}

/** One call, with what a former controller left it. */
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
 * A caller too new to be in FreeSWITCH's list is brought by the dialplan; one that we know already is looked for by id.
 * @param isOurs tells our own address, as FreeSWITCH knew it, from another controller's. @param known channels' ids.
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
