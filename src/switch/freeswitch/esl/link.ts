/**
 * What the parts of the adapter share: the present connection, and who listens to which channel's, playback's or job's
 * events. Ids are chosen and listened to before the command that makes the thing, so no event is lost.
 */
import type { Logger } from '../../../base/log.ts';
import { type Effect, PbxLink, type PbxListener } from '../../kit/link.ts';
import { callerIdOf, mediaBugIdOf } from '../ids.ts';
import {
  type ApiCommand,
  type EslClient,
  type EslCommands,
  EslError,
  type EslEvent,
  type Execution,
} from './client.ts';
import type { QueueEngine } from './queue-engine.ts';

export interface Listener extends PbxListener<EslEvent> {
  /** A look at the PBX after a gap in the events has found it. @param channel as its last event would have shown it. */
  onFound?(channel: EslEvent): void;
}

/** Commands that may be sent twice without looking whether the first was obeyed. */
const HARMLESS_TWICE: ReadonlySet<ApiCommand> = new Set([
  'uuid_answer',
  'uuid_audio',
  'uuid_break',
  'uuid_buglist',
  'uuid_dump',
  'uuid_exists',
  'uuid_kill',
  'uuid_setvar',
  'uuid_setvar_multi',
]);

/**
 * Id of the listener that an event is for: a playback's own id, the channel that a job was to make, a recording's file, a
 * media bug's channel and kind; for all other events the channel.
 */
function addressOf(event: EslEvent): string | undefined {
  switch (event['Event-Name']) {
    case 'CHANNEL_EXECUTE_COMPLETE':
      return event['Application-UUID'];
    case 'BACKGROUND_JOB':
      return event['Job-UUID'];
    case 'RECORD_STOP':
      return event['Record-File-Path'];
    case 'MEDIA_BUG_STOP':
      return mediaBugIdOf(event['Unique-ID'] ?? '', event['Media-Bug-Function'] ?? '');
    default:
      return event['Unique-ID'];
  }
}

export class EslLink extends PbxLink<EslEvent, Listener> {
  readonly queues: QueueEngine;
  #client: EslClient | undefined;
  /** The outbound socket of each caller's channel. */
  readonly #routes = new Map<string, EslCommands>();

  constructor(log: Logger, queues: QueueEngine) {
    super(log);
    this.queues = queues;
  }

  use(client: EslClient | undefined): void {
    this.#client = client;
  }

  /** Commands about a caller's channel and its legs go this way from now on, until {@link unroute}. */
  route(callerId: string, commands: EslCommands): void {
    this.#routes.set(callerId, commands);
  }

  unroute(callerId: string, commands: EslCommands): void {
    if (this.#routes.get(callerId) === commands) this.#routes.delete(callerId);
  }

  get isUp(): boolean {
    return this.#client !== undefined && !this.isLetGo;
  }

  /**
   * Rejects with {@link EslError}. A command about a caller or a leg goes over the caller's own socket. FreeSWITCH closes that
   * with the call, answered or not: a command that is harmless twice is then sent over the common connection.
   */
  async api(command: ApiCommand, ...args: readonly string[]): Promise<string> {
    const common = this.#common(command);
    const own = this.#routes.get(callerIdOf(args[0] ?? ''));
    if (own === undefined) return common.api(command, args);
    try {
      return await own.api(command, args);
    } catch (error) {
      if (!(error instanceof EslError && error.isUnanswered && HARMLESS_TWICE.has(command))) throw error;
      return this.#common(command).api(command, args);
    }
  }

  /** The channel with its variables. Rejects with {@link EslError}. */
  async dump(channelId: string): Promise<EslEvent> {
    return JSON.parse(await this.api('uuid_dump', channelId, 'json')) as EslEvent;
  }

  /**
   * Rejects with {@link EslError}. Over the common connection: the caller's own socket would stay open, and keep the caller,
   * while the phone rings.
   */
  async originate(channelId: string, dialString: string): Promise<void> {
    return this.#common('originate').originate(channelId, dialString);
  }

  /** Rejects with {@link EslError}. */
  async execute(channelId: string, execution: Execution): Promise<void> {
    const common = this.#common(execution.application);
    return (this.#routes.get(callerIdOf(channelId)) ?? common).execute(channelId, execution);
  }

  #common(command: string): EslClient {
    if (this.#client === undefined || this.isLetGo) throw new EslError(command, null, 'not connected');
    return this.#client;
  }

  /**
   * For an effect that may come too late: true when done, false when the channel is gone (the event that says so is on
   * its way). Rejects with {@link EslError} on everything else.
   */
  async attempt(effect: Effect): Promise<boolean> {
    return this.attemptEffect(effect);
  }

  /**
   * {@link attempt} for an effect that a caller would miss: repeated while the PBX does not answer, until nobody wants it
   * any more (then false).
   * @param isDone looks whether a try whose answer was lost has been obeyed; for effects that harm when done twice.
   */
  async insist(effect: Effect, isWanted?: () => boolean, isDone?: () => Promise<boolean>): Promise<boolean> {
    return this.insistOn(effect, { isWanted, isDone });
  }

  /** {@link insist} for clearing up: a refusal is only logged, because nobody could do better. */
  async clearUp(effect: Effect, isWanted?: () => boolean, isDone?: () => Promise<boolean>): Promise<boolean> {
    return this.clearUpBy(effect, { isWanted, isDone });
  }

  /** An event of an agent's phone that a queue rings goes to the leg in that queue. */
  dispatch(event: EslEvent): void {
    const address = addressOf(event);
    const listener = address === undefined ? undefined : this.listeners.get(address);
    const leg = event.variable_hotline_leg_uuid;
    if (listener !== undefined) listener.onEvent(event);
    else if (leg !== undefined && event['Event-Name'] !== 'CHANNEL_EXECUTE_COMPLETE')
      this.listeners.get(leg)?.onEvent(event);
  }

  /** Ids listened to now. Only about these does a look at the PBX that begins after this say anything. */
  get listenedIds(): { readonly channels: readonly string[]; readonly media: readonly string[] } {
    const idsOf = (isChannel: boolean) =>
      [...this.listeners].filter(([, { kind }]) => (kind === 'channel') === isChannel).map(([id]) => id);
    return { channels: idsOf(true), media: idsOf(false) };
  }

  /**
   * After a gap in the events: tells listeners what they may have missed.
   * @param ids who is told: those who listened before the PBX was looked at.
   * @param living its channels by id, each as its last event would have shown it.
   * @param restarted the PBX has restarted meanwhile.
   */
  catchUp(ids: EslLink['listenedIds'], living: ReadonlyMap<string, EslEvent>, restarted: boolean): void {
    for (const id of ids.channels) {
      const channel = living.get(id);
      if (channel === undefined) this.listeners.get(id)?.onMissing(restarted);
      else this.listeners.get(id)?.onFound?.(channel);
    }
    const playing = new Set([...living.values()].map((channel) => channel.variable_hotline_playing));
    for (const id of ids.media) if (!playing.has(id)) this.listeners.get(id)?.onMissing(restarted);
  }
}
