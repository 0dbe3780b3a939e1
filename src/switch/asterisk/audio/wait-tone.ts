/** What somebody hears who waits: a caller who is alone, and whoever waits while several phones ring. */
import type { AriLink } from '../ari/link.ts';

export type Sound = 'none' | 'ringing' | 'music';

const STARTS = { ringing: 'channels.ring', music: 'channels.startMoh' } as const;
const STOPS = { ringing: 'channels.ringStop', music: 'channels.stopMoh' } as const;

/**
 * What a caller hears who is alone. Music on hold and ringing are both ended by Asterisk itself when a phone answers that
 * is the only one in the caller's bridge, so neither outlives its time when nobody is in control (see `docs/decisions/`).
 */
export class CallerSound {
  readonly #link: AriLink;
  readonly #channelId: string;
  readonly #isWanted: () => boolean;
  #now: Sound | 'unknown' = 'none';

  constructor(link: AriLink, channelId: string, isWanted: () => boolean) {
    this.#link = link;
    this.#channelId = channelId;
    this.#isWanted = isWanted;
  }

  /** A former controller may have begun one, or another sound has put an end to it. */
  unknown(): void {
    this.#now = 'unknown';
  }

  /** Rejects with `AriError` when the PBX refuses; what is heard then is not known. */
  async become(sound: Sound): Promise<void> {
    const former = this.#now;
    if (former === sound) return;
    this.#now = sound;
    try {
      if (sound !== 'none') await this.#do(STARTS[sound]);
      else await this.#do(former === 'ringing' ? STOPS.ringing : STOPS.music); // either ends the other too
    } catch (error) {
      this.unknown();
      throw error;
    }
  }

  async #do(
    operation: 'channels.ring' | 'channels.startMoh' | 'channels.ringStop' | 'channels.stopMoh',
  ): Promise<void> {
    await this.#link.insist(operation, { channelId: this.#channelId }, this.#isWanted);
  }
}

/** China's ringing tone: 450 Hz, one second of every five. `!`: once. */
const ONE_RING = 'tone:!450/1000';
const EVERY_MS = 5_000;

/**
 * Ringing for a bridge in which several phones ring at once. With one phone Asterisk lets the other side hear that it
 * rings; with more it mixes, passes no ringing on, and whoever waits would hear nothing (see `docs/decisions/`). So one
 * ring after another is played into the bridge. Its sound ends by itself, so that who answers is heard at once; its playback
 * does not end before it is stopped, keeps a channel that ARI does not list, and can keep a queue's agent from being heard.
 */
export class Ringback {
  readonly #link: AriLink;
  readonly #bridgeId: string;
  readonly #playbackIds: readonly [string, string];
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** Before it the ids may be those of a former controller's rings. */
  #clear: Promise<void> = Promise.resolve();

  /** @param playbackIds two, in turn: a playback's id is free again only a moment after its end. */
  constructor(link: AriLink, bridgeId: string, playbackIds: readonly [string, string]) {
    this.#link = link;
    this.#bridgeId = bridgeId;
    this.#playbackIds = playbackIds;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#ring(), EVERY_MS);
    void this.#ring();
  }

  /** Resolves when nothing of it is in the bridge. */
  async stop(): Promise<void> {
    if (this.#timer === undefined) return;
    this.letGo();
    await this.#clearAway();
  }

  /** Rings no more; what was begun ends by itself. */
  letGo(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A former controller may have left a ring in the bridge. */
  adopt(): void {
    this.#clear = this.#clearAway();
  }

  async #clearAway(): Promise<void> {
    const stopping = this.#playbackIds.map((playbackId) => this.#link.clearUp('playbacks.stop', { playbackId }));
    await Promise.all(stopping);
  }

  async #ring(): Promise<void> {
    this.#turn = 1 - this.#turn;
    const [playbackId, former] = this.#turn === 0 ? this.#playbackIds : this.#playbackIds.toReversed();
    await this.#clear;
    await this.#link.clearUp('playbacks.stop', { playbackId: former });
    if (this.#timer === undefined) return;
    await this.#link.clearUp('bridges.playWithId', { bridgeId: this.#bridgeId, playbackId, media: ONE_RING });
    if (this.#timer === undefined) await this.#clearAway();
  }
}
