/** What the fleet talks by, in Redis. A Redis that is away holds nobody up: what is said then is lost. */
import { Redis } from 'ioredis';
import type { FleetBus } from './calls-elsewhere.ts';

const ANSWER_WITHIN_MS = 500;
const RETRY_AT_MOST_MS = 1_000;

export class RedisBus implements FleetBus {
  readonly #mouth: Redis;
  readonly #ears: Redis;
  readonly #hearing = new Map<string, (text: string) => void>();

  constructor(url: string) {
    const retryStrategy = (times: number) => Math.min(times * 50, RETRY_AT_MOST_MS);
    const options = { retryStrategy, autoResendUnfulfilledCommands: false, enableOfflineQueue: false };
    this.#mouth = new Redis(url, { ...options, commandTimeout: ANSWER_WITHIN_MS });
    this.#ears = new Redis(url, { ...options, autoResubscribe: false });
    for (const each of [this.#mouth, this.#ears]) each.on('error', () => undefined); // the feed's connection tells of it
    this.#ears.on('message', (channel, text) => this.#hearing.get(channel)?.(text));
    this.#ears.on('ready', () => void this.#listen());
  }

  async hear(channel: string, told: (text: string) => void): Promise<void> {
    this.#hearing.set(channel, told);
    if (this.#ears.status === 'ready') await this.#listen();
  }

  async say(channel: string, text: string): Promise<void> {
    await this.#mouth.publish(channel, text).catch(() => 0);
  }

  async stop(): Promise<void> {
    for (const each of [this.#mouth, this.#ears]) each.disconnect();
  }

  /** All of them, again after each time Redis was away. */
  async #listen(): Promise<void> {
    const channels = [...this.#hearing.keys()];
    if (channels.length > 0) await this.#ears.subscribe(...channels).catch(() => undefined); // at the next `ready`
  }
}
