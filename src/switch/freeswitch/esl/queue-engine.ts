/**
 * FreeSWITCH has two modules that queue callers and ring whoever serves them; a PBX uses one of the two. Whatever the
 * adapter has to know of which, stands here. Sources: `mod_callcenter.c`, `mod_fifo.c` of 1.10.12.
 */
import type { EslEvent } from './client.ts';

export interface QueueAgent {
  /** Endpoint. */
  readonly name: string;
  readonly channelId: string;
}

export interface QueueEngine {
  /** The one kind of CUSTOM event by which it tells what happens in its queues. */
  readonly events: string;
  /** Context of `dialplan/freeswitch/hotline.xml` in which the far half of a leg waits. */
  readonly context: string;
  /**
   * What a leg brings along for it.
   * @param mostSeconds the limit of the wait while nobody controls the call. @param priority as of a `LegTarget`.
   */
  variables(mostSeconds: number, priority: number): Readonly<Record<string, string>>;
  /** An agent whose phone is answered, and who is about to be bridged; undefined: the event tells something else. */
  agentIn(event: EslEvent): QueueAgent | undefined;
  /** The agent who is bridged with the far half of a leg, at a look at that. */
  agentBehind(farHalf: EslEvent): QueueAgent | undefined;
}

/** mod_callcenter counts a member's score in seconds of waiting; nobody waits as long as this. */
const SCORE_PER_PRIORITY = 100_000;

/** mod_fifo serves low numbers first. */
const FIFO_FIRST = 1;
const FIFO_USUAL = 5;

/** The limit is the queue's own, one for all who wait in it. */
const callcenter: QueueEngine = {
  events: 'callcenter::info',
  context: 'hotline-queue',
  variables: (_, priority) => (priority === 0 ? {} : { cc_base_score: String(priority * SCORE_PER_PRIORITY) }),
  agentIn: (event) => {
    const [name, channelId] = [event['CC-Agent'], event['CC-Agent-UUID']];
    if (event['CC-Action'] !== 'bridge-agent-start' || name === undefined || channelId === undefined) return undefined;
    return { name, channelId };
  },
  agentBehind: ({
    variable_cc_agent_bridged: isBridged,
    variable_cc_agent: name,
    variable_cc_agent_uuid: channelId,
  }) => (isBridged === 'true' && name !== undefined ? { name, channelId: channelId ?? '' } : undefined),
};

/** Members are written with their endpoint for `fifo_outbound_uuid` and `fifo_consumer_id`. */
const fifo: QueueEngine = {
  events: 'fifo::info',
  context: 'hotline-fifo',
  variables: (mostSeconds, priority) => ({
    fifo_orbit_exten: `_continue_:${mostSeconds}`,
    ...(priority !== 0 && { fifo_priority: String(Math.max(FIFO_FIRST, FIFO_USUAL - priority)) }),
  }),
  agentIn: (event) => {
    const [name, channelId] = [event['FIFO-Consumer-Outbound-ID'], event['Unique-ID']];
    if (event['FIFO-Action'] !== 'bridge-consumer-start' || name === undefined || channelId === undefined)
      return undefined;
    return { name, channelId };
  },
  agentBehind: ({
    variable_fifo_status: status,
    variable_fifo_serviced_by: name,
    variable_fifo_serviced_uuid: uuid,
  }) => (status === 'TALKING' && name !== undefined ? { name, channelId: uuid ?? '' } : undefined),
};

export const QUEUE_ENGINES = { callcenter, fifo } as const;

export type QueueEngineName = keyof typeof QUEUE_ENGINES;
