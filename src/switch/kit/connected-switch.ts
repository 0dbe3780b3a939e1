/** What both adapters' switches have in common: a connection that is made again whenever it is lost. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, doublingMs } from '../../base/backoff.ts';
import { HotlineError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CallTaker, Switch } from '../port.ts';
import type { PbxLink, PbxListener } from './link.ts';

/** A connection to a PBX. */
export interface PbxClient {
  /** Resolves with the reason when the connection is lost or closed. */
  readonly closed: Promise<string>;
  close(): void;
}

/** What a look at the PBX finds of ours. */
export interface PbxInventory<Channel, FoundCall> {
  /** Every channel that belongs to our calls, by id. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Calls that a controller had before, to adopt unless we have them. */
  readonly calls: readonly FoundCall[];
}

export const RECONNECT: Backoff = { firstMs: 100, mostMs: 2_000 };

type AnyLink = Pick<PbxLink<never, PbxListener<never>>, 'gap' | 'held' | 'letGo'>;

export abstract class ConnectedSwitch<Client extends PbxClient, Link extends AnyLink> implements Switch {
  readonly name: string;
  protected readonly log: Logger;
  protected readonly stopping: AbortSignal;
  protected link: Link;
  protected taker: CallTaker | undefined;
  readonly #address: Readonly<Record<string, string>>;
  readonly #stop = new AbortController();
  #client: Client | undefined;
  /** Which life of the PBX we know, as the PBX names it. */
  #life: string | undefined;

  /** @param address named in the log. */
  constructor(name: string, log: Logger, link: Link, address: Readonly<Record<string, string>>) {
    this.name = name;
    this.log = log;
    this.link = link;
    this.stopping = this.#stop.signal;
    this.#address = address;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /** Channels, playbacks and recordings listened to: 0 when nothing is up. */
  get held(): number {
    return this.link.held;
  }

  /** Tries without end while the PBX may still come; rejects with {@link SwitchRefused} when it never will. */
  async start(taker: CallTaker): Promise<void> {
    this.taker = taker;
    await this.#open();
    void this.#keepOpen();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.link.letGo();
    this.#client?.close();
  }

  abstract isUp(callId: string): Promise<boolean>;

  /** Connects, and lets the link use the connection. Rejects with a {@link HotlineError} when the PBX refuses us for good. */
  protected abstract connect(): Promise<Client>;

  /** Asks the PBX which life it is in: the answer changes when it restarts. */
  protected abstract askLife(): Promise<string>;

  /** Brings what we believe and what the PBX has together: after a start, and after every gap in the events. */
  protected abstract catchUp(restarted: boolean): Promise<void>;

  /** The connection is lost; what is done before it is made again. */
  protected async lost(_client: Client | undefined, reason: string | undefined): Promise<void> {
    this.log.warn({ reason }, 'lost the PBX; connecting again');
  }

  /** Shorter when stopped meanwhile. */
  protected async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping }).catch(() => undefined);
  }

  async #keepOpen(): Promise<void> {
    while (!this.stopping.aborted) {
      const client = this.#client;
      const reason = await client?.closed;
      this.#client = undefined;
      if (this.stopping.aborted) return;
      this.link.gap.open();
      await this.lost(client, reason);
      try {
        await this.#open();
      } catch (error) {
        this.log.error({}, describe(error));
        await this.pause(RECONNECT.mostMs);
      }
    }
  }

  async #open(): Promise<void> {
    for (const wait of doublingMs(RECONNECT)) {
      if (this.stopping.aborted) return;
      try {
        const client = await this.connect();
        await this.#catchUp().catch((error: unknown) => {
          client.close();
          throw error;
        });
        this.#client = client;
        this.link.gap.close();
        if (this.stopping.aborted) return client.close();
        this.log.info(this.#address, 'connected to the PBX');
        return;
      } catch (error) {
        if (error instanceof HotlineError) throw error;
        const of = { ...this.#address, reason: describe(error) };
        this.log.warn(of, `the PBX cannot be reached yet; trying again in ${wait} ms`);
        await this.pause(wait);
      }
    }
  }

  /** The life is kept last: after a look that failed, the next one has to find the restart again. */
  async #catchUp(): Promise<void> {
    const life = await this.askLife();
    await this.catchUp(this.#life !== undefined && this.#life !== life);
    this.#life = life;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
