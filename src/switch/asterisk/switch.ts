/** One Asterisk, through one Stasis application: keeps the connection, hands calls over, takes calls up again. */
import { setTimeout as delay } from 'node:timers/promises';
import { HotlineError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { CallTaker, Switch } from '../port.ts';
import { AsteriskCall } from './call.ts';
import {
  type AriChannel,
  type AriClient,
  type AriEvent,
  type AriSettings,
  type ConnectAri,
  EVENTS_READ,
} from './client.ts';
import { takeInventory } from './inventory.ts';
import { AriLink } from './link.ts';

export interface AsteriskSettings extends AriSettings {
  readonly name: string;
  /** Folder of the prompts as Asterisk sees it. */
  readonly promptsDir: string;
}

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 2_000;

export class AsteriskSwitch implements Switch {
  readonly name: string;
  readonly #settings: AsteriskSettings;
  readonly #connect: ConnectAri;
  readonly #link: AriLink;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #client: AriClient | undefined;
  #taker: CallTaker | undefined;

  constructor(settings: AsteriskSettings, connect: ConnectAri, log: Logger) {
    this.name = settings.name;
    this.#settings = settings;
    this.#connect = connect;
    this.#log = log.child({ switch: settings.name });
    this.#link = new AriLink(this.#log);
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
    void this.#keepOpen();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#client?.close();
  }

  /** Connects again whenever the connection is lost, until stopped. */
  async #keepOpen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const reason = await this.#client?.closed;
      this.#client = undefined;
      if (this.#stopping.signal.aborted) return;
      this.#log.warn({ reason }, 'lost the PBX; connecting again');
      try {
        await this.#open();
      } catch (error) {
        this.#log.error({}, error instanceof Error ? error.message : String(error));
        await delay(RETRY_MOST_MS);
      }
    }
  }

  async #open(): Promise<void> {
    for (let wait = RETRY_FIRST_MS; !this.#stopping.signal.aborted; wait = Math.min(2 * wait, RETRY_MOST_MS)) {
      try {
        const client = await this.#connect(this.#settings, (event) => this.#onEvent(event));
        this.#link.use(client);
        await this.#catchUp().catch((error: unknown) => {
          client.close();
          throw error;
        });
        this.#client = client;
        if (this.#stopping.signal.aborted) return client.close();
        this.#log.info({ url: this.#settings.url, app: this.#settings.app }, 'connected to the PBX');
        return;
      } catch (error) {
        if (error instanceof HotlineError) throw error;
        const reason = describe(error);
        this.#log.warn(
          { url: this.#settings.url, reason },
          `the PBX cannot be reached yet; trying again in ${wait} ms`,
        );
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // stopped while waiting
      }
    }
  }

  /** Brings what we believe and what the PBX has together: after a start, and after every gap in the events. */
  async #catchUp(): Promise<void> {
    const { app, name } = this.#settings;
    await this.#link.clearUp('applications.filter', {
      applicationName: app,
      filter: { allowed: EVENTS_READ.map((type) => ({ type })) },
    });
    const listening = this.#link.listenedIds;
    const inventory = await takeInventory(this.#link, app);
    await this.#link.catchUp(listening, inventory.channels);
    for (const { channel, memory, legs, inBridge } of inventory.calls) {
      if (this.#link.isListened(channel.id)) continue;
      this.#log.info({ call: `${name}-${channel.id}` }, 'taking a call up again');
      const call = this.#call(channel);
      call.takeOver(inBridge, legs);
      this.#taker?.adopted(call, memory);
    }
    for (const channelId of inventory.orphanLegs) await this.#link.clearUp('channels.hangup', { channelId });
    for (const bridgeId of inventory.orphanBridges) await this.#link.clearUp('bridges.destroy', { bridgeId });
  }

  #call(channel: AriChannel): AsteriskCall {
    const { app, promptsDir } = this.#settings;
    const mediaOf = (prompts: readonly string[]) => prompts.map((prompt) => `sound:${promptsDir}/${prompt}`);
    return new AsteriskCall(this.#link, { switchName: this.name, app, channel, mediaOf });
  }

  #onEvent(event: AriEvent): void {
    if (event.type === 'ApplicationReplaced') {
      this.#log.error({ app: this.#settings.app }, 'another controller took our application name; each needs its own');
    }
    if (this.#link.dispatch(event) || event.type !== 'StasisStart' || event.channel === undefined) return;
    if (this.#stopping.signal.aborted) return; // the next controller's
    if (event.args?.[0] === 'arrived') this.#taker?.arrived(this.#call(event.channel));
    else void this.#link.clearUp('channels.hangup', { channelId: event.channel.id }); // a leg whose call is over
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
