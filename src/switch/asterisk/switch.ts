/** One Asterisk, through one Stasis application: keeps the connection, hands over new calls, adopts those it finds. */
import type { Logger } from '../../base/log.ts';
import { ConnectedSwitch, RECONNECT } from '../kit/connected-switch.ts';
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

export class AsteriskSwitch extends ConnectedSwitch<AriClient, AriLink> {
  readonly #settings: AsteriskSettings;
  readonly #connect: ConnectAri;
  readonly #calls = new Set<AsteriskCall>();
  /** The connection made last. */
  #latest: AriClient | undefined;
  /** Another controller connected with our application's name: it has the calls. */
  #isReplaced = false;

  constructor(settings: AsteriskSettings, connect: ConnectAri, log: Logger) {
    const own = log.child({ switch: settings.name });
    super(settings.name, own, new AriLink(own), { url: settings.url, app: settings.app });
    this.#settings = settings;
    this.#connect = connect;
  }

  async isUp(callId: string): Promise<boolean> {
    const channelId = callId.slice(this.name.length + 1);
    try {
      await this.link.request('channels.get', { channelId });
      return true;
    } catch (error) {
      if (error instanceof AriError && error.status === 404) return false;
      throw error;
    }
  }

  protected async connect(): Promise<AriClient> {
    const client = await this.#connect(this.#settings, (event) => this.#onEvent(event));
    this.#latest = client;
    if (this.#isReplaced) client.close();
    this.link.use(client);
    return client;
  }

  protected override async lost(client: AriClient | undefined, reason: string | undefined): Promise<void> {
    if (client !== undefined && this.#isReplaced) await this.#standAside(client);
    else await super.lost(client, reason);
  }

  /** Leaves the calls to the controller that took our name, and comes back when it and the last of its calls are gone. */
  async #standAside(client: AriClient): Promise<void> {
    const { app } = this.#settings;
    this.log.error({ app }, 'another controller took our application name; each needs its own. Standing aside');
    this.link.letGo();
    this.link = new AriLink(this.log);
    while (!this.stopping.aborted && !(await isFree(client, app))) await this.pause(RECONNECT.mostMs);
    this.#isReplaced = false;
  }

  protected async askLife(): Promise<string> {
    const info = await this.link.request('asterisk.getInfo', { only: 'status' });
    return (info as { status: { startup_time: string } }).status.startup_time;
  }

  protected async catchUp(restarted: boolean): Promise<void> {
    const { app } = this.#settings;
    const { link } = this;
    const filter = { allowed: EVENTS_READ.map((type) => ({ type })) };
    await link.request('applications.filter', { applicationName: app, filter });
    const listening = link.listenedIds;
    const inventory = await takeInventory(link, app);
    await link.catchUp(listening, inventory.channels, restarted);
    const found = inventory.calls.filter(({ channel }) => !link.isListened(channel.id));
    const calls = found.map((each) => ({ call: this.#adopt(each), memory: each.memory }));
    // Something may have happened to them between the look and our listening, so we look once more.
    if (calls.length > 0) await link.catchUp(link.listenedIds, await livingChannels(link, app), false);
    for (const { call, memory } of calls) this.taker?.adopted(call, memory);
    for (const channel of inventory.phones) if (!link.isListened(channel.id)) this.#phoned(channel);
    for (const call of this.#calls) call.caughtUp();
    for (const channelId of inventory.orphans) await link.clearUp('channels.hangup', { channelId });
    for (const bridgeId of inventory.orphanBridges) await link.clearUp('bridges.destroy', { bridgeId });
  }

  #adopt(found: FoundCall): AsteriskCall {
    const call = this.#call(found.channel);
    this.log.info({ call: call.id }, 'taking a call up again');
    call.adopt(found);
    return call;
  }

  readonly #mediaOf = (prompts: readonly string[]): readonly string[] =>
    prompts.map((prompt) => `sound:${this.#settings.promptsDir}/${prompt}`);

  #call(channel: AriChannel): AsteriskCall {
    const { app, recordingsDir = USUAL_RECORDINGS_DIR } = this.#settings;
    const place = { switchName: this.name, app, channel, mediaOf: this.#mediaOf, recordingsDir };
    const call = new AsteriskCall(this.link, place);
    this.#calls.add(call);
    call.signal.addEventListener('abort', () => this.#calls.delete(call), { once: true });
    return call;
  }

  #phoned(channel: AriChannel): void {
    this.taker?.phoned(new AsteriskPhoneCall(this.link, channel, this.#mediaOf));
  }

  #onEvent(event: AriEvent): void {
    if (this.stopping.aborted || this.#isReplaced) return; // another controller's
    if (event.type === 'ApplicationReplaced') {
      this.#isReplaced = true;
      this.#latest?.close();
      return;
    }
    if (this.link.dispatch(event) || event.type !== 'StasisStart' || event.channel === undefined) return;
    if (event.args?.[0] === 'arrived') this.taker?.arrived(this.#call(event.channel));
    else if (event.args?.[0] === PHONE_ARGUMENT) this.#phoned(event.channel);
    else void this.link.clearUp('channels.hangup', { channelId: event.channel.id }); // a leg whose call is over
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
