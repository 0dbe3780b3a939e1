/** The agent who answered a leg. A queue's agent is on a channel that is not ours: we subscribe to what that phone asks for. */
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
  /** Event source of the agent's phone, while we are subscribed to it. */
  #subscribed: string | undefined;

  constructor(link: AriLink, app: string, channelId: string) {
    this.#link = link;
    this.#app = app;
    this.#channelId = channelId;
  }

  /**
   * The agent's endpoint. We know it for a seat that we dialled; a queue leaves its member's in a variable (`setinterfacevar`).
   * @param dialled undefined: another controller dialled the leg.
   */
  async name(dialled: Dialling | undefined): Promise<string | null> {
    if (dialled !== undefined && dialled.otherChannelId === undefined) return nameOf(dialled.endpoint);
    const member = await this.#read(queueHalfId(this.#channelId), 'MEMBERINTERFACE');
    return member ?? this.#read(this.#channelId, 'CHANNEL(endpoint)');
  }

  /** Subscribes to the endpoint of a queue's agent: without it Asterisk does not tell us of that phone's requests. */
  async subscribe(endpoint: string | null): Promise<void> {
    if (endpoint === null || endpoint.includes('/')) return; // `/`: no PJSIP endpoint
    this.#subscribed = `endpoint:PJSIP/${endpoint}`;
    await this.#link.subscribeEndpoint(this.#app, this.#subscribed);
  }

  /** The leg is gone. */
  leave(): void {
    if (this.#subscribed !== undefined) void this.#link.unsubscribeEndpoint(this.#app, this.#subscribed);
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
