/** How a supervisor's leg hears another: by a snoop channel on that one, in the bridge of the supervisor's own. */
import type { AriLink } from '../ari/link.ts';
import { type Snoop, snoopChannelId } from '../ids.ts';
import { SnoopChannel } from '../snoop-channel.ts';
import type { AudioPlace } from './bridges.ts';

interface HeldSnoop extends Snoop {
  readonly channel: SnoopChannel;
}

export class Snoops {
  readonly #link: AriLink;
  readonly #place: AudioPlace;
  /** By the leg that hears. */
  readonly #snoops = new Map<string, HeldSnoop>();

  constructor(link: AriLink, place: AudioPlace) {
    this.#link = link;
    this.#place = place;
  }

  /** Those a former controller left. */
  adopt(snoops: readonly Snoop[]): void {
    for (const snoop of snoops) this.#hold(snoop, true);
  }

  /**
   * Gives the leg this snoop channel and no other. @param channelId the channel that is snooped on.
   * @param bridgeId the leg's own bridge.
   */
  async give(snoop: Snoop, channelId: string, bridgeId: string): Promise<void> {
    const former = this.#snoops.get(snoop.leg);
    if (former !== undefined && former.does === snoop.does && former.at === snoop.at) return;
    await this.take(snoop.leg);
    const { app, isHere } = this.#place;
    const channel = this.#hold(snoop, false);
    const whisper = snoop.does === 'whispers' ? 'out' : 'none';
    if (!(await channel.make({ channelId, spy: 'both', whisper, app, appArgs: 'snoop' }, isHere))) return;
    await this.#link.clearUp('bridges.addChannel', { bridgeId, channel: channel.id }, isHere);
  }

  /** Resolves when the leg has none any more. */
  async take(leg: string): Promise<void> {
    await this.#snoops.get(leg)?.channel.hangup();
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#snoops.keys()].map((leg) => this.take(leg)));
  }

  #hold(snoop: Snoop, isMade: boolean): SnoopChannel {
    const { app, callerId } = this.#place;
    const channel = new SnoopChannel(this.#link, snoopChannelId(app, callerId, snoop), isMade);
    const held = { ...snoop, channel };
    this.#snoops.set(snoop.leg, held);
    void channel.gone.then(() => {
      if (this.#snoops.get(snoop.leg) === held) this.#snoops.delete(snoop.leg);
    });
    return channel;
  }
}
