/** The agent whom a queue has connected with a leg: the queue bridges the agent with the leg's far half, which waits in it. */
import { setTimeout as delay } from 'node:timers/promises';
import { LET_GO } from './causes.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import type { QueueAgent } from './esl/queue-engine.ts';

/** Fields that a look at a queue's leg adds to the channel: the agent who is connected by now. */
export const CONNECTED_AGENT = 'hotline_agent_behind';
export const CONNECTED_AGENT_CHANNEL = 'hotline_agent_channel';

const QUEUE_CLEARS_ITSELF_MS = 300;

export class ConnectedAgent {
  readonly #link: EslLink;
  readonly #onEvent: (event: EslEvent) => void;
  #farHalf: string | undefined;
  #agent: QueueAgent | undefined;

  /** @param onEvent gets the events of the agent's phone. */
  constructor(link: EslLink, onEvent: (event: EslEvent) => void) {
    this.#link = link;
    this.#onEvent = onEvent;
  }

  /** The leg waits in a queue, or has. */
  get isQueue(): boolean {
    return this.#farHalf !== undefined;
  }

  get agent(): QueueAgent | undefined {
    return this.#agent;
  }

  /** @param channel the leg's own, with its variables. @returns the agent whom a look at the queue found bridged. */
  see(channel: EslEvent): string | undefined {
    const { [CONNECTED_AGENT]: name, [CONNECTED_AGENT_CHANNEL]: channelId = '' } = channel;
    this.#farHalf = channel.variable_other_loopback_leg_uuid;
    if (name !== undefined) this.connect({ name, channelId });
    return name;
  }

  /** Listens to the phone's channel, because its key presses carry none of our variables. */
  connect(agent: QueueAgent | undefined): void {
    if (agent === undefined) return;
    this.unlisten();
    this.#agent = agent;
    this.#link.listen(agent.channelId, { kind: 'channel', onEvent: this.#onEvent, onMissing: () => undefined });
  }

  unlisten(): void {
    if (this.#agent !== undefined) this.#link.unlisten(this.#agent.channelId);
  }

  /** A leg that ends just when the queue makes its bridge leaves both sides of that bridge behind. */
  async clear(): Promise<void> {
    if (this.#farHalf === undefined) return;
    await delay(QUEUE_CLEARS_ITSELF_MS);
    for (const id of [this.#farHalf, this.#agent?.channelId])
      if (id !== undefined) await this.#link.clearUp(() => this.#link.api('uuid_kill', id, LET_GO));
  }
}
