/** A playback on a channel, known by the id we gave it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Playback, PlaybackEnd } from '../port.ts';
import { EslError, type EslEvent } from './client.ts';
import type { EslLink } from './link.ts';

/** The playback a channel is in the middle of, for whoever takes the call over. */
export const PLAYING_VARIABLE = 'hotline_playing';

export interface PlaybackRequest {
  readonly id: string;
  readonly channelId: string;
  /** Host paths of the audio on the PBX, played one after another. */
  readonly files: readonly string[];
  /** Attach to one that is already under way. */
  readonly resume: boolean;
  /** Keeps everybody else out of this channel's ear until the end. */
  readonly locked: boolean;
  /** What has to be done first. */
  readonly ready?: Promise<unknown> | undefined;
}

/** A break is lost on a channel that has not begun to play: it is said again until the end is told. */
const BREAKS = 10;
const BREAK_AGAIN_MS = 50;

export class FreeSwitchPlayback implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: EslLink;
  readonly #request: PlaybackRequest;
  readonly #settle: (end: PlaybackEnd) => void;
  readonly #over = Promise.withResolvers<void>();
  #stopping = false;

  constructor(link: EslLink, request: PlaybackRequest) {
    this.#link = link;
    this.#request = request;
    const { promise, resolve } = Promise.withResolvers<PlaybackEnd>();
    this.#settle = resolve;
    this.ended = promise.finally(() => {
      link.unlisten(request.id);
      this.#over.resolve();
    });
    link.listen('playback', request.id, (event) => this.#onEvent(event));
    void this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (let tries = 0; tries < BREAKS; tries += 1) {
      const isThere = await this.#link.clearUp(this.#link.api('uuid_break', this.#request.channelId));
      if (!isThere) break;
      const isOver = this.#over.promise.then(() => true);
      if (await Promise.race([isOver, delay(BREAK_AGAIN_MS, false)])) break;
    }
    this.#settle('stopped');
  }

  /** The channel is gone, and what it played with it. */
  gone(): void {
    this.#settle('stopped');
  }

  async #begin(): Promise<void> {
    const { channelId, files, resume } = this.#request;
    try {
      await (resume ? this.#attach() : this.#play());
    } catch (error) {
      if (!(error instanceof EslError && error.isLate)) this.#link.log.warn({ channelId, files }, String(error));
      this.#settle(resume ? 'done' : 'failed');
    }
  }

  /** One that is no more has been heard. */
  async #attach(): Promise<void> {
    const { id, channelId } = this.#request;
    const channel = JSON.parse(await this.#link.api('uuid_dump', channelId, 'json')) as EslEvent;
    if (channel[`variable_${PLAYING_VARIABLE}`] !== id) this.#settle('done');
  }

  /** The channel itself notes what it plays, and forgets it right after, whoever lives to see it. */
  async #play(): Promise<void> {
    const { id, channelId, files, locked, ready } = this.#request;
    await ready;
    const [only = '', ...more] = files;
    const argument = more.length === 0 ? only : `file_string://${files.join('!')}`;
    await this.#link.api('uuid_setvar', channelId, PLAYING_VARIABLE, id);
    await this.#link.execute(channelId, { application: 'playback', argument, id, locked });
    await this.#link.execute(channelId, { application: 'set', argument: `${PLAYING_VARIABLE}=` });
  }

  #onEvent(event: EslEvent): void {
    const response = event['Application-Response'];
    if (this.#stopping) this.#settle('stopped');
    else this.#settle(response === 'FILE PLAYED' ? 'done' : 'failed');
  }
}
