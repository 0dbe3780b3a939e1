/** What a waiting party hears: a caller who is alone, and whoever waits while several phones ring. */
import type { AriLink } from '../ari/link.ts';

export type Sound = 'none' | 'ringing' | 'music';

const STARTS = { ringing: 'channels.ring', music: 'channels.startMoh' } as const;
const STOPS = { ringing: 'channels.ringStop', music: 'channels.stopMoh' } as const;

/**
 * Music on hold or ringing for a caller who is alone. Asterisk itself ends both when the only phone in the caller's bridge
 * answers, so neither lasts too long when there is no controller (docs/decisions/0055).
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

  /** A former controller may have begun a sound, or another sound may have ended it. */
  unknown(): void {
    this.#now = 'unknown';
  }

  /** Rejects with `AriError` when the PBX refuses; then we do not know what the caller hears. */
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
 * Ringing for a bridge in which several phones ring at once. With one phone Asterisk passes its ringing on; with more it mixes,
 * passes none on, and whoever waits would hear nothing (docs/decisions/0055). So we play one ring after another into the
 * bridge. The sound of a ring ends by itself, so that whoever answers is heard at once. Its playback does not: until it is
 * stopped it keeps a channel that ARI does not list, and can keep a queue's agent from being heard.
 */
export class Ringback {
  readonly #link: AriLink;
  readonly #bridgeId: string;
  readonly #playbackIds: readonly [string, string];
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** Resolves when a former controller's rings, which have the same ids, are stopped. */
  #clear: Promise<void> = Promise.resolve();

  /** @param playbackIds used in turn, because an id is free again only a moment after its playback's end. */
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

  /** Rings no more; a ring that was begun ends by itself. */
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
