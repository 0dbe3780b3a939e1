/**
 * What the parts of the adapter share: the connection of the moment, and who is told of which channel's, playback's or
 * job's events. Ids are chosen and registered here before the command that makes the thing, so no event is lost.
 */
import type { Logger } from '../../log.ts';
import {
  type ApiCommand,
  type EslClient,
  type EslCommands,
  EslError,
  type EslEvent,
  type Execution,
} from './client.ts';
import { callerIdOf } from './ids.ts';

export type EventHandler = (event: EslEvent) => void;

interface Listener {
  readonly kind: 'channel' | 'playback';
  readonly handle: EventHandler;
}

/** Whom an event is for: a playback by its own id, a job by the channel it was to make, all else by the channel. */
function addressOf(event: EslEvent): string | undefined {
  switch (event['Event-Name']) {
    case 'CHANNEL_EXECUTE_COMPLETE':
      return event['Application-UUID'];
    case 'BACKGROUND_JOB':
      return event['Job-UUID'];
    default:
      return event['Unique-ID'];
  }
}

export class EslLink {
  readonly log: Logger;
  #client: EslClient | undefined;
  readonly #listeners = new Map<string, Listener>();
  /** The connection that each caller's channel was handed over by. */
  readonly #routes = new Map<string, EslCommands>();

  constructor(log: Logger) {
    this.log = log;
  }

  use(client: EslClient | undefined): void {
    this.#client = client;
    if (client === undefined) this.#routes.clear();
  }

  /** Commands about a caller's channel and its legs go this way from now on, and the common way again when it is gone. */
  route(callerId: string, commands: EslCommands): void {
    this.#routes.set(callerId, commands);
  }

  unroute(callerId: string, commands: EslCommands): void {
    if (this.#routes.get(callerId) === commands) this.#routes.delete(callerId);
  }

  get isUp(): boolean {
    return this.#client !== undefined;
  }

  /** Rejects with {@link EslError}. */
  api(command: ApiCommand, ...args: readonly string[]): Promise<string> {
    return this.#send(args[0] ?? '', (way) => way.api(command, args));
  }

  /** Over the common connection: a caller's own would not close, nor let go of the caller, while the phone rings. */
  async originate(channelId: string, dialString: string): Promise<void> {
    return this.#common(channelId).originate(channelId, dialString);
  }

  execute(channelId: string, execution: Execution): Promise<void> {
    return this.#send(channelId, (way) => way.execute(channelId, execution));
  }

  /** FreeSWITCH closes a caller's own connection with the call, whatever was asked over it: then it is asked again. */
  async #send<T>(channelId: string, ask: (way: EslCommands) => Promise<T>): Promise<T> {
    const route = this.#routes.get(callerIdOf(channelId));
    if (route === undefined) return ask(this.#common(channelId));
    try {
      return await ask(route);
    } catch (error) {
      if (!(error instanceof EslError && error.isUnanswered)) throw error;
      return ask(this.#common(channelId));
    }
  }

  #common(about: string): EslClient {
    if (this.#client === undefined) throw new EslError(about, 'not connected');
    return this.#client;
  }

  /** For an effect that may come too late: true when done, false when the channel is gone. Rejects with {@link EslError}. */
  async attempt(effect: Promise<unknown>): Promise<boolean> {
    try {
      await effect;
      return true;
    } catch (error) {
      if (!(error instanceof EslError && error.isLate)) throw error;
      this.log.debug({}, error.message);
      return false;
    }
  }

  /** {@link attempt} for clearing up: a failure is logged, for there is nobody who could do better. */
  async clearUp(effect: Promise<unknown>): Promise<boolean> {
    try {
      return await this.attempt(effect);
    } catch (error) {
      this.log.warn({}, error instanceof Error ? error.message : String(error));
      return false;
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

  /** An event of an agent's phone in a queue goes to the leg that stands in the queue. */
  dispatch(event: EslEvent): void {
    const address = addressOf(event);
    const listener = address === undefined ? undefined : this.#listeners.get(address);
    const leg = event.variable_hotline_leg_uuid;
    if (listener !== undefined) listener.handle(event);
    else if (leg !== undefined && event['Event-Name'] !== 'CHANNEL_EXECUTE_COMPLETE')
      this.#listeners.get(leg)?.handle(event);
  }

  /** Ids listened to now: what a look at the PBX that begins after this can speak of. */
  get listenedIds(): readonly string[] {
    return [...this.#listeners.keys()];
  }

  get listenedChannels(): readonly string[] {
    return [...this.#listeners].flatMap(([id, { kind }]) => (kind === 'channel' ? [id] : []));
  }

  /**
   * After a gap in the events: tells listeners what they may have missed.
   * @param ids who is told: those who listened before the PBX was looked at.
   * @param living its channels by id, each as its last event would have shown it.
   */
  catchUp(ids: readonly string[], living: ReadonlyMap<string, EslEvent>): void {
    for (const id of ids) {
      const listener = this.#listeners.get(id);
      if (listener === undefined) continue;
      const channel = living.get(id);
      if (listener.kind === 'playback') this.#catchUpPlayback(id, listener, living);
      else if (channel === undefined) listener.handle({ 'Event-Name': 'CHANNEL_HANGUP', 'Unique-ID': id });
      else listener.handle({ ...channel, 'Event-Name': 'CAUGHT_UP' });
    }
  }

  #catchUpPlayback(id: string, { handle }: Listener, living: ReadonlyMap<string, EslEvent>): void {
    for (const channel of living.values()) if (channel.variable_hotline_playing === id) return;
    handle({ 'Event-Name': 'CHANNEL_EXECUTE_COMPLETE', 'Application-UUID': id, 'Application-Response': 'FILE PLAYED' });
  }
}
