/**
 * What the parts of the adapter share: the connection of the moment, and who is told of which channel's or playback's
 * events. Ids are chosen and registered here before the operation that makes the thing, so no event is lost.
 */
import type { Logger } from '../../log.ts';
import {
  type AriChannel,
  type AriClient,
  AriError,
  type AriEvent,
  type AriOperation,
  type AriParams,
} from './client.ts';

export type EventHandler = (event: AriEvent) => void;

interface Listener {
  readonly kind: 'channel' | 'playback';
  readonly handle: EventHandler;
}

export class AriLink {
  readonly log: Logger;
  #client: AriClient | undefined;
  readonly #listeners = new Map<string, Listener>();

  constructor(log: Logger) {
    this.log = log;
  }

  use(client: AriClient): void {
    this.#client = client;
  }

  /** Rejects with {@link AriError}. Works on while only the event connection is away. */
  async request(operation: AriOperation, params: AriParams): Promise<unknown> {
    if (this.#client === undefined) throw new AriError(operation, 0, 'not connected');
    return this.#client.request(operation, params);
  }

  /**
   * The same for an effect that may come too late: true when done, false when the thing is gone or past it (the event
   * that says so is on its way). Rejects with {@link AriError} on everything else.
   */
  async attempt(operation: AriOperation, params: AriParams): Promise<boolean> {
    try {
      await this.request(operation, params);
      return true;
    } catch (error) {
      if (!(error instanceof AriError && error.isLate)) throw error;
      this.log.debug({ operation, status: error.status }, error.message);
      return false;
    }
  }

  /** {@link attempt} for clearing up: a failure is logged, for there is nobody who could do better. */
  async clearUp(operation: AriOperation, params: AriParams): Promise<void> {
    try {
      await this.attempt(operation, params);
    } catch (error) {
      this.log.warn({ operation, ...params }, error instanceof Error ? error.message : String(error));
    }
  }

  listen(kind: Listener['kind'], id: string, handle: EventHandler): void {
    this.#listeners.set(id, { kind, handle });
  }

  unlisten(id: string): void {
    this.#listeners.delete(id);
  }

  get held(): number {
    return this.#listeners.size;
  }

  isListened(id: string): boolean {
    return this.#listeners.has(id);
  }

  /** @returns false when nobody knows the event's channel or playback. */
  dispatch(event: AriEvent): boolean {
    const id = event.playback?.id ?? event.channel?.id;
    const listener = id === undefined ? undefined : this.#listeners.get(id);
    listener?.handle(event);
    return listener !== undefined;
  }

  /** Ids listened to now: what a look at the PBX that begins after this can speak of. */
  get listenedIds(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  /**
   * After a gap in the events: tells listeners what they may have missed.
   * @param ids who is told: those who listened before the PBX was looked at. @param living its channels by id.
   */
  async catchUp(ids: readonly string[], living: ReadonlyMap<string, AriChannel>): Promise<void> {
    for (const id of ids) {
      const listener = this.#listeners.get(id);
      if (listener === undefined) continue;
      const { kind, handle } = listener;
      const channel = living.get(id);
      if (channel !== undefined) for (const type of ['StasisStart', 'ChannelStateChange']) handle({ type, channel });
      else if (kind === 'channel') handle({ type: 'ChannelDestroyed', cause: 0 });
      else if (!(await this.attempt('playbacks.get', { playbackId: id }))) {
        handle({ type: 'PlaybackFinished', playback: { id, state: 'done' } });
      }
    }
  }
}
