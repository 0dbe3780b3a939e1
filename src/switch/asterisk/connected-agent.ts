/** Who is behind an answered leg, and what that phone asks for where it is no channel of ours: a queue's agent's. */

import type { AriLink } from './ari/link.ts';
import type { Dialling } from './dial.ts';
import { queueHalfId } from './ids.ts';

/** An endpoint without its technology. */
const nameOf = (endpoint: string): string => endpoint.replace(/^PJSIP\//, '');

export class ConnectedAgent {
  readonly #link: AriLink;
  readonly #app: string;
  /** Of the leg. */
  readonly #channelId: string;
  /** Event source of the agent's phone, while we are told of it. */
  #subscribed: string | undefined;

  constructor(link: AriLink, app: string, channelId: string) {
    this.#link = link;
    this.#app = app;
    this.#channelId = channelId;
  }

  /**
   * The agent's endpoint: known for a seat we dialled; else a queue leaves its member's (`setinterfacevar`).
   * @param dialled undefined: by another controller.
   */
  async name(dialled: Dialling | undefined): Promise<string | null> {
    if (dialled !== undefined && dialled.otherChannelId === undefined) return nameOf(dialled.endpoint);
    const member = await this.#read(queueHalfId(this.#channelId), 'MEMBERINTERFACE');
    return member ?? this.#read(this.#channelId, 'CHANNEL(endpoint)');
  }

  /** The requests of a queue's agent are told to those who subscribe to the endpoint. */
  async hearRequests(endpoint: string | null): Promise<void> {
    if (endpoint === null || endpoint.includes('/')) return; // `/`: no PJSIP endpoint
    this.#subscribed = `endpoint:PJSIP/${endpoint}`;
    await this.#link.hearEndpoint(this.#app, this.#subscribed);
  }

  /** The leg is gone. */
  leave(): void {
    if (this.#subscribed !== undefined) void this.#link.leaveEndpoint(this.#app, this.#subscribed);
  }

  async #read(channelId: string, variable: string): Promise<string | null> {
    try {
      const answer = await this.#link.request('channels.getChannelVar', { channelId, variable });
      return nameOf((answer as { value: string }).value) || null;
    } catch (error) {
      this.#link.log.debug({ channelId, variable }, String(error));
      return null;
    }
  }
}
