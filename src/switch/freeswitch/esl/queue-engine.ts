/**
 * FreeSWITCH has two modules that queue callers and ring agents; a PBX uses one of them. Everything in which they differ for
 * the adapter is here. Sources: `mod_callcenter.c`, `mod_fifo.c` of 1.10.12.
 */
import type { EslEvent } from './client.ts';

export interface QueueAgent {
  /** Endpoint. */
  readonly name: string;
  readonly channelId: string;
}

export interface QueueEngine {
  /** Subclass of its CUSTOM events. */
  readonly events: string;
  /** Context of `dialplan/freeswitch/hotline.xml` in which the far half of a leg waits. */
  readonly context: string;
  /**
   * Variables that a leg brings along for it.
   * @param mostSeconds limit of the wait while nobody controls the call. @param priority as in a `LegTarget`.
   */
  variables(mostSeconds: number, priority: number): Readonly<Record<string, string>>;
  /** The agent who has answered and is about to be bridged; undefined: the event says something else. */
  agentIn(event: EslEvent): QueueAgent | undefined;
  /** The agent whom a look at a leg's far half shows bridged with it. */
  connectedAgent(farHalf: EslEvent): QueueAgent | undefined;
}

const agentOf = (name: string | undefined, channelId: string | undefined): QueueAgent | undefined =>
  name === undefined || channelId === undefined ? undefined : { name, channelId };

/** mod_callcenter scores a member by the seconds waited; nobody waits this long. */
const SCORE_PER_PRIORITY = 100_000;

/** mod_fifo serves low numbers first. */
const FIFO_FIRST = 1;
const FIFO_USUAL = 5;

/** The limit of the wait is a setting of the queue. */
const callcenter: QueueEngine = {
  events: 'callcenter::info',
  context: 'hotline-queue',
  variables: (_, priority) => (priority === 0 ? {} : { cc_base_score: String(priority * SCORE_PER_PRIORITY) }),
  agentIn: (event) => {
    const isBridged = event['CC-Action'] === 'bridge-agent-start';
    return isBridged ? agentOf(event['CC-Agent'], event['CC-Agent-UUID']) : undefined;
  },
  connectedAgent: ({
    variable_cc_agent_bridged: isBridged,
    variable_cc_agent: name,
    variable_cc_agent_uuid: channelId,
  }) => (isBridged === 'true' ? agentOf(name, channelId ?? '') : undefined),
};

/** Members have their endpoint as `fifo_outbound_uuid` and `fifo_consumer_id`. */
const fifo: QueueEngine = {
  events: 'fifo::info',
  context: 'hotline-fifo',
  variables: (mostSeconds, priority) => ({
    fifo_orbit_exten: `_continue_:${mostSeconds}`,
    ...(priority !== 0 && { fifo_priority: String(Math.max(FIFO_FIRST, FIFO_USUAL - priority)) }),
  }),
  agentIn: (event) => {
    const isBridged = event['FIFO-Action'] === 'bridge-consumer-start';
    return isBridged ? agentOf(event['FIFO-Consumer-Outbound-ID'], event['Unique-ID']) : undefined;
  },
  connectedAgent: ({
    variable_fifo_status: status,
    variable_fifo_serviced_by: name,
    variable_fifo_serviced_uuid: uuid,
  }) => (status === 'TALKING' ? agentOf(name, uuid ?? '') : undefined),
};

export const QUEUE_ENGINES = { callcenter, fifo } as const;

export type QueueEngineName = keyof typeof QUEUE_ENGINES;
