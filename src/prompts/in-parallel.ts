/**
 * Does `work` on every item, `atOnce` at a time, and returns the results in the items' order.
 * The first failure stops the rest: nothing new is begun, `work`'s signal aborts, and it is thrown once all have ended.
 */
export async function inParallel<I, R>(
  items: readonly I[],
  atOnce: number,
  signal: AbortSignal,
  work: (item: I, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const results: R[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      if (stop.aborted) return;
      results[at] = await work(item, stop);
    }
  };
  // abort() keeps its first reason; what fails after it only fails because of it.
  const workers = Array.from({ length: atOnce }, () => worker().catch((error: unknown) => failure.abort(error)));
  await Promise.all(workers);
  stop.throwIfAborted();
  return results;
}
