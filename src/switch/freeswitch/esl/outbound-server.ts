/**
 * {@link ListenForChannels}: FreeSWITCH's `socket` application connects here with each caller, and keeps the caller for
 * as long as the connection stands. What comes over it is the channel's facts and answers to commands, no events, so
 * whoever says nothing, or too much, is none of ours. The library's own server class is not used: it takes anybody, and
 * keeps whoever says nothing.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { PortTaken } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { EslEvent, HandedChannel, HandOverServer, ListenForChannels, ListenSettings } from './client.ts';
import { FreeSwitchResponse, LibraryCommands, limitHeaders, onGarbage, SILENT } from './library.ts';

/** From the connection to the channel's facts. */
const HAND_OVER_WITHIN_MS = 5_000;
/** A channel with its variables takes about 10 kB. */
const MOST_BYTES = 1 << 20;

/** An IPv4 address as it is written, also where the socket is an IPv6 one. */
const plainAddress = (address = ''): string => address.replace(/^::ffff:/, '');

/** Tells when more is sent than a hand-over ever is, before it is kept anywhere. @returns to be called when it is over. */
function limitBytes(socket: Socket, tooMuch: () => void): () => void {
  let bytes = 0;
  const count = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > MOST_BYTES) tooMuch();
  };
  socket.on('data', count);
  return () => socket.off('data', count);
}

/** Undefined when the other end was no FreeSWITCH; said in one line of the log. */
async function receive(socket: Socket, log: Logger): Promise<HandedChannel | undefined> {
  const peer = `${plainAddress(socket.remoteAddress)}:${socket.remotePort}`;
  const controller = `${plainAddress(socket.localAddress)}:${socket.localPort}`;
  let reason = 'it closed the connection before it handed anything over';
  let isReceived = false;
  const end = (why: string) => () => {
    if (isReceived && !socket.destroyed) log.warn({ peer, reason: why }, 'closed the own connection of a call');
    reason = why;
    socket.destroy();
  };
  const tooMuch = end(`it sent more than ${MOST_BYTES} bytes`);
  const stopCounting = limitBytes(socket, tooMuch);
  limitHeaders(socket, MOST_BYTES, tooMuch); // of answers too, for as long as the connection stands
  const timer = setTimeout(end(`it handed nothing over in ${HAND_OVER_WITHIN_MS} ms`), HAND_OVER_WITHIN_MS);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  try {
    const raw = new FreeSwitchResponse(socket, SILENT);
    onGarbage(raw, end('it sent what is no hand-over'));
    const { body } = await raw.connect();
    if (body['Unique-ID'] === undefined) throw new Error('no channel');
    isReceived = true;
    const letGo = (): void => void socket.end();
    const commands = new LibraryCommands(raw, () => socket.destroy());
    return { channel: body as EslEvent, controller, commands, closed, letGo };
  } catch {
    socket.destroy();
    log.warn({ peer, reason }, 'closed a connection that is no hand-over of a call');
    return undefined;
  } finally {
    stopCounting();
    clearTimeout(timer);
  }
}

async function listen(server: Server, { host, port }: ListenSettings): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new PortTaken(`cannot listen for FreeSWITCH at ${host}:${port} (${(error as NodeJS.ErrnoException).code})`);
  }
}

export const listenForChannels =
  (log: Logger): ListenForChannels =>
  async (settings, onChannel): Promise<HandOverServer> => {
    const sockets = new Set<Socket>();
    const onConnection = async (socket: Socket): Promise<void> => {
      const peer = plainAddress(socket.remoteAddress);
      if (!settings.accept.includes(peer)) {
        socket.destroy();
        return log.warn({ peer }, 'closed a connection from an address that is not a PBX of ours');
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      const handed = await receive(socket, log);
      if (handed !== undefined) onChannel(handed);
    };
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => void onConnection(socket));
    await listen(server, settings);
    server.on('error', (error) => log.error({ reason: error.message }, 'the hand-over server has a fault'));
    return {
      stop: async () => {
        const closed = once(server, 'close');
        server.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
  };
