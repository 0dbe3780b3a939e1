/**
 * The outbound session of a caller's channel: the connections by which the dialplan's `socket` application keeps the channel
 * with us, while no leg has it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { OutboundSocket } from './client.ts';
import type { EslLink } from './link.ts';

/**
 * The dialplan sets it, so that a caller whom we refuse goes on in the dialplan. Once we have accepted the caller it does
 * harm: the end of our connection would then tear a talk apart, and cut a prompt.
 */
const RESUME_VARIABLE = 'socket_resume';

/** A channel that was brought to us is parked by then; we may not have listened yet when the event said so. */
const PARKED_WITHIN_MS = 500;

export class OutboundSession {
  /** Our own address, as FreeSWITCH knows it. */
  controller: string;
  readonly #link: EslLink;
  readonly #channelId: string;
  /** Each with the removal of {@link RESUME_VARIABLE}, once that is asked for. */
  readonly #sockets = new Map<OutboundSocket, Promise<unknown> | undefined>();

  constructor(link: EslLink, channelId: string, controller: string) {
    this.#link = link;
    this.#channelId = channelId;
    this.controller = controller;
  }

  get isHeld(): boolean {
    return this.#sockets.size > 0;
  }

  /** The dialplan has brought the channel. */
  take(socket: OutboundSocket): void {
    this.#sockets.set(socket, undefined);
    this.controller = socket.controller;
    this.#link.route(this.#channelId, socket.commands);
    void delay(PARKED_WITHIN_MS, undefined, { ref: false }).then(() => this.keep());
    void socket.closed.then(() => {
      this.#sockets.delete(socket);
      this.#link.unroute(this.#channelId, socket.commands);
    });
  }

  /**
   * To be called when the channel is parked, or a leg is about to take it: from now on the end of our connection harms no
   * prompt and no talk. Asked over that connection alone: FreeSWITCH looks at the variable after the connection's end, and
   * nobody may change it in between.
   */
  async keep(): Promise<void> {
    await Promise.all(Array.from(this.#sockets, ([socket, keeping]) => keeping ?? this.#keep(socket)));
  }

  continueInDialplan(): void {
    for (const socket of this.#sockets.keys()) {
      this.#link.unroute(this.#channelId, socket.commands);
      socket.continueInDialplan();
    }
  }

  #keep(socket: OutboundSocket): Promise<unknown> {
    const keeping = socket.commands.api('uuid_setvar', [this.#channelId, RESUME_VARIABLE]).catch((error) => {
      this.#link.log.debug({}, String(error)); // the channel or the connection is gone, and that is told elsewhere
    });
    this.#sockets.set(socket, keeping);
    return keeping;
  }
}
