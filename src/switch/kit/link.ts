/** What both adapters' links have in common: who is told of which event, and repeating what the PBX did not answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, doublingMs } from '../../base/backoff.ts';
import type { Logger } from '../../base/log.ts';

/** The PBX refused what was asked of it, or did not answer. */
export abstract class PbxError extends Error {
  /** The thing is gone or past this state: normal after a hang-up. */
  abstract readonly isLate: boolean;
  /** There was no answer; the PBX may have obeyed. Worth another try. */
  abstract readonly isUnanswered: boolean;
}

/** A gap in what a PBX tells: open from before the first connection, and whenever the connection is lost, until caught up. */
export class Gap {
  #open: PromiseWithResolvers<void> | undefined = Promise.withResolvers();

  /** Resolves when everything told has been heard: at once, or when the gap that is open now is closed. */
  get closed(): Promise<void> {
    return this.#open?.promise ?? Promise.resolve();
  }

  /** Events are lost from now on. */
  open(): void {
    this.#open ??= Promise.withResolvers();
  }

  close(): void {
    this.#open?.resolve();
    this.#open = undefined;
  }
}

export interface PbxListener<Event> {
  readonly kind: 'channel' | 'playback' | 'recording';
  onEvent(event: Event): void;
  /** A look at the PBX after a gap in the events did not find the thing. @param restarted the PBX has restarted. */
  onMissing(restarted: boolean): void;
  /** The calls are another controller's from now on. */
  onLetGo?(): void;
}

/** What is asked of the PBX; called once for each try. Rejects with {@link PbxError}. */
export type Effect = () => Promise<unknown>;

export interface Insistence {
  /** Asked before each try; false ends the tries. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Looks whether a try whose answer was lost has been obeyed; for effects that do harm when done twice. */
  readonly isDone?: (() => Promise<boolean>) | undefined;
  /** Named in the log. */
  readonly about?: Readonly<Record<string, unknown>>;
}

const REPEAT: Backoff = { firstMs: 50, mostMs: 1_000 };

export abstract class PbxLink<Event, Listener extends PbxListener<Event>> {
  readonly log: Logger;
  readonly gap = new Gap();
  protected readonly listeners = new Map<string, Listener>();
  #isLetGo = false;

  constructor(log: Logger) {
    this.log = log;
  }

  get isLetGo(): boolean {
    return this.#isLetGo;
  }

  /** True when done, false when the effect came too late: the event that says so is on its way. Rejects otherwise. */
  protected async attemptEffect(effect: Effect, about: Insistence['about'] = {}): Promise<boolean> {
    try {
      await effect();
      return true;
    } catch (error) {
      if (!(error instanceof PbxError && error.isLate)) throw error;
      this.log.debug(about, error.message);
      return false;
    }
  }

  /** Repeats an effect while the PBX does not answer, until nobody wants it any more; false then, or when it came too late. */
  protected async insistOn(effect: Effect, { isWanted, isDone, about = {} }: Insistence): Promise<boolean> {
    let isAgain = false;
    for (const wait of doublingMs(REPEAT)) {
      if (this.#isLetGo || isWanted?.() === false) break;
      try {
        if (isAgain && (await isDone?.())) return true;
        return await this.attemptEffect(effect, about);
      } catch (error) {
        if (!(error instanceof PbxError && error.isUnanswered)) throw error;
        this.log.warn(about, `${error.message}; trying again in ${wait} ms`);
        isAgain = true;
        await delay(wait);
      }
    }
    return false;
  }

  /** The same for clearing up: a refusal is only logged, because nobody could do better. */
  protected async clearUpBy(effect: Effect, insistence: Insistence): Promise<boolean> {
    try {
      return await this.insistOn(effect, insistence);
    } catch (error) {
      this.log.warn(insistence.about ?? {}, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  listen(id: string, listener: Listener): void {
    this.listeners.set(id, listener);
  }

  unlisten(id: string): void {
    this.listeners.delete(id);
  }

  /** How many things are listened to. */
  get held(): number {
    return this.listeners.size;
  }

  isListened(id: string): boolean {
    return this.listeners.has(id);
  }

  /** The calls stay as they are, for another controller: nothing more is asked of the PBX, nobody is told of anything. */
  letGo(): void {
    this.#isLetGo = true;
    const listeners = [...this.listeners.values()];
    this.listeners.clear();
    for (const listener of listeners) listener.onLetGo?.();
  }
}
