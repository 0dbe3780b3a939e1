/** The connections by which the dialplan's `socket` keeps the caller's channel with us, while no leg has it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HandedChannel } from './client.ts';
import type { EslLink } from './link.ts';

/**
 * The dialplan sets it, so that a caller whom we refuse goes on. Once we have the caller it would do harm: a talk would be
 * torn apart, and a prompt be cut, by the end of our connection.
 */
const RESUME_VARIABLE = 'socket_resume';

/** A channel that was handed over is parked by then, though the event that says so was not for us yet. */
const PARKED_WITHIN_MS = 500;

export interface HoldPlace {
  readonly channelId: string;
  /** A connection has ended, whoever ended it. */
  readonly onClosed: () => void;
}

export class Hold {
  /** Our own address, as FreeSWITCH knows it. */
  controller: string;
  readonly #link: EslLink;
  readonly #place: HoldPlace;
  /** Each with the taking away of {@link RESUME_VARIABLE}, once that is asked for. */
  readonly #handed = new Map<HandedChannel, Promise<unknown> | undefined>();

  constructor(link: EslLink, place: HoldPlace, controller: string) {
    this.#link = link;
    this.#place = place;
    this.controller = controller;
  }

  get isHeld(): boolean {
    return this.#handed.size > 0;
  }

  /** The dialplan has brought the channel. */
  take(handed: HandedChannel): void {
    this.#handed.set(handed, undefined);
    this.controller = handed.controller;
    this.#link.route(this.#place.channelId, handed.commands);
    void delay(PARKED_WITHIN_MS, undefined, { ref: false }).then(() => this.keep());
    void handed.closed.then(() => this.#onClosed(handed));
  }

  /**
   * The channel is parked, or a leg is about to take it: from now on the end of our connection costs no prompt and no
   * talk. Asked over that connection alone: between its end and FreeSWITCH's look at the variable, nobody may touch it.
   */
  async keep(): Promise<void> {
    await Promise.all(Array.from(this.#handed, ([handed, keeping]) => keeping ?? this.#keep(handed)));
  }

  letGo(): void {
    for (const handed of this.#handed.keys()) {
      this.#link.unroute(this.#place.channelId, handed.commands);
      handed.letGo();
    }
  }

  #keep(handed: HandedChannel): Promise<unknown> {
    const keeping = handed.commands.api('uuid_setvar', [this.#place.channelId, RESUME_VARIABLE]).catch((error) => {
      this.#link.log.debug({}, String(error)); // the channel or the connection is gone, and that is told elsewhere
    });
    this.#handed.set(handed, keeping);
    return keeping;
  }

  #onClosed(handed: HandedChannel): void {
    this.#handed.delete(handed);
    this.#link.unroute(this.#place.channelId, handed.commands);
    this.#place.onClosed();
  }
}
