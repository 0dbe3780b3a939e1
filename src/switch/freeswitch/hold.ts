/** The connections by which the dialplan's `socket` keeps the caller's channel with us, while no leg has it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HandedChannel } from './client.ts';
import type { EslLink } from './link.ts';
import type { CallerNotes } from './notes.ts';

/**
 * The dialplan sets it, so that a caller whom we refuse goes on. Once we have the caller it would do harm: a talk would be
 * torn apart, and a prompt be cut, by the end of our connection.
 */
const RESUME_VARIABLE = 'socket_resume';

/** A channel that was handed over is parked by then. */
const KEPT_AFTER_MS = 500;

export interface HoldPlace {
  readonly channelId: string;
  readonly notes: CallerNotes;
  /** A connection has ended, whoever ended it. */
  readonly onClosed: () => void;
}

export class Hold {
  /** Our own address, as FreeSWITCH knows it. */
  controller: string;
  readonly #link: EslLink;
  readonly #place: HoldPlace;
  readonly #handed = new Set<HandedChannel>();

  constructor(link: EslLink, place: HoldPlace, controller: string) {
    this.#link = link;
    this.#place = place;
    this.controller = controller;
  }

  /** The dialplan has brought the channel. */
  take(handed: HandedChannel): void {
    this.#handed.add(handed);
    this.controller = handed.controller;
    this.#link.route(this.#place.channelId, handed.commands);
    void delay(KEPT_AFTER_MS, undefined, { ref: false }).then(() => this.keep());
    void handed.closed.then(() => this.#onClosed(handed));
  }

  /** From now on a leg may take the caller, and our end costs no talk. */
  async keep(): Promise<void> {
    if (this.#handed.size > 0) await this.#place.notes.set(RESUME_VARIABLE);
  }

  letGo(): void {
    for (const handed of this.#handed) {
      this.#link.unroute(this.#place.channelId, handed.commands);
      handed.letGo();
    }
  }

  #onClosed(handed: HandedChannel): void {
    this.#handed.delete(handed);
    this.#link.unroute(this.#place.channelId, handed.commands);
    this.#place.onClosed();
  }
}
