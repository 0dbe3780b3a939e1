/**
 * What an agent is told over the talk. FreeSWITCH mixes it into what the channel is sent (`uuid_displace`), in whatever bridge or
 * conference the channel is; a playback would take the agent out of the talk meanwhile, and the caller would hear nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Playback, PlaybackEnd } from '../port.ts';
import type { EslEvent } from './esl/client.ts';
import type { EslLink } from './esl/link.ts';
import { mediaBugIdOf } from './ids.ts';
import { fileString } from './playback.ts';

interface TellingRequest {
  readonly channelId: string;
  /** Host paths of the audio on the PBX, played one after another. */
  readonly files: readonly string[];
  /** What has to be done first: a channel takes a file once at a time. */
  readonly ready: Promise<unknown> | undefined;
}

/** As `MEDIA_BUG_STOP` names it. */
const FUNCTION = 'displace';

/** FreeSWITCH takes some 10 ms. */
const STOPPED_WITHIN_MS = 300;

/** Without a limit in time; mixed, so that the other side is heard as well. */
const HOW = ['0', 'mux'];

export class FreeSwitchTelling implements Playback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #link: EslLink;
  readonly #request: TellingRequest;
  readonly #settle: (end: PlaybackEnd) => void;
  readonly #begun: Promise<void>;
  readonly #address: string;
  readonly #file: string;
  #isUnwanted = false;

  constructor(link: EslLink, request: TellingRequest) {
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

  /** Resolves when FreeSWITCH has let go of the file: the next one begins after it, and its end is the next one's own. */
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

  /** The channel is gone, and what it was told with it. */
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

  /** Of a channel that hangs up it is told before the hang-up or after. */
  #onStop(event: EslEvent): void {
    if (event['Media-Bug-Target'] !== this.#file) return;
    const isCut = this.#isUnwanted || event['Answer-State'] === 'hangup';
    this.#settle(isCut ? 'stopped' : 'done');
  }

  #displace(what: 'start' | 'stop', ...how: readonly string[]): Promise<string> {
    return this.#link.api('uuid_displace', this.#request.channelId, what, this.#file, ...how);
  }

  /** No list of channels shows it. */
  async #lookAgain(): Promise<void> {
    let bugs = '';
    await this.#link.clearUp(async () => {
      bugs = await this.#link.api('uuid_buglist', this.#request.channelId);
    });
    if (!bugs.includes(`<function>${FUNCTION}</function>`)) this.#settle(this.#isUnwanted ? 'stopped' : 'done');
  }
}
