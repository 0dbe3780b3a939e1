/** How a supervisor's leg hears another: a snoop channel at that one, in the bridge of the supervisor's own. */
import type { AriEvent } from './ari/client.ts';
import type { AriLink } from './ari/link.ts';
import { type Ear, earChannelId } from './ids.ts';

export interface EarsPlace {
  readonly app: string;
  readonly callerId: string;
  readonly isWanted: () => boolean;
}

interface HeldEar extends Ear {
  readonly channelId: string;
  readonly entered: PromiseWithResolvers<void>;
  readonly gone: PromiseWithResolvers<void>;
  /** The PBX has it: from then on, one that is not there is gone. */
  isMade: boolean;
}

export class Ears {
  readonly #link: AriLink;
  readonly #place: EarsPlace;
  /** By the leg that hears. */
  readonly #ears = new Map<string, HeldEar>();

  constructor(link: AriLink, place: EarsPlace) {
    this.#link = link;
    this.#place = place;
  }

  /** Those a former controller left. */
  adopt(ears: readonly Ear[]): void {
    for (const ear of ears) this.#hold(ear).isMade = true;
  }

  /** Gives the leg this ear and no other. @param channelId the channel it is at. @param bridgeId the leg's own bridge. */
  async give(ear: Ear, channelId: string, bridgeId: string): Promise<void> {
    const former = this.#ears.get(ear.leg);
    if (former !== undefined && former.does === ear.does && former.at === ear.at) return;
    await this.take(ear.leg);
    const held = this.#hold(ear);
    const { app, isWanted } = this.#place;
    const whisper = ear.does === 'whispers' ? 'out' : 'none';
    const snooping = { channelId, snoopId: held.channelId, spy: 'both', whisper, app, appArgs: 'ear' };
    try {
      held.isMade = await this.#link.insist('channels.snoopChannelWithId', snooping, isWanted);
    } catch (error) {
      this.#drop(held);
      throw error;
    }
    if (!held.isMade) return this.#drop(held);
    await Promise.race([held.entered.promise, held.gone.promise]);
    await this.#link.clearUp('bridges.addChannel', { bridgeId, channel: held.channelId }, isWanted);
  }

  /** Resolves when the leg has none any more. */
  async take(leg: string): Promise<void> {
    const held = this.#ears.get(leg);
    if (held === undefined) return;
    await this.#link.clearUp('channels.hangup', { channelId: held.channelId }, () => this.#ears.get(leg) === held);
    if (held.isMade) await held.gone.promise;
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#ears.keys()].map((leg) => this.take(leg)));
  }

  #hold(ear: Ear): HeldEar {
    const channelId = earChannelId(this.#place.app, this.#place.callerId, ear);
    const [entered, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held: HeldEar = { ...ear, channelId, entered, gone, isMade: false };
    this.#ears.set(ear.leg, held);
    this.#link.listen(channelId, {
      kind: 'channel',
      onEvent: ({ type }: AriEvent) => {
        if (type === 'StasisStart') held.entered.resolve();
        else if (type === 'ChannelDestroyed' || type === 'StasisEnd') this.#drop(held);
      },
      onMissing: () => held.isMade && this.#drop(held),
      onLetGo: () => held.gone.resolve(),
    });
    return held;
  }

  #drop(held: HeldEar): void {
    this.#link.unlisten(held.channelId);
    if (this.#ears.get(held.leg) === held) this.#ears.delete(held.leg);
    held.gone.resolve();
  }
}
