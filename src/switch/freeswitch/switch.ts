/** One FreeSWITCH: takes the calls its dialplan hands over, hears of them over one event socket, takes calls up again. */
import { setTimeout as delay } from 'node:timers/promises';
import { HotlineError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CallTaker, Switch } from '../port.ts';
import { FreeSwitchCall } from './call.ts';
import { LET_GO } from './causes.ts';
import type {
  ConnectEsl,
  EslClient,
  EslEvent,
  EventSocketSettings,
  HandedChannel,
  HandOverServer,
  ListenForChannels,
  ListenSettings,
} from './esl/client.ts';
import { EslLink } from './esl/link.ts';
import { callerIdOf } from './ids.ts';
import { type FoundCall, findCall, isWhole, lookAgain, takeInventory } from './inventory.ts';
import { MEMORY_VARIABLE, SEATING_VARIABLE } from './notes.ts';
import { FreeSwitchPhoneCall, PHONE_CONTEXT } from './phone.ts';
import { QUEUE_ENGINES, type QueueEngineName } from './queue-engine.ts';
import { REFER_CONTEXT } from './requests.ts';

export interface FreeSwitchSettings {
  readonly name: string;
  /** Where FreeSWITCH's dialplan hands its calls over. */
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

/** Longer than a hand-over takes on the busiest machine. */
const ON_ITS_WAY_MS = 30_000;

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 2_000;

export class FreeSwitchSwitch implements Switch {
  readonly name: string;
  readonly #settings: FreeSwitchSettings;
  readonly #edges: FreeSwitchEdges;
  readonly #link: EslLink;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #calls = new Map<string, FreeSwitchCall>();
  /** Calls of the last moments: one may have been on its way back when it ended, and must not be told again. */
  readonly #ended = new Set<string>();
  #client: EslClient | undefined;
  #server: HandOverServer | undefined;
  #taker: CallTaker | undefined;
  /** Which life of the PBX is its present one, as it says. */
  #life: string | undefined;

  constructor(settings: FreeSwitchSettings, edges: FreeSwitchEdges, log: Logger) {
    this.name = settings.name;
    this.#settings = settings;
    this.#edges = edges;
    this.#log = log.child({ switch: settings.name });
    this.#link = new EslLink(this.#log, QUEUE_ENGINES[settings.queues]);
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Channels and playbacks listened to: 0 when nothing is up. */
  get held(): number {
    return this.#link.held;
  }

  /** Tries without end while the PBX may still come; rejects with {@link SwitchRefused} when it never will. */
  async start(taker: CallTaker): Promise<void> {
    this.#taker = taker;
    await this.#open();
    this.#server = await this.#edges.listen(this.#settings.listen, (handed) => void this.#onHanded(handed));
    void this.#keepOpen();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#link.letGo();
    this.#client?.close();
    await this.#server?.stop();
  }

  async isUp(callId: string): Promise<boolean> {
    const exists = await this.#link.api('uuid_exists', callId.slice(this.name.length + 1));
    return exists.trim() !== 'false';
  }

  /** Connects again whenever the connection is lost, until stopped. */
  async #keepOpen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const reason = await this.#client?.closed;
      this.#client = undefined;
      this.#link.use(undefined);
      this.#link.gap.open();
      if (this.#stopping.signal.aborted) return;
      this.#log.warn({ reason }, 'lost the PBX; connecting again');
      try {
        await this.#open();
      } catch (error) {
        this.#log.error({}, error instanceof Error ? error.message : String(error));
        await this.#pause(RETRY_MOST_MS);
      }
    }
  }

  /** Shorter when stopped meanwhile. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #open(): Promise<void> {
    const { host, port } = this.#settings.eventSocket;
    const address = `${host}:${port}`;
    for (let wait = RETRY_FIRST_MS; !this.#stopping.signal.aborted; wait = Math.min(2 * wait, RETRY_MOST_MS)) {
      try {
        const onEvent = (event: EslEvent) => this.#link.dispatch(event);
        const client = await this.#edges.connect(this.#settings.eventSocket, onEvent, this.#link.queues.events);
        this.#link.use(client);
        await this.#catchUp().catch((error: unknown) => {
          client.close();
          throw error;
        });
        this.#client = client;
        this.#link.gap.close();
        if (this.#stopping.signal.aborted) return client.close();
        this.#log.info({ address }, 'connected to the PBX');
        return;
      } catch (error) {
        if (error instanceof HotlineError) throw error;
        this.#log.warn({ address, reason: String(error) }, `the PBX cannot be reached yet; trying again in ${wait} ms`);
        await this.#pause(wait);
      }
    }
  }

  /** Brings what we believe and what the PBX has together: after a start, and after every gap in the events. */
  async #catchUp(): Promise<void> {
    const { host, port } = this.#settings.listen;
    const isOurs = (controller: string) =>
      controller === `${host}:${port}` || (ANY_ADDRESS.has(host) && controller.endsWith(`:${port}`));
    const life = await this.#link.api('global_getvar', 'core_uuid');
    const restarted = this.#life !== undefined && this.#life !== life;
    const listening = this.#link.listenedIds;
    const inventory = await takeInventory(this.#link, isOurs, listening.channel);
    this.#link.catchUp(listening, inventory.channels, restarted);
    this.#life = life;
    for (const found of inventory.calls) {
      if (!this.#link.isListened(found.channel['Unique-ID'] ?? '')) this.#adopt(found);
    }
    for (const id of inventory.orphanLegs) {
      if (!this.#link.isListened(id)) await this.#link.clearUp(() => this.#link.api('uuid_kill', id, LET_GO));
    }
  }

  /** A new call, one of ours that is back from a leg, or one whose controller is gone. */
  async #onHanded(handed: HandedChannel): Promise<void> {
    const id = handed.channel['Unique-ID'] ?? '';
    const context = handed.channel['Caller-Context'];
    if (context === REFER_CONTEXT) return this.#onReferred(handed);
    if (context === PHONE_CONTEXT) return this.#onPhone(handed);
    const known = this.#calls.get(id);
    if (known !== undefined) return known.hold(handed);
    if (this.#ended.has(id)) return handed.letGo(); // hung up on its way back to us
    if (!this.#link.isUp || this.#stopping.signal.aborted) return handed.letGo(); // the next controller's
    try {
      const channel = isWhole(handed.channel) ? handed.channel : await lookAgain(handed);
      const isNew = [MEMORY_VARIABLE, SEATING_VARIABLE].every((name) => channel[`variable_${name}`] === undefined);
      const found = isNew ? { channel, memory: '', legs: [] } : await findCall(this.#link, channel);
      const meanwhile = this.#calls.get(id);
      if (meanwhile !== undefined) meanwhile.hold(handed);
      else if (isNew) this.#arrive(channel, handed);
      else this.#adopt(found, handed);
    } catch (error) {
      this.#log.warn({ channel: id, reason: String(error) }, 'could not look at a call; giving it back');
      handed.letGo();
    }
  }

  /** One of a call that is not ours goes back to the phone that asked. */
  async #onReferred(handed: HandedChannel): Promise<void> {
    const { channel } = handed;
    const callerId = callerIdOf(
      channel.variable_hotline_caller ?? channel.variable_hotline_leg_uuid ?? channel['Unique-ID'] ?? '',
    );
    const call = this.#calls.get(callerId);
    if (call === undefined || this.#stopping.signal.aborted) return handed.letGo();
    const whole = isWhole(channel) ? channel : await lookAgain(handed);
    call.refer({ ...handed, channel: whole });
  }

  async #onPhone(handed: HandedChannel): Promise<void> {
    if (!this.#link.isUp || this.#stopping.signal.aborted) return handed.letGo();
    const channel = isWhole(handed.channel) ? handed.channel : await lookAgain(handed);
    this.#taker?.phoned(new FreeSwitchPhoneCall(this.#link, channel, handed, this.#filesOf));
  }

  readonly #filesOf = (prompts: readonly string[]): readonly string[] =>
    prompts.map((prompt) => `${this.#settings.promptsDir}/${prompt}.wav`);

  #arrive(channel: EslEvent, handed: HandedChannel): void {
    const call = this.#call(channel);
    call.hold(handed);
    this.#taker?.arrived(call);
  }

  #adopt({ channel, memory, legs }: FoundCall, handed?: HandedChannel): void {
    const call = this.#call(channel);
    if (handed !== undefined) call.hold(handed);
    this.#log.info({ call: call.id }, 'taking a call up again');
    call.adopt(legs);
    this.#taker?.adopted(call, memory);
  }

  #call(channel: EslEvent): FreeSwitchCall {
    const { recordingsDir } = this.#settings;
    const place = { switchName: this.name, channel, filesOf: this.#filesOf, recordingsDir };
    const call = new FreeSwitchCall(this.#link, place);
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
