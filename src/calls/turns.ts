/** The work on one call: one piece at a time, in the order it came, until the call has ended; and work beside it. */
import type { Logger } from '../base/log.ts';

export class Turns<Ending> {
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #over = Promise.withResolvers<undefined>();
  #isOver = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @param signal the call's. */
  constructor(log: Logger, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
    this.#ended.promise.catch(() => undefined); // at times nobody waits for it
  }

  /** How the call ended; rejects with the first fault of a piece of work. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** Never rejects; undefined where the work was not done, or not to its end. */
  take<T>(work: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#last
      .then(() => (this.#isOver ? undefined : work()))
      .catch((fault: unknown) => {
        this.#ended.reject(fault);
        return undefined;
      });
    this.#last = turn;
    return Promise.race([turn, this.#over.promise]);
  }

  /** Work that takes no turn: a fault of it is logged, and must not end the call. */
  beside(work: Promise<unknown> | undefined): void {
    work?.catch((error: unknown) => {
      if (this.#isOver || this.#signal.aborted) return;
      this.#log.error({ reason: String(error) }, 'a part of handing a call on failed; the call goes on');
    });
  }

  end(ending: Ending): void {
    this.#ended.resolve(ending);
    this.stop();
  }

  /** From now on no work begins, and nobody waits for any. */
  stop(): void {
    this.#isOver = true;
    this.#over.resolve(undefined);
  }
}
