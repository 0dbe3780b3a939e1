/** A snoop channel hears another channel, or is heard by it alone, without being in its bridge. */
import type { AriLink } from './ari/link.ts';

interface SnoopedOn {
  readonly channelId: string;
  readonly spy: 'none' | 'both';
  readonly whisper: 'none' | 'out';
  readonly app: string;
  readonly appArgs: string;
}

export class SnoopChannel {
  readonly id: string;
  /** Resolves when it is no more, or another controller's. */
  readonly gone: Promise<void>;
  readonly #link: AriLink;
  readonly #entered = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  /** The PBX has it: from then on, one that is not there is gone. */
  #isMade: boolean;
  #isGone = false;

  /** @param isMade by a former controller. */
  constructor(link: AriLink, id: string, isMade = false) {
    this.id = id;
    this.gone = this.#gone.promise;
    this.#link = link;
    this.#isMade = isMade;
    link.listen(id, {
      kind: 'channel',
      onEvent: ({ type }) => {
        if (type === 'StasisStart') this.#entered.resolve();
        else if (type === 'ChannelDestroyed' || type === 'StasisEnd') this.#end();
      },
      onMissing: () => this.#isMade && this.#end(),
      onLetGo: () => this.#end(),
    });
  }

  /** Resolves when it can be commanded: false when the other channel is gone, or nobody wants it any more. */
  async make(on: SnoopedOn, isWanted?: () => boolean): Promise<boolean> {
    try {
      this.#isMade = await this.#link.insist('channels.snoopChannelWithId', { ...on, snoopId: this.id }, isWanted);
    } finally {
      if (!this.#isMade) this.#end();
    }
    if (this.#isMade) await Promise.race([this.#entered.promise, this.gone]);
    return this.#isMade;
  }

  async hangup(): Promise<void> {
    await this.#link.clearUp('channels.hangup', { channelId: this.id }, () => !this.#isGone);
    if (this.#isMade) await this.gone;
  }

  #end(): void {
    this.#isGone = true;
    this.#link.unlisten(this.id);
    this.#gone.resolve();
  }
}
