/**
 * {@link ConnectAri} on the npm package `ari-client` 2.2, which is used for what it does well (the operations, from
 * Asterisk's own API description) and covered where it does not:
 *  - a second `connect` overwrites the first one's password: ours are looked up by address at each request;
 *  - its errors carry no HTTP status, and a request that gets no answer never settles: both are mended here;
 *  - it gives up reconnecting after 43 s and throws on an event type it does not know: we read its socket ourselves.
 */
import { Agent } from 'node:http';
import ariClient, { type RawClient } from 'ari-client';
import swagger from 'swagger-client';
import { z } from 'zod';
import { SwitchRefused } from '../../errors.ts';
import { type AriClient, AriError, type AriEvent, type AriSettings, type ConnectAri } from './client.ts';

const REQUEST_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 5_000;
/** `readyState` of a WebSocket that can be written to. */
const OPEN = 1;
/** Below Asterisk's `sessionlimit` (100 by default), past which it answers 503. */
const MAX_SOCKETS = 32;

interface Account {
  readonly authorization: string;
  readonly agent: Agent;
}

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
});

/** Credentials by `host:port`; one for all connections, because the library keeps its own in one place too. */
class Accounts {
  readonly #byHost = new Map<string, Account>();

  /** Registers an account, and makes the library ask us at every request. */
  use({ url, user, password }: AriSettings): void {
    this.#byHost.set(new URL(url).host, {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      agent: new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    });
    swagger.authorizations.add('basic-auth', {
      apply: (request) => {
        const account = this.#byHost.get(new URL(request.url).host);
        if (account === undefined) return false;
        request.headers.Authorization = account.authorization;
        request.agent = account.agent;
        request.timeout = REQUEST_TIMEOUT_MS; // or one that is never answered keeps its socket for ever
        const { error } = request.on;
        request.on.error = (response) => error({ ...response, data: `${response.status} ${response.data}` });
        return true;
      },
    });
  }
}

const accounts = new Accounts();

/** Asks plainly first: the library throws out of reach when the password is wrong. */
async function probe({ url, user, password }: AriSettings): Promise<void> {
  const response = await fetch(new URL('/ari/asterisk/info?only=system', url), {
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new SwitchRefused(`${url} refused the ARI user "${user}" or its password (HTTP ${response.status})`);
  }
  if (!response.ok) throw new AriError('probe', response.status, `${url} does not answer as ARI`);
}

function silenceLibrary(): void {
  Object.assign(globalThis, { log: () => undefined }); // its global logger, which prints a notice at every connect
}

type Operation = (params: Record<string, unknown>) => PromiseLike<unknown>;

function findOperation(raw: RawClient, name: string): Operation {
  const [resource = '', nickname = ''] = name.split('.');
  const operation = (raw[resource] as Record<string, Operation> | undefined)?.[nickname];
  if (operation === undefined) throw new AriError(name, 0, 'this Asterisk has no such operation');
  return operation;
}

function toAriError(operation: string, cause: unknown): AriError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const match = /^(\d{3}) (?:\{"message":"(.*)"\}|(.*))$/s.exec(text.trim());
  return match
    ? new AriError(operation, Number(match[1]), match[2] ?? match[3] ?? '')
    : new AriError(operation, 0, text);
}

function request(raw: RawClient, name: string, params: Record<string, unknown>): Promise<unknown> {
  const operation = findOperation(raw, name);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => reject(new AriError(name, 0, 'no answer')), REQUEST_TIMEOUT_MS);
  operation(params).then(resolve, (cause) => reject(toAriError(name, cause)));
  return promise.finally(() => clearTimeout(timer));
}

/** Undefined for what is no event: broken outside data must not end the connection, nor the process. */
function parseEvent(text: string): AriEvent | undefined {
  try {
    return eventShape.parse(JSON.parse(text)) as AriEvent;
  } catch {
    return undefined;
  }
}

/** Takes the event socket over from the library. Resolves when it is gone. */
function readSocket(raw: RawClient, onEvent: (event: AriEvent) => void): Promise<string> {
  const socket = raw._ws;
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const event of ['message', 'close', 'error', 'pong']) socket.removeAllListeners(event);
  let alive = true;
  const heartbeat = setInterval(() => {
    if (!alive) {
      resolve('the PBX no longer answers'); // first: a socket that is closing must not be pinged
      socket.terminate();
      return;
    }
    alive = false;
    if (socket.readyState === OPEN) socket.ping();
  }, PING_INTERVAL_MS);
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('message', (data) => {
    alive = true;
    const event = parseEvent(String(data));
    if (event !== undefined) onEvent(event);
  });
  socket.on('error', (error) => resolve(error instanceof Error ? error.message : String(error)));
  socket.on('close', () => resolve('the event connection was closed'));
  return promise.finally(() => clearInterval(heartbeat));
}

export const connectAri: ConnectAri = async (settings, onEvent) => {
  silenceLibrary();
  await probe(settings);
  const connecting = ariClient.connect(settings.url, settings.user, settings.password);
  accounts.use(settings); // after the library registered its own, before its first request
  const raw = await connecting;
  await raw.start(settings.app);
  const closed = readSocket(raw, onEvent);
  const client: AriClient = {
    request: (operation, params) => request(raw, operation, { ...params }),
    closed,
    close: () => raw._ws.close(),
  };
  return client;
};
