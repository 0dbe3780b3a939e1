/** A playback on a channel, known by the id we gave it. */
import { type MediaRequest, PbxPlayback } from '../kit/media.ts';
import { AriError, type AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';

export interface PlaybackRequest extends MediaRequest {
  readonly id: string;
  readonly channelId: string;
  /** ARI media URIs, played one after another. */
  readonly media: readonly string[];
  /** What has to be done first. */
  readonly after?: Promise<unknown>;
}

/** A hang-up makes the playback fail first, and its own event comes a moment later: wait this long before blaming the prompt. */
const FAILED_AFTER_MS = 250;

export class AsteriskPlayback extends PbxPlayback<AriEvent, AriLink, PlaybackRequest> {
  constructor(link: AriLink, request: PlaybackRequest) {
    super(link, request, { id: request.id, kind: 'playback' });
    const { channelId, media } = request;
    void this.beginBy(() => this.#begin(), { channelId, media });
  }

  async stop(): Promise<void> {
    this.isUnwanted = true;
    await this.link.clearUp('playbacks.stop', { playbackId: this.request.id });
    this.settle('stopped');
  }

  async #begin(): Promise<boolean> {
    await this.request.after;
    return this.request.adopt ? this.#isThere() : this.#play();
  }

  #isThere(): Promise<boolean> {
    return this.link.insist('playbacks.get', { playbackId: this.request.id });
  }

  /** After a lost answer we look first whether it plays; a mere repetition could play the prompt twice. */
  async #play(): Promise<boolean> {
    const { id, channelId, media } = this.request;
    const playing = { channelId, playbackId: id, media: media.join(',') };
    try {
      return await this.link.attempt('channels.playWithId', playing);
    } catch (error) {
      if (!(error instanceof AriError && error.isUnanswered)) throw error;
      this.link.log.warn({ channelId, media }, `${error.message}; looking whether it plays`);
      if (await this.#isThere()) return true;
      return this.link.insist('channels.playWithId', playing, () => !this.isUnwanted);
    }
  }

  protected onEvent(event: AriEvent): void {
    if (event.type !== 'PlaybackFinished') return;
    if (this.isUnwanted) this.settle('stopped');
    else if (event.playback?.state !== 'failed') this.settle('done');
    else setTimeout(() => this.settle('failed'), FAILED_AFTER_MS);
  }
}
