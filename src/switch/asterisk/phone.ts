/** A call that an agent's phone places, until a call takes it in or it is refused. */
import type { PhoneCall } from '../port.ts';
import type { AriChannel, AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import { AsteriskPlayback } from './playback.ts';

/** As dialplan/asterisk/hotline.conf hands it over: the application, `phone`, and the endpoint. */
export const PHONE_ARGUMENT = 'phone';

/** Q.850: call rejected. */
const REJECTED = 21;

const ENDS = new Set(['ChannelHangupRequest', 'StasisEnd', 'ChannelDestroyed']);

export const argumentsOf = (channel: AriChannel): readonly string[] =>
  channel.dialplan.app_data?.split(',').slice(1) ?? [];

export class AsteriskPhoneCall implements PhoneCall {
  readonly endpoint: string;
  readonly dialled: string;
  readonly channelId: string;
  readonly #link: AriLink;
  readonly #mediaOf: (prompts: readonly string[]) => readonly string[];
  readonly #gone = new AbortController();
  readonly #ended = Promise.withResolvers<void>();

  constructor(link: AriLink, channel: AriChannel, mediaOf: (prompts: readonly string[]) => readonly string[]) {
    this.channelId = channel.id;
    this.endpoint = argumentsOf(channel)[1] ?? '';
    this.dialled = channel.dialplan.exten;
    this.#link = link;
    this.#mediaOf = mediaOf;
    link.listen(channel.id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onMissing: () => this.ended(),
      onLetGo: () => this.ended(),
    });
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  async refuse(prompts: readonly string[]): Promise<void> {
    const { channelId } = this;
    const isHere = (): boolean => !this.signal.aborted;
    if (prompts.length > 0 && (await this.#link.insist('channels.answer', { channelId }, isHere))) {
      const saying = { id: `${channelId}-refused`, channelId, media: this.#mediaOf(prompts), adopt: false };
      const playback = new AsteriskPlayback(this.#link, saying);
      await Promise.race([playback.ended, this.#ended.promise]);
      playback.gone();
    }
    await this.#link.clearUp('channels.hangup', { channelId, reason_code: String(REJECTED) }, isHere);
    await this.#ended.promise;
  }

  /** The phone has hung up, or is no longer ours. */
  ended(): void {
    if (this.signal.aborted) return;
    this.#link.unlisten(this.channelId);
    this.#gone.abort();
    this.#ended.resolve();
  }

  #onEvent(event: AriEvent): void {
    if (ENDS.has(event.type)) this.ended();
  }
}
