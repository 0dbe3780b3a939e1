/**
 * What the parts of the adapter share: the present connection, and who listens to which channel, playback or recording. We
 * choose ids and register them here before the operation that makes the thing, so no event is lost.
 */
import { PbxLink, type PbxListener } from '../../kit/link.ts';
import { legOfQueueHalf } from '../ids.ts';
import {
  type AriChannel,
  type AriClient,
  AriError,
  type AriEvent,
  type AriOperation,
  type AriParams,
  type ReferredBy,
} from './client.ts';

type Listener = PbxListener<AriEvent>;

/** How the PBX is asked whether it has a thing that no list of channels shows. */
const looksFor: Readonly<
  Record<Exclude<Listener['kind'], 'channel'>, (id: string) => readonly [AriOperation, AriParams]>
> = {
  playback: (playbackId: string) => ['playbacks.get', { playbackId }],
  recording: (recordingName: string) => ['recordings.getLive', { recordingName }],
};

export class AriLink extends PbxLink<AriEvent, Listener> {
  #client: AriClient | undefined;
  /** By event source, how many legs want the events of an endpoint. */
  readonly #subscribers = new Map<string, number>();

  use(client: AriClient): void {
    this.#client = client;
  }

  /** Rejects with {@link AriError}. Works on while only the event connection is away. */
  async request(operation: AriOperation, params: AriParams): Promise<unknown> {
    if (this.#client === undefined || this.isLetGo) throw new AriError(operation, 0, 'not connected');
    return this.#client.request(operation, params);
  }

  /**
   * The same for an effect that may come too late: true when done, false when the thing is gone or past it (the event
   * that says so is on its way). Rejects with {@link AriError} on everything else.
   */
  async attempt(operation: AriOperation, params: AriParams): Promise<boolean> {
    return this.attemptEffect(() => this.request(operation, params), { operation });
  }

  /**
   * {@link attempt} for an effect that a caller would miss: repeated while the PBX does not answer, until nobody wants it
   * any more (then false). Only for effects that do no harm when done twice.
   */
  async insist(operation: AriOperation, params: AriParams, isWanted?: () => boolean): Promise<boolean> {
    return this.insistOn(() => this.request(operation, params), { isWanted, about: { operation, ...params } });
  }

  /** {@link insist} for clearing up: a refusal is only logged, because nobody could do better. */
  async clearUp(operation: AriOperation, params: AriParams, isWanted?: () => boolean): Promise<void> {
    await this.clearUpBy(() => this.request(operation, params), { isWanted, about: { operation, ...params } });
  }

  /** Subscribes the application to an endpoint, until as many have unsubscribed as subscribed. */
  async subscribeEndpoint(applicationName: string, eventSource: string): Promise<void> {
    const subscribers = this.#subscribers.get(eventSource) ?? 0;
    this.#subscribers.set(eventSource, subscribers + 1);
    if (subscribers === 0) await this.clearUp('applications.subscribe', { applicationName, eventSource });
  }

  async unsubscribeEndpoint(applicationName: string, eventSource: string): Promise<void> {
    const subscribers = (this.#subscribers.get(eventSource) ?? 1) - 1;
    this.#subscribers.set(eventSource, subscribers);
    if (subscribers > 0) return;
    this.#subscribers.delete(eventSource);
    await this.clearUp('applications.unsubscribe', { applicationName, eventSource });
  }

  /** @returns false when nobody knows the event's channel or playback. */
  dispatch(event: AriEvent): boolean {
    const { playback, recording, channel, referred_by } = event;
    const id = playback?.id ?? recording?.name ?? channel?.id ?? this.#whoAsks(referred_by);
    const listener = id === undefined ? undefined : this.listeners.get(id);
    listener?.onEvent(event);
    return listener !== undefined;
  }

  /** The leg whose phone asks by REFER: the phone's channel itself, or that of a queue's agent on the far side of the queue. */
  #whoAsks(by: ReferredBy | undefined): string | undefined {
    if (by === undefined || this.listeners.has(by.source_channel.id)) return by?.source_channel.id;
    return by.connected_channel && legOfQueueHalf(by.connected_channel.id);
  }

  /** Ids listened to now: what a look at the PBX that begins after this can speak of. */
  get listenedIds(): readonly string[] {
    return [...this.listeners.keys()];
  }

  /**
   * After a gap in the events: tells listeners what they may have missed.
   * @param ids who is told: those who listened before the PBX was looked at. @param living its channels by id.
   * @param restarted the PBX began a new life meanwhile.
   */
  async catchUp(ids: readonly string[], living: ReadonlyMap<string, AriChannel>, restarted: boolean): Promise<void> {
    for (const id of ids) {
      const listener = this.listeners.get(id);
      if (listener === undefined) continue;
      const channel = living.get(id);
      if (channel !== undefined) {
        for (const type of ['StasisStart', 'ChannelStateChange']) listener.onEvent({ type, channel });
      } else if (listener.kind === 'channel' || !(await this.attempt(...looksFor[listener.kind](id)))) {
        listener.onMissing(restarted);
      }
    }
  }
}
