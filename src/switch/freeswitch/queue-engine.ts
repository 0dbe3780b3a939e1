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
  /** What a leg brings along for it. @param mostSeconds the limit of the wait while nobody controls the call. */
  variables(mostSeconds: number): Readonly<Record<string, string>>;
  /** An agent whose phone is answered, and who is about to be bridged; undefined: the event tells something else. */
  agentIn(event: EslEvent): QueueAgent | undefined;
  /** Endpoint of the agent who is bridged with the far half of a leg, at a look at that. */
  agentBehind(farHalf: EslEvent): string | undefined;
}

/** The limit is the queue's own, one for all who wait in it. */
const callcenter: QueueEngine = {
  events: 'callcenter::info',
  context: 'hotline-queue',
  variables: () => ({}),
  agentIn: (event) => {
    const [name, channelId] = [event['CC-Agent'], event['CC-Agent-UUID']];
    if (event['CC-Action'] !== 'bridge-agent-start' || name === undefined || channelId === undefined) return undefined;
    return { name, channelId };
  },
  agentBehind: (farHalf) => (farHalf.variable_cc_agent_bridged === 'true' ? farHalf.variable_cc_agent : undefined),
};

/** Members are written with their endpoint for `fifo_outbound_uuid` and `fifo_consumer_id`. */
const fifo: QueueEngine = {
  events: 'fifo::info',
  context: 'hotline-fifo',
  variables: (mostSeconds) => ({ fifo_orbit_exten: `_continue_:${mostSeconds}` }),
  agentIn: (event) => {
    const [name, channelId] = [event['FIFO-Consumer-Outbound-ID'], event['Unique-ID']];
    if (event['FIFO-Action'] !== 'bridge-consumer-start' || name === undefined || channelId === undefined)
      return undefined;
    return { name, channelId };
  },
  agentBehind: (farHalf) =>
    farHalf.variable_fifo_status === 'TALKING' ? farHalf.variable_fifo_serviced_by : undefined,
};

export const QUEUE_ENGINES = { callcenter, fifo } as const;

export type QueueEngineName = keyof typeof QUEUE_ENGINES;
