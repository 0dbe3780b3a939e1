/** What is waited for, or the end of waiting: Redis may keep us for ever, a stop does not. */

/** @throws Error when `signal` aborts first. Leaves nothing behind on a signal that lives long. */
export const orStopped = <T>(awaited: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = () => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const over = () => signal.removeEventListener('abort', stop);
    awaited.then(resolve, reject).then(over, over);
  });
