/** The lab's own small ARI client for the exchange: requests over HTTP, events over the WebSocket. */
import { LabUnavailable } from '../../base/errors.ts';
import type { AriUser } from './asterisk-files.ts';

export interface AriChannel {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly caller: { readonly name: string; readonly number: string };
  readonly connected: { readonly name: string; readonly number: string };
  readonly dialplan?: { readonly exten: string };
}

/** The fields the lab reads, of whichever event carries them. */
export interface AriEvent {
  readonly type: string;
  readonly timestamp?: string;
  readonly channel?: AriChannel;
  readonly peer?: AriChannel;
  readonly args?: readonly string[];
  readonly cause?: number;
  readonly dialstatus?: string;
  readonly userevent?: Readonly<Record<string, string>>;
  readonly playback?: { readonly id: string; readonly target_uri: string };
  readonly recording?: { readonly name: string; readonly state: string };
}

export interface AriAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Ari {
  /** Sends a request. Any status is an answer; 404 and 409 after a hang-up are normal. */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, query?: Query, body?: unknown): Promise<AriAnswer>;
  /** Listens until the returned function is called. */
  on(listener: (event: AriEvent) => void): () => void;
  close(): void;
}

export type Query = Readonly<Record<string, string | number | boolean>>;

const parse = (text: string): unknown => {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text; // An error page of the HTTP server is not JSON.
  }
};

const openSocket = (url: URL): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(socket), { once: true });
    socket.addEventListener('error', () => reject(new LabUnavailable(`no ARI at ${url.host}`)), { once: true });
  });

/** @param baseUrl e.g. `http://127.0.0.1:41234` */
export const connectAri = async (baseUrl: string, user: AriUser, app: string): Promise<Ari> => {
  const authorization = `Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}`;
  const events = new URL(`/ari/events?app=${app}&api_key=${user.user}:${user.password}`, baseUrl.replace('http', 'ws'));
  const socket = await openSocket(events);
  const listeners = new Set<(event: AriEvent) => void>();
  socket.addEventListener('message', (message) => {
    const event = JSON.parse(String(message.data)) as AriEvent;
    for (const listener of [...listeners]) listener(event);
  });
  return {
    send: async (method, path, query = {}, body) => {
      const url = new URL(`/ari/${path}`, baseUrl);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
      const headers = { authorization, 'content-type': 'application/json' };
      const response = await fetch(url, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: parse(await response.text()) };
    },
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
};

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
