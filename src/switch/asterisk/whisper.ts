/**
 * What one party is told over the talk: a snoop channel on that party's channel, to which the prompts are played. A playback
 * on the channel itself would take it out of the talk for as long as it lasts.
 */
import type { Playback, PlaybackEnd } from '../port.ts';
import type { AriLink } from './ari/link.ts';
import { AsteriskPlayback } from './playback.ts';
import { SnoopChannel } from './snoop-channel.ts';

interface WhisperRequest {
  /** Of the snoop channel, which is new. */
  readonly id: string;
  readonly app: string;
  /** Who is told. */
  readonly channelId: string;
  readonly media: readonly string[];
}

export class AsteriskWhisper implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: AriLink;
  readonly #request: WhisperRequest;
  readonly #snoop: SnoopChannel;
  readonly #stopped = Promise.withResolvers<PlaybackEnd>();
  #isUnwanted = false;

  constructor(link: AriLink, request: WhisperRequest) {
    this.#link = link;
    this.#request = request;
    this.#snoop = new SnoopChannel(link, request.id);
    void this.#snoop.gone.then(() => this.gone());
    this.ended = this.#say();
  }

  async stop(): Promise<void> {
    this.gone();
    await this.ended;
  }

  /** There is nobody any more to be told. */
  gone(): void {
    this.#isUnwanted = true;
    this.#stopped.resolve('stopped');
  }

  async #say(): Promise<PlaybackEnd> {
    const { app, channelId } = this.#request;
    try {
      const isMade = await this.#snoop.make({ channelId, spy: 'none', whisper: 'out', app, appArgs: 'says' });
      return isMade && !this.#isUnwanted ? await this.#play() : 'stopped';
    } catch (error) {
      this.#link.log.warn({ channelId }, String(error));
      return 'failed';
    } finally {
      await this.#snoop.hangup();
    }
  }

  async #play(): Promise<PlaybackEnd> {
    const { id, media } = this.#request;
    const playback = new AsteriskPlayback(this.#link, { id: `${id}-said`, channelId: id, media, adopt: false });
    const end = await Promise.race([playback.ended, this.#stopped.promise]);
    playback.gone();
    return end;
  }
}
