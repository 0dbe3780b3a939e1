/**
 * The socket on which Asterisk tells events. Ours, on `ws`: the one inside `ari-client` gives up after 43 s, throws on an
 * event type it does not know, puts the password into the URL, and cannot be told to stop trying.
 */
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { AriEvent, AriSettings } from './client.ts';
import { basicAuth } from './http.ts';

const OPEN_WITHIN_MS = 5_000;
const PING_INTERVAL_MS = 5_000;

/** What every event we read must have; further keys pass. */
const eventShape = z.looseObject({
  type: z.string(),
  channel: z
    .looseObject({
      id: z.string(),
      state: z.string(),
      caller: z.looseObject({ name: z.string(), number: z.string() }),
      dialplan: z.looseObject({ exten: z.string() }),
    })
    .optional(),
  playback: z.looseObject({ id: z.string(), state: z.string() }).optional(),
  recording: z.looseObject({ name: z.string(), duration: z.number().optional() }).optional(),
});

/** Undefined for what is no event: broken outside data must not end the connection, nor the process. */
function parseEvent(text: string): AriEvent | undefined {
  try {
    return eventShape.parse(JSON.parse(text)) as AriEvent;
  } catch {
    return undefined;
  }
}

export interface AriSocket {
  /** Resolves with the reason when the connection is lost or closed; never rejects. */
  readonly closed: Promise<string>;
  close(): void;
}

/** A PBX that neither speaks nor answers a ping for two intervals is gone, whatever its TCP connection says. */
function keepAlive(socket: WebSocket): () => void {
  let heard = true;
  const heartbeat = setInterval(() => {
    if (!heard) return socket.terminate();
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping(); // one that is closing must not be pinged
  }, PING_INTERVAL_MS);
  for (const sign of ['pong', 'message'] as const) {
    socket.on(sign, () => {
      heard = true;
    });
  }
  return () => clearInterval(heartbeat);
}

/** Resolves once events flow; rejects when the PBX does not open the socket in time. */
export async function openSocket(settings: AriSettings, onEvent: (event: AriEvent) => void): Promise<AriSocket> {
  const url = new URL(`/ari/events?app=${encodeURIComponent(settings.app)}`, settings.url);
  url.protocol = 'ws:';
  const socket = new WebSocket(url, {
    headers: { authorization: basicAuth(settings) },
    handshakeTimeout: OPEN_WITHIN_MS,
  });
  const { promise: closed, resolve } = Promise.withResolvers<string>();
  const opened = Promise.withResolvers<void>();
  socket.on('open', () => opened.resolve());
  socket.on('error', (error) => {
    resolve(error.message);
    opened.reject(error);
  });
  socket.on('close', () => resolve('the event connection was closed'));
  socket.on('message', (data) => {
    const event = parseEvent(String(data));
    if (event !== undefined) onEvent(event);
  });
  await opened.promise;
  const stopKeeping = keepAlive(socket);
  return { closed: closed.finally(stopKeeping), close: () => socket.close() };
}
