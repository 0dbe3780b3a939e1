/**
 * Sends the board to everybody who watches, as server-sent events: a snapshot, then what has changed, at most four times a
 * second. A change is formatted once for all who may see the same. A watcher that reads too slowly is cut off, and may come
 * again.
 */
import { PassThrough } from 'node:stream';
import { TooManyRequests } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { CallView } from '../../records/call-view.ts';
import type { Caller } from '../access/tokens.ts';
import type { Board } from './board.ts';
import { TREND_MINUTES } from './levels.ts';
import { isOwnCall, type Masking, maskedCall, maskingFor } from './masking.ts';
import type { Delta, ServiceShown, Snapshot } from './view-model.ts';

const SENT_EVERY_MS = 250;
/** Figures go with every fourth turn: once a second. */
const FIGURES_EVERY_TURNS = 4;
const WATCHERS_AT_MOST = 200;
/** A watcher with so much unread is cut off. */
const UNREAD_AT_MOST_BYTES = 8 * 1024 * 1024;

export interface BroadcastParts {
  readonly board: Board;
  readonly service: () => Promise<ServiceShown>;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

interface Watcher {
  readonly viewer: Caller;
  readonly stream: PassThrough;
}

const event = (name: 'snapshot' | 'delta', data: Snapshot | Delta): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

export class Broadcast {
  readonly #parts: BroadcastParts;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #service: ServiceShown | undefined;
  #isAsking = false;

  constructor(parts: BroadcastParts) {
    this.#parts = parts;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** What a viewer reads until it is closed. @throws TooManyRequests */
  async watch(viewer: Caller): Promise<PassThrough> {
    if (this.#watchers.size >= WATCHERS_AT_MOST)
      throw new TooManyRequests(`${WATCHERS_AT_MOST} watch already; again in 10 s`, 10);
    const stream = new PassThrough();
    const watcher = { viewer, stream };
    stream.once('close', () => this.#leave(watcher));
    stream.on('error', () => stream.destroy());
    this.#service ??= await this.#parts.service();
    if (this.#timer === undefined) this.#begin();
    this.#watchers.add(watcher);
    stream.write(`retry: 1000\n\n${event('snapshot', this.#snapshot(viewer, this.#service))}`);
    return stream;
  }

  stop(): void {
    for (const { stream } of this.#watchers) stream.destroy();
    clearInterval(this.#timer);
  }

  #begin(): void {
    this.#parts.board.changes();
    this.#timer = setInterval(() => this.#sendChanges(), SENT_EVERY_MS);
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#parts.board.forgetChanges();
  }

  #snapshot(viewer: Caller, service: ServiceShown): Snapshot {
    const { board, now } = this.#parts;
    const at = now();
    const masking = maskingFor(viewer);
    const calls = Array.from(board.calls, (call) => maskedCall(call, isOwnCall(viewer, call) ? 'whole' : masking));
    return { at, calls, figures: board.figures(at, TREND_MINUTES), service };
  }

  #sendChanges(): void {
    this.#turn += 1;
    const isFull = this.#turn % FIGURES_EVERY_TURNS === 0;
    if (isFull) void this.#askService();
    try {
      this.#sendAll(isFull);
    } catch (error) {
      this.#parts.log.error({ reason: String(error) }, 'the board could not be sent');
    }
  }

  /** Redis may be slow to say which other controllers there are. Nobody waits for it: until then the last answer stands. */
  async #askService(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#service = await this.#parts.service();
    } catch (error) {
      this.#parts.log.warn({ reason: String(error) }, 'what the wallboard shows of the service is out of date');
    } finally {
      this.#isAsking = false;
    }
  }

  #sendAll(isFull: boolean): void {
    const { board, now } = this.#parts;
    const at = now();
    const { calls, gone } = board.changes();
    const rest = {
      ...(gone.length > 0 && { gone }),
      ...(isFull && { figures: board.figures(at), ...(this.#service && { service: this.#service }) }),
    };
    if (calls.length === 0 && Object.keys(rest).length === 0) return;
    const formatted = (masking: Masking, only = calls): string =>
      event('delta', { at, ...(only.length > 0 && { calls: only.map((each) => maskedCall(each, masking)) }), ...rest });
    const sent: Partial<Record<Masking, string>> = {};
    for (const { viewer, stream } of this.#watchers) {
      const masking = maskingFor(viewer);
      sent[masking] ??= formatted(masking);
      this.#send(stream, `${sent[masking]}${this.#own(viewer, calls, at)}`);
    }
  }

  /** An agent's own calls once more, whole. */
  #own(viewer: Caller, calls: readonly CallView[], at: number): string {
    if (viewer.role !== 'agent') return '';
    const own = calls.filter((call) => isOwnCall(viewer, call));
    return own.length === 0 ? '' : event('delta', { at, calls: own.map((each) => maskedCall(each, 'whole')) });
  }

  #send(stream: PassThrough, text: string): void {
    if (stream.readableLength + stream.writableLength > UNREAD_AT_MOST_BYTES) stream.destroy();
    else stream.write(text);
  }
}
