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
