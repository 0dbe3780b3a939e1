/** One FreeSWITCH: its dialplan brings calls over outbound sockets, events come over one inbound socket; calls are adopted. */
import type { Logger } from '../../base/log.ts';
import { ConnectedSwitch } from '../kit/connected-switch.ts';
import type { CallTaker } from '../port.ts';
import { FreeSwitchCall } from './call.ts';
import { LET_GO } from './causes.ts';
import { MEMORY_VARIABLE, SEATING_VARIABLE } from './channel-variables.ts';
import type {
  ConnectEsl,
  EslClient,
  EslEvent,
  EventSocketSettings,
  ListenForChannels,
  ListenSettings,
  OutboundServer,
  OutboundSocket,
} from './esl/client.ts';
import { EslLink } from './esl/link.ts';
import { QUEUE_ENGINES, type QueueEngineName } from './esl/queue-engine.ts';
import { callerIdOf } from './ids.ts';
import { type FoundCall, findCall, isWhole, lookAgain, takeInventory } from './inventory.ts';
import { FreeSwitchPhoneCall, PHONE_CONTEXT } from './phone.ts';
import { REFER_CONTEXT } from './requests.ts';

export interface FreeSwitchSettings {
  readonly name: string;
  /** Where the dialplan's outbound sockets connect to. */
  readonly listen: ListenSettings;
  readonly eventSocket: EventSocketSettings;
  /** Folder of the prompts as FreeSWITCH sees it. */
  readonly promptsDir: string;
  /** The module that queues callers there. */
  readonly queues: QueueEngineName;
  /** Folder of recordings as FreeSWITCH sees it; undefined: nothing is recorded. */
  readonly recordingsDir?: string | undefined;
}

export interface FreeSwitchEdges {
  readonly connect: ConnectEsl;
  readonly listen: ListenForChannels;
}

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);

/** Longer than any call takes to arrive, on the busiest machine. */
const ON_ITS_WAY_MS = 30_000;

export class FreeSwitchSwitch extends ConnectedSwitch<EslClient, EslLink> {
  readonly #settings: FreeSwitchSettings;
  readonly #edges: FreeSwitchEdges;
  readonly #calls = new Map<string, FreeSwitchCall>();
  /** Calls that ended a moment ago: one may have been on its way back then, and must not arrive again. */
  readonly #ended = new Set<string>();
  #server: OutboundServer | undefined;

  constructor(settings: FreeSwitchSettings, edges: FreeSwitchEdges, log: Logger) {
    const { host, port } = settings.eventSocket;
    const own = log.child({ switch: settings.name });
    super(settings.name, own, new EslLink(own, QUEUE_ENGINES[settings.queues]), { address: `${host}:${port}` });
    this.#settings = settings;
    this.#edges = edges;
  }

  override async start(taker: CallTaker): Promise<void> {
    await super.start(taker);
    this.#server = await this.#edges.listen(this.#settings.listen, (socket) => void this.#onSocket(socket));
  }

  override async stop(): Promise<void> {
    await super.stop();
    await this.#server?.stop();
  }

  async isUp(callId: string): Promise<boolean> {
    const exists = await this.link.api('uuid_exists', callId.slice(this.name.length + 1));
    return exists.trim() !== 'false';
  }

  protected async connect(): Promise<EslClient> {
    const onEvent = (event: EslEvent) => this.link.dispatch(event);
    const client = await this.#edges.connect(this.#settings.eventSocket, onEvent, this.link.queues.events);
    this.link.use(client);
    return client;
  }

  protected override async lost(client: EslClient | undefined, reason: string | undefined): Promise<void> {
    this.link.use(undefined);
    await super.lost(client, reason);
  }

  protected askLife(): Promise<string> {
    return this.link.api('global_getvar', 'core_uuid');
  }

  protected async catchUp(restarted: boolean): Promise<void> {
    const { host, port } = this.#settings.listen;
    const isOurs = (controller: string) =>
      controller === `${host}:${port}` || (ANY_ADDRESS.has(host) && controller.endsWith(`:${port}`));
    const listening = this.link.listenedIds;
    const inventory = await takeInventory(this.link, isOurs, listening.channels);
    this.link.catchUp(listening, inventory.channels, restarted);
    for (const found of inventory.calls) {
      if (!this.link.isListened(found.channel['Unique-ID'] ?? '')) this.#adopt(found);
    }
    for (const id of inventory.orphanLegs) {
      if (!this.link.isListened(id)) await this.link.clearUp(() => this.link.api('uuid_kill', id, LET_GO));
    }
  }

  /** A new call, one of ours that is back from a leg, or one whose controller is gone. */
  async #onSocket(socket: OutboundSocket): Promise<void> {
    const id = socket.channel['Unique-ID'] ?? '';
    const context = socket.channel['Caller-Context'];
    if (context === REFER_CONTEXT) return this.#onReferred(socket);
    if (context === PHONE_CONTEXT) return this.#onPhone(socket);
    const known = this.#calls.get(id);
    if (known !== undefined) return known.hold(socket);
    if (this.#ended.has(id)) return socket.continueInDialplan(); // hung up on its way back to us
    if (!this.link.isUp || this.stopping.aborted) return socket.continueInDialplan(); // the next controller's
    try {
      const channel = isWhole(socket.channel) ? socket.channel : await lookAgain(socket);
      const isNew = [MEMORY_VARIABLE, SEATING_VARIABLE].every((name) => channel[`variable_${name}`] === undefined);
      const found = isNew ? { channel, memory: '', legs: [] } : await findCall(this.link, channel);
      const meanwhile = this.#calls.get(id);
      if (meanwhile !== undefined) meanwhile.hold(socket);
      else if (isNew) this.#arrive(channel, socket);
      else this.#adopt(found, socket);
    } catch (error) {
      this.log.warn({ channel: id, reason: String(error) }, 'could not look at a call; giving it back');
      socket.continueInDialplan();
    }
  }

  /** The channel of a call that is not ours goes back to the phone that asked. */
  async #onReferred(socket: OutboundSocket): Promise<void> {
    const { channel } = socket;
    const callerId = callerIdOf(
      channel.variable_hotline_caller ?? channel.variable_hotline_leg_uuid ?? channel['Unique-ID'] ?? '',
    );
    const call = this.#calls.get(callerId);
    if (call === undefined || this.stopping.aborted) return socket.continueInDialplan();
    const whole = isWhole(channel) ? channel : await lookAgain(socket);
    call.refer({ ...socket, channel: whole });
  }

  async #onPhone(socket: OutboundSocket): Promise<void> {
    if (!this.link.isUp || this.stopping.aborted) return socket.continueInDialplan();
    const channel = isWhole(socket.channel) ? socket.channel : await lookAgain(socket);
    this.taker?.phoned(new FreeSwitchPhoneCall(this.link, channel, socket, this.#filesOf));
  }

  readonly #filesOf = (prompts: readonly string[]): readonly string[] =>
    prompts.map((prompt) => `${this.#settings.promptsDir}/${prompt}.wav`);

  #arrive(channel: EslEvent, socket: OutboundSocket): void {
    const call = this.#call(channel);
    call.hold(socket);
    this.taker?.arrived(call);
  }

  #adopt({ channel, memory, legs }: FoundCall, socket?: OutboundSocket): void {
    const call = this.#call(channel);
    if (socket !== undefined) call.hold(socket);
    this.log.info({ call: call.id }, 'taking a call up again');
    call.adopt(legs);
    this.taker?.adopted(call, memory);
  }

  #call(channel: EslEvent): FreeSwitchCall {
    const { recordingsDir } = this.#settings;
    const place = { switchName: this.name, channel, filesOf: this.#filesOf, recordingsDir };
    const call = new FreeSwitchCall(this.link, place);
    this.#calls.set(call.channelId, call);
    call.signal.addEventListener('abort', () => this.#forget(call.channelId), { once: true });
    return call;
  }

  #forget(id: string): void {
    this.#calls.delete(id);
    this.#ended.add(id);
    setTimeout(() => this.#ended.delete(id), ON_ITS_WAY_MS).unref();
  }
}
