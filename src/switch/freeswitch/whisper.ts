/**
 * A whisper to an agent who talks. FreeSWITCH mixes it into what the channel is sent (`uuid_displace`), in a bridge as in a
 * conference. A playback would take the agent out of the talk meanwhile, and the caller would hear nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Playback, PlaybackEnd } from '../port.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { mediaBugIdOf } from './ids.ts';
import { fileString } from './playback.ts';

interface WhisperRequest {
  readonly channelId: string;
  /** Host paths of the audio on the PBX, played one after another. */
  readonly files: readonly string[];
  /** Awaited first: a channel plays the same file only once at a time. */
  readonly ready: Promise<unknown> | undefined;
}

/** Name of the function in `MEDIA_BUG_STOP`. */
const FUNCTION = 'displace';

/** FreeSWITCH takes some 10 ms. */
const STOPPED_WITHIN_MS = 300;

/** No time limit; mixed, so that the other side is heard as well. */
const HOW = ['0', 'mux'];

export class WhisperOverTalk implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: EslLink;
  readonly #request: WhisperRequest;
  readonly #settle: (end: PlaybackEnd) => void;
  readonly #begun: Promise<void>;
  readonly #address: string;
  readonly #file: string;
  #isUnwanted = false;

  constructor(link: EslLink, request: WhisperRequest) {
    this.#link = link;
    this.#request = request;
    const { promise, resolve } = Promise.withResolvers<PlaybackEnd>();
    this.#settle = resolve;
    this.#address = mediaBugIdOf(request.channelId, FUNCTION);
    this.#file = fileString(request.files);
    this.ended = promise.finally(() => {
      this.#isUnwanted = true;
      link.unlisten(this.#address);
    });
    this.#begun = this.#begin();
  }

  /** Resolves when FreeSWITCH has closed the file: a next whisper then gets no event of this one. */
  async stop(): Promise<void> {
    this.#isUnwanted = true;
    await this.#begun;
    const isAsked = await this.#link.clearUp(
      () => this.#displace('stop'),
      () => this.#link.isListened(this.#address),
    );
    if (isAsked) await Promise.race([this.ended, delay(STOPPED_WITHIN_MS, undefined, { ref: false })]);
    this.#settle('stopped');
  }

  /** The channel is gone. */
  gone(): void {
    this.#settle('stopped');
  }

  async #begin(): Promise<void> {
    const { channelId, ready } = this.#request;
    await ready;
    if (this.#isUnwanted) return this.#settle('stopped');
    this.#link.listen(this.#address, {
      kind: 'playback',
      onEvent: (event) => this.#onStop(event),
      onMissing: () => void this.#lookAgain(),
    });
    try {
      const isThere = await this.#link.attempt(() => this.#displace('start', ...HOW));
      if (!isThere) this.#settle('stopped');
    } catch (error) {
      this.#link.log.warn({ channelId, file: this.#file }, String(error));
      this.#settle('failed');
    }
  }

  /** For a channel that hangs up, this comes before the hang-up event or after it. */
  #onStop(event: EslEvent): void {
    if (event['Media-Bug-Target'] !== this.#file) return;
    const isCut = this.#isUnwanted || event['Answer-State'] === 'hangup';
    this.#settle(isCut ? 'stopped' : 'done');
  }

  #displace(what: 'start' | 'stop', ...how: readonly string[]): Promise<string> {
    return this.#link.api('uuid_displace', this.#request.channelId, what, this.#file, ...how);
  }

  /** After a gap in the events. No list of channels shows whispers. */
  async #lookAgain(): Promise<void> {
    let bugs = '';
    await this.#link.clearUp(async () => {
      bugs = await this.#link.api('uuid_buglist', this.#request.channelId);
    });
    if (!bugs.includes(`<function>${FUNCTION}</function>`)) this.#settle(this.#isUnwanted ? 'stopped' : 'done');
  }
}
