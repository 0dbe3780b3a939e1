/** Hands the exchange's events to whoever asked for that channel or recording: one listener on the socket for all. */
import type { Ari, AriEvent } from './ari.ts';

export type OnEvent = (event: AriEvent) => void;

export interface ChannelEvents {
  /** Listens to one channel id or recording name. */
  on(id: string, listener: OnEvent): void;
  off(id: string): void;
  /** The first event of `id` that is one of `types`; rejects when none comes in `withinMs`. */
  next(id: string, types: readonly string[], withinMs: number): Promise<AriEvent>;
}

const idOf = (event: AriEvent): string | undefined => event.channel?.id ?? event.peer?.id ?? event.recording?.name;

/** @param stranger gets the events nobody asked for: a phone that starts to ring. */
export const listenByChannel = (ari: Ari, stranger: OnEvent): ChannelEvents => {
  const listeners = new Map<string, Set<OnEvent>>();
  const add = (id: string, listener: OnEvent): void => {
    const known = listeners.get(id);
    if (known) known.add(listener);
    else listeners.set(id, new Set([listener]));
  };
  ari.on((event) => {
    const id = idOf(event);
    const known = id === undefined ? undefined : listeners.get(id);
    if (known) for (const listener of [...known]) listener(event);
    else stranger(event);
  });
  return {
    on: add,
    off: (id) => listeners.delete(id),
    next: (id, types, withinMs) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          clearTimeout(timer);
          listeners.get(id)?.delete(listener);
        };
        const listener = (event: AriEvent): void => {
          if (!types.includes(event.type)) return;
          done();
          resolve(event);
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`no ${types.join(' or ')} of ${id} within ${withinMs} ms`));
        }, withinMs);
        add(id, listener);
      }),
  };
};
