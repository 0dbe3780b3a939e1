/** Work on one call: one piece at a time, in the order it came. */

export class Inbox<T> {
  readonly #waiting: (() => Promise<T | undefined>)[] = [];
  #wake = Promise.withResolvers<void>();

  put(work: () => Promise<T | undefined>): void {
    this.#waiting.push(work);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Resolves when there is a piece; it is the caller's then. */
  async next(): Promise<() => Promise<T | undefined>> {
    for (;;) {
      const first = this.#waiting.shift();
      if (first) return first;
      await this.#wake.promise;
    }
  }

  /** Everything that still waits; it is the caller's then. */
  empty(): readonly (() => Promise<T | undefined>)[] {
    return this.#waiting.splice(0);
  }
}
