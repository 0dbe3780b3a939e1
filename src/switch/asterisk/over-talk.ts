/**
 * Says prompts to one channel over whatever it hears: a snoop channel at it, to which they are played. A playback on the
 * channel itself would take it out of the talk for as long as it lasts.
 */
import type { Playback, PlaybackEnd } from '../port.ts';
import type { AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import { AsteriskPlayback } from './playback.ts';

export interface OverTalkRequest {
  /** Of the snoop channel, which is new. */
  readonly id: string;
  readonly app: string;
  /** Who is told. */
  readonly channelId: string;
  readonly media: readonly string[];
}

export class OverTalk implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: AriLink;
  readonly #request: OverTalkRequest;
  readonly #entered = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<PlaybackEnd>();
  #isMade = false;

  constructor(link: AriLink, request: OverTalkRequest) {
    this.#link = link;
    this.#request = request;
    link.listen(request.id, {
      kind: 'channel',
      onEvent: (event) => this.#onEvent(event),
      onMissing: () => this.#isMade && this.gone(),
      onLetGo: () => this.gone(),
    });
    this.ended = this.#say().finally(() => link.unlisten(request.id));
  }

  async stop(): Promise<void> {
    this.gone();
    await this.ended;
  }

  /** There is nobody any more to be told. */
  gone(): void {
    this.#gone.resolve('stopped');
  }

  async #say(): Promise<PlaybackEnd> {
    const { id, channelId } = this.#request;
    try {
      if (!(await this.#enter())) return 'stopped';
      return await this.#play();
    } catch (error) {
      this.#link.log.warn({ channelId }, String(error));
      return 'failed';
    } finally {
      if (this.#isMade) await this.#link.clearUp('channels.hangup', { channelId: id });
    }
  }

  /** False when the one to be told is gone. */
  async #enter(): Promise<boolean> {
    const { id, app, channelId } = this.#request;
    const snooping = { channelId, snoopId: id, spy: 'none', whisper: 'out', app, appArgs: 'says' };
    this.#isMade = await this.#link.insist('channels.snoopChannelWithId', snooping);
    if (!this.#isMade) return false;
    return (await Promise.race([this.#entered.promise, this.#gone.promise])) !== 'stopped';
  }

  async #play(): Promise<PlaybackEnd> {
    const { id, media } = this.#request;
    const playback = new AsteriskPlayback(this.#link, { id: `${id}-said`, channelId: id, media, adopt: false });
    const end = await Promise.race([playback.ended, this.#gone.promise]);
    playback.gone();
    return end;
  }

  #onEvent({ type }: AriEvent): void {
    if (type === 'StasisStart') this.#entered.resolve();
    else if (type === 'ChannelDestroyed' || type === 'StasisEnd') this.gone();
  }
}
