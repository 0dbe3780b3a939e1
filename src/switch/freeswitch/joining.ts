/** Which leg the caller is bridged with, or takes next: the first to answer in a prompt, after it whom the session says. */
import { setTimeout as delay } from 'node:timers/promises';
import type { EslLink } from './esl/link.ts';
import type { FreeSwitchLeg } from './leg.ts';

/** A join that waits behind a prompt takes some 70 ms from the prompt's end on; after this it is commanded. */
const JOIN_WITHIN_MS = 2_000;

export interface JoiningPlace {
  /** The caller's. */
  readonly channelId: string;
  readonly isHere: () => boolean;
  /** Has to be done before the caller's channel is bridged. */
  readonly ready: () => Promise<void>;
}

export class Joining {
  readonly #link: EslLink;
  readonly #place: JoiningPlace;
  /** The leg the caller's channel was told to take once its prompt is over. */
  #next: FreeSwitchLeg | undefined;
  #bridged = Promise.withResolvers<void>();
  /** Channel id of the leg the caller is bridged with. */
  #bridgedWith: string | undefined;

  constructor(link: EslLink, place: JoiningPlace) {
    this.#link = link;
    this.#place = place;
  }

  /** A leg waits behind the caller's prompt. */
  get isFollowed(): boolean {
    return this.#next !== undefined;
  }

  get isBridged(): boolean {
    return this.#bridgedWith !== undefined;
  }

  /** A leg has the caller, or is about to. */
  get isTaken(): boolean {
    return this.isFollowed || this.isBridged;
  }

  /** What a former controller did. @param isNext the caller's channel was told to take it by then. */
  adopt(leg: FreeSwitchLeg, isBridged: boolean, isNext: boolean): void {
    if (isBridged) this.#bridgedWith = leg.channelId;
    if (isNext) this.#next ??= leg;
  }

  /** The caller waits again, or talks with several. */
  left(): void {
    this.#next = undefined;
    this.#bridgedWith = undefined;
  }

  bridgedWith(channelId: string): void {
    this.#bridgedWith = channelId;
    this.#bridged.resolve();
    this.#bridged = Promise.withResolvers();
  }

  ended(leg: FreeSwitchLeg): void {
    if (this.#next === leg) this.#next = undefined;
    if (this.#bridgedWith === leg.channelId) this.#bridgedWith = undefined;
  }

  /**
   * Has the caller's channel take a leg in its own turn: behind a prompt, or at once. From then on no command of ours is
   * needed, nor are we.
   */
  async takeNext(leg: FreeSwitchLeg): Promise<void> {
    if (this.isTaken) return;
    this.#next = leg;
    await this.#place.ready();
    const intercept = { application: 'intercept', argument: leg.channelId };
    const isWanted = () => this.#next === leg && !this.isBridged && this.#place.isHere();
    await this.#link.clearUp(() => this.#link.execute(this.#place.channelId, intercept), isWanted);
  }

  /** @param isThere the leg lives. */
  async join(leg: FreeSwitchLeg, isThere: () => boolean): Promise<void> {
    const isBridged = () => this.#bridgedWith === leg.channelId;
    if (this.#next === leg && !isBridged()) {
      const timeUp = new AbortController();
      await Promise.race([this.#bridged.promise, leg.ended, delay(JOIN_WITHIN_MS, undefined, timeUp)]);
      timeUp.abort();
    }
    if (!isBridged()) await this.#place.ready();
    const isWanted = () => !isBridged() && isThere() && this.#place.isHere();
    const bridge = () => this.#link.api('uuid_bridge', this.#place.channelId, leg.channelId);
    await this.#link.insist(bridge, isWanted);
  }
}
