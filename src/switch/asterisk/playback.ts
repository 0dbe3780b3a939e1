/** A playback on a channel, known by the id we gave it. */
import type { Playback, PlaybackEnd } from '../port.ts';
import { AriError, type AriEvent } from './client.ts';
import type { AriLink } from './link.ts';

export interface PlaybackRequest {
  readonly id: string;
  readonly channelId: string;
  /** ARI media URIs, played one after another. */
  readonly media: readonly string[];
  /** Attach to one that is already under way. */
  readonly resume: boolean;
  /** What has to be done first. */
  readonly after?: Promise<unknown>;
}

/** A hang-up fails the playback first and is told a moment later: wait so long before believing in a bad prompt. */
const FAILED_AFTER_MS = 250;

export class AsteriskPlayback implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: AriLink;
  readonly #request: PlaybackRequest;
  readonly #settle: (end: PlaybackEnd) => void;
  #stopping = false;

  constructor(link: AriLink, request: PlaybackRequest) {
    this.#link = link;
    this.#request = request;
    const { promise, resolve } = Promise.withResolvers<PlaybackEnd>();
    this.#settle = resolve;
    this.ended = promise.finally(() => link.unlisten(request.id));
    link.listen('playback', request.id, (event) => this.#onEvent(event));
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#link.clearUp('playbacks.stop', { playbackId: this.#request.id });
    this.#settle('stopped');
  }

  /** The channel is gone: Asterisk tells nothing of a playback it had not begun. */
  gone(): void {
    this.#settle('stopped');
  }

  async #begin(): Promise<void> {
    const { id, channelId, media, resume, after } = this.#request;
    try {
      await after;
      if (resume) await this.#link.request('playbacks.get', { playbackId: id });
      else await this.#link.request('channels.playWithId', { channelId, playbackId: id, media: media.join(',') });
    } catch (error) {
      if (!(error instanceof AriError && error.isLate)) this.#link.log.warn({ channelId, media }, String(error));
      this.#settle(resume ? 'done' : 'failed'); // one that is no more has been heard
    }
  }

  #onEvent(event: AriEvent): void {
    if (event.type !== 'PlaybackFinished') return;
    if (this.#stopping) this.#settle('stopped');
    else if (event.playback?.state !== 'failed') this.#settle('done');
    else setTimeout(() => this.#settle('failed'), FAILED_AFTER_MS);
  }
}
