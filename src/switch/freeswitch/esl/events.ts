/**
 * {@link ConnectEsl} on the npm package `esl` 11. We use it for the protocol and work around its faults:
 *  - commands: see `library.ts`;
 *  - it keeps every BACKGROUND_JOB that nobody waited for: we fetch each;
 *  - it keeps headers of any length: we limit them;
 *  - its client class reconnects silently, so that nobody knows what was missed: we hold the socket ourselves.
 */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { SwitchRefused } from '../../../base/errors.ts';
import {
  type ConnectEsl,
  type EslClient,
  type EslEvent,
  EVENTS_READ,
  type EventSocketSettings,
  ROOM_EVENTS,
} from './client.ts';
import {
  COMMAND_TIMEOUT_MS,
  FreeSwitchResponse,
  LibraryCommands,
  limitHeaders,
  onGarbage,
  SILENT,
  toEslError,
} from './library.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const HEARTBEAT_MS = 5_000;
/** An event's fields are in its body; the headers before it take about 100 bytes. */
const MOST_HEADER_BYTES = 1 << 16;

async function openSocket({ host, port }: EventSocketSettings): Promise<Socket> {
  const socket = createConnection({ host, port, noDelay: true, keepAlive: true });
  await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS) }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  return socket;
}

/** @throws SwitchRefused */
async function logIn(raw: FreeSwitchResponse, { host, port, password }: EventSocketSettings): Promise<void> {
  const { promise: denied, resolve: deny } = Promise.withResolvers<'denied'>();
  raw.once('freeswitch_rude_rejection', () => deny('denied'));
  const asked = raw.onceAsync('freeswitch_auth_request', CONNECT_TIMEOUT_MS, 'log in');
  const refused = (why: string) => new SwitchRefused(`${host}:${port} refused the event socket ${why}`);
  if ((await Promise.race([asked, denied])) === 'denied') throw refused('to our address');
  await raw.auth(password).catch((error: unknown) => {
    throw toEslError('auth', error).message.includes('invalid') ? refused('password') : error;
  });
}

class Connection extends LibraryCommands implements EslClient {
  readonly closed: Promise<string>;
  readonly #raw: FreeSwitchResponse;
  readonly #socket: Socket;
  readonly #close: (reason: string) => void;

  constructor(raw: FreeSwitchResponse, socket: Socket) {
    super(raw, () => this.#close(this.#reason));
    this.#raw = raw;
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#close = resolve;
    socket.once('close', () => resolve(this.#reason));
    onGarbage(raw, () => resolve('it sent what is no message of an event socket'));
    const heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
    this.closed = promise.finally(() => {
      clearInterval(heartbeat);
      socket.destroy();
    });
  }

  close(): void {
    this.#close('closed');
  }

  get #reason(): string {
    const { errored, destroyed } = this.#socket;
    if (errored) return errored.message;
    return destroyed ? 'the event connection was closed' : 'the PBX no longer answers';
  }

  /** A heartbeat without an answer ends the connection, see {@link LibraryCommands}. */
  async #beat(): Promise<void> {
    await this.command('hostname', () => this.#raw.api('hostname', COMMAND_TIMEOUT_MS)).catch(() => undefined);
  }
}

export const connectEsl: ConnectEsl = async (settings, onEvent, queueEvents) => {
  const socket = await openSocket(settings);
  try {
    limitHeaders(socket, MOST_HEADER_BYTES, () => socket.destroy(new Error('it sent a header without an end')));
    const raw = new FreeSwitchResponse(socket, SILENT);
    await logIn(raw, settings);
    for (const type of EVENTS_READ) raw.on(type, ({ body }) => onEvent(body as EslEvent));
    raw.on('BACKGROUND_JOB', ({ body }) => void raw.waitAsync(`BACKGROUND_JOB ${body['Job-UUID']}`, 0, 'forget'));
    const client = new Connection(raw, socket);
    const kinds = [ROOM_EVENTS, queueEvents] as unknown as 'CUSTOM'[]; // of CUSTOM: the types do not know them
    await raw.event_json(...EVENTS_READ, ...kinds);
    return client;
  } catch (error) {
    socket.destroy();
    throw error;
  }
};
