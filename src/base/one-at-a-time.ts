/** Work that is done one piece after the other, whether the one before went well or not. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined); // whoever asked is told
    return turn;
  }

  /** Resolves when all that has been asked for so far is over. */
  get over(): Promise<unknown> {
    return this.#last;
  }
}
