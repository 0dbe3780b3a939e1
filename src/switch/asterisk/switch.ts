/** One Asterisk, through one Stasis application: keeps the connection, hands calls over, takes calls up again. */
import { setTimeout as delay } from 'node:timers/promises';
import { HotlineError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CallTaker, Switch } from '../port.ts';
import {
  type AriChannel,
  type AriClient,
  AriError,
  type AriEvent,
  type AriSettings,
  type ConnectAri,
  EVENTS_READ,
} from './ari/client.ts';
import { AriLink } from './ari/link.ts';
import { AsteriskCall } from './call.ts';
import { type FoundCall, livingChannels, takeInventory } from './inventory.ts';
import { AsteriskPhoneCall, PHONE_ARGUMENT } from './phone.ts';

export interface AsteriskSettings extends AriSettings {
  readonly name: string;
  /** Folder of the prompts as Asterisk sees it. */
  readonly promptsDir: string;
  /** Folder of recordings below Asterisk's own, `recording` in its spool folder: ARI writes nowhere else. */
  readonly recordingsDir?: string | undefined;
}

const USUAL_RECORDINGS_DIR = 'hotline';

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 2_000;

export class AsteriskSwitch implements Switch {
  readonly name: string;
  readonly #settings: AsteriskSettings;
  readonly #connect: ConnectAri;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  #link: AriLink;
  #client: AriClient | undefined;
  #taker: CallTaker | undefined;
  readonly #calls = new Set<AsteriskCall>();
  /** Another controller connected with our application's name: it has the calls. */
  #isReplaced = false;
  /** When the PBX began its present life, as it says. */
  #startedAt: string | undefined;

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
    this.#link.letGo();
    this.#client?.close();
  }

  async isUp(callId: string): Promise<boolean> {
    const channelId = callId.slice(this.name.length + 1);
    try {
      await this.#link.request('channels.get', { channelId });
      return true;
    } catch (error) {
      if (error instanceof AriError && error.status === 404) return false;
      throw error;
    }
  }

  /** Connects again whenever the connection is lost, until stopped. */
  async #keepOpen(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const client = this.#client;
      const reason = await client?.closed;
      this.#client = undefined;
      if (this.#stopping.signal.aborted) return;
      this.#link.gap.open();
      if (client !== undefined && this.#isReplaced) await this.#standAside(client);
      else this.#log.warn({ reason }, 'lost the PBX; connecting again');
      try {
        await this.#open();
      } catch (error) {
        this.#log.error({}, describe(error));
        await this.#pause(RETRY_MOST_MS);
      }
    }
  }

  /** Leaves the calls to the controller that took our name, and comes back when it is gone with the last of its calls. */
  async #standAside(client: AriClient): Promise<void> {
    const { app } = this.#settings;
    this.#log.error({ app }, 'another controller took our application name; each needs its own. Standing aside');
    this.#link.letGo();
    this.#link = new AriLink(this.#log);
    while (!this.#stopping.signal.aborted && !(await isFree(client, app))) await this.#pause(RETRY_MOST_MS);
    this.#isReplaced = false;
  }

  /** Shorter when stopped meanwhile. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
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
        if (this.#stopping.signal.aborted || this.#isReplaced) return client.close();
        this.#log.info({ url: this.#settings.url, app: this.#settings.app }, 'connected to the PBX');
        return;
      } catch (error) {
        if (error instanceof HotlineError) throw error;
        const reason = describe(error);
        this.#log.warn(
          { url: this.#settings.url, reason },
          `the PBX cannot be reached yet; trying again in ${wait} ms`,
        );
        await this.#pause(wait);
      }
    }
  }

  /** Brings what we believe and what the PBX has together: after a start, and after every gap in the events. */
  async #catchUp(): Promise<void> {
    const { app } = this.#settings;
    const link = this.#link;
    const filter = { allowed: EVENTS_READ.map((type) => ({ type })) };
    await link.request('applications.filter', { applicationName: app, filter });
    const startedAt = await this.#askLife();
    const restarted = this.#startedAt !== undefined && this.#startedAt !== startedAt;
    const listening = link.listenedIds;
    const inventory = await takeInventory(link, app);
    await link.catchUp(listening, inventory.channels, restarted);
    const found = inventory.calls.filter(({ channel }) => !link.isListened(channel.id));
    const calls = found.map((each) => ({ call: this.#adopt(each), memory: each.memory }));
    // What happened to them between the look and our listening: looked at once more.
    if (calls.length > 0) await link.catchUp(link.listenedIds, await livingChannels(link, app), false);
    for (const { call, memory } of calls) this.#taker?.adopted(call, memory);
    for (const channel of inventory.phones) if (!link.isListened(channel.id)) this.#phoned(channel);
    for (const call of this.#calls) call.forgetRequests();
    for (const channelId of inventory.orphans) await link.clearUp('channels.hangup', { channelId });
    for (const bridgeId of inventory.orphanBridges) await link.clearUp('bridges.destroy', { bridgeId });
    this.#startedAt = startedAt; // not before: a look that fails is taken again, and must find the restart again
    link.gap.close();
  }

  /** When the PBX began its present life. */
  async #askLife(): Promise<string> {
    const info = await this.#link.request('asterisk.getInfo', { only: 'status' });
    return (info as { status: { startup_time: string } }).status.startup_time;
  }

  #adopt({ channel, left }: FoundCall): AsteriskCall {
    const call = this.#call(channel);
    this.#log.info({ call: call.id }, 'taking a call up again');
    call.adopt(left);
    return call;
  }

  readonly #mediaOf = (prompts: readonly string[]): readonly string[] =>
    prompts.map((prompt) => `sound:${this.#settings.promptsDir}/${prompt}`);

  #call(channel: AriChannel): AsteriskCall {
    const { app, recordingsDir = USUAL_RECORDINGS_DIR } = this.#settings;
    const place = { switchName: this.name, app, channel, mediaOf: this.#mediaOf, recordingsDir };
    const call = new AsteriskCall(this.#link, place);
    this.#calls.add(call);
    call.signal.addEventListener('abort', () => this.#calls.delete(call), { once: true });
    return call;
  }

  #phoned(channel: AriChannel): void {
    this.#taker?.phoned(new AsteriskPhoneCall(this.#link, channel, this.#mediaOf));
  }

  #onEvent(event: AriEvent): void {
    if (this.#stopping.signal.aborted || this.#isReplaced) return; // another controller's
    if (event.type === 'ApplicationReplaced') {
      this.#isReplaced = true;
      this.#client?.close();
      return;
    }
    if (this.#link.dispatch(event) || event.type !== 'StasisStart' || event.channel === undefined) return;
    if (event.args?.[0] === 'arrived') this.#taker?.arrived(this.#call(event.channel));
    else if (event.args?.[0] === PHONE_ARGUMENT) this.#phoned(event.channel);
    else void this.#link.clearUp('channels.hangup', { channelId: event.channel.id }); // a leg whose call is over
  }
}

/** An application is there as long as its controller is connected, or a channel is still in it. */
async function isFree(client: AriClient, applicationName: string): Promise<boolean> {
  try {
    await client.request('applications.get', { applicationName });
    return false;
  } catch (error) {
    return error instanceof AriError && error.status === 404;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
