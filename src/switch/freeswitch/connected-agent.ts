/** What stands behind a queue's leg: the half of it that waits in the queue, and the agent whom that is bridged with. */
import { setTimeout as delay } from 'node:timers/promises';
import { LET_GO } from './causes.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import type { QueueAgent } from './esl/queue-engine.ts';

/** Where a look at a queue's leg notes who is behind it by now. */
export const AGENT_BEHIND = 'hotline_agent_behind';
export const AGENT_CHANNEL = 'hotline_agent_channel';

const QUEUE_CLEARS_ITSELF_MS = 300;

export class Behind {
  readonly #link: EslLink;
  readonly #onEvent: (event: EslEvent) => void;
  #farHalf: string | undefined;
  #agent: QueueAgent | undefined;

  /** @param onEvent is told of the events of the agent's phone. */
  constructor(link: EslLink, onEvent: (event: EslEvent) => void) {
    this.#link = link;
    this.#onEvent = onEvent;
  }

  /** The leg stands in a queue. */
  get isQueue(): boolean {
    return this.#farHalf !== undefined;
  }

  get agent(): QueueAgent | undefined {
    return this.#agent;
  }

  /** @param channel the leg's own, with its variables. @returns the agent whom a look at the queue found bridged. */
  see(channel: EslEvent): string | undefined {
    const { [AGENT_BEHIND]: name, [AGENT_CHANNEL]: channelId = '' } = channel;
    this.#farHalf = channel.variable_other_loopback_leg_uuid;
    if (name !== undefined) this.come({ name, channelId });
    return name;
  }

  /** Its keys have no name of ours on them: they are listened to by its channel. */
  come(agent: QueueAgent | undefined): void {
    if (agent === undefined) return;
    this.unlisten();
    this.#agent = agent;
    this.#link.listen(agent.channelId, { kind: 'channel', onEvent: this.#onEvent, onMissing: () => undefined });
  }

  unlisten(): void {
    if (this.#agent !== undefined) this.#link.unlisten(this.#agent.channelId);
  }

  /** A leg that ends in the very moment of the queue's own bridge leaves both of its sides behind. */
  async clear(): Promise<void> {
    if (this.#farHalf === undefined) return;
    await delay(QUEUE_CLEARS_ITSELF_MS);
    for (const id of [this.#farHalf, this.#agent?.channelId])
      if (id !== undefined) await this.#link.clearUp(() => this.#link.api('uuid_kill', id, LET_GO));
  }
}
