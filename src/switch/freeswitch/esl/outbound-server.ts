/**
 * {@link ListenForChannels}: FreeSWITCH's `socket` application connects here with each caller, and keeps the caller as long as
 * the connection stands. Only the channel's fields and answers to commands come over it, no events: a peer that sends nothing,
 * or too much, is no FreeSWITCH. The library's own server class is not used, because it accepts anybody and keeps silent peers.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { PortTaken } from '../../../base/errors.ts';
import type { Logger } from '../../../base/log.ts';
import type { EslEvent, ListenForChannels, ListenSettings, OutboundServer, OutboundSocket } from './client.ts';
import { FreeSwitchResponse, LibraryCommands, limitHeaders, onGarbage, SILENT } from './library.ts';

/** From the connection to the channel's fields. */
const CHANNEL_WITHIN_MS = 5_000;
/** A channel with its variables takes about 10 kB. */
const MOST_BYTES = 1 << 20;

/** An IPv4 address without the prefix that an IPv6 socket gives it. */
const plainAddress = (address = ''): string => address.replace(/^::ffff:/, '');

/** Calls `tooMuch` when a peer sends more than a channel takes. @returns ends the count. */
function limitBytes(socket: Socket, tooMuch: () => void): () => void {
  let bytes = 0;
  const count = (piece: Buffer): void => {
    bytes += piece.length;
    if (bytes > MOST_BYTES) tooMuch();
  };
  socket.on('data', count);
  return () => socket.off('data', count);
}

/** Undefined when the peer was no FreeSWITCH; one line of the log says so. */
async function receive(socket: Socket, log: Logger): Promise<OutboundSocket | undefined> {
  const peer = `${plainAddress(socket.remoteAddress)}:${socket.remotePort}`;
  const controller = `${plainAddress(socket.localAddress)}:${socket.localPort}`;
  let reason = 'it closed the connection before it sent a channel';
  let isReceived = false;
  const end = (why: string) => () => {
    if (isReceived && !socket.destroyed) log.warn({ peer, reason: why }, 'closed the own connection of a call');
    reason = why;
    socket.destroy();
  };
  const tooMuch = end(`it sent more than ${MOST_BYTES} bytes`);
  const stopCounting = limitBytes(socket, tooMuch);
  limitHeaders(socket, MOST_BYTES, tooMuch); // of answers too, for as long as the connection stands
  const timer = setTimeout(end(`it sent no channel in ${CHANNEL_WITHIN_MS} ms`), CHANNEL_WITHIN_MS);
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once('close', () => resolve());
  try {
    const raw = new FreeSwitchResponse(socket, SILENT);
    onGarbage(raw, end('it sent what is no channel'));
    const { body } = await raw.connect();
    if (body['Unique-ID'] === undefined) throw new Error('no channel');
    isReceived = true;
    const continueInDialplan = (): void => void socket.end();
    const commands = new LibraryCommands(raw, () => socket.destroy());
    return { channel: body as EslEvent, controller, commands, closed, continueInDialplan };
  } catch {
    socket.destroy();
    log.warn({ peer, reason }, 'closed a connection that brought no call');
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
  async (settings, onChannel): Promise<OutboundServer> => {
    const sockets = new Set<Socket>();
    const onConnection = async (socket: Socket): Promise<void> => {
      const peer = plainAddress(socket.remoteAddress);
      if (!settings.accept.includes(peer)) {
        socket.destroy();
        return log.warn({ peer }, 'closed a connection from an address that is not a PBX of ours');
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      const outbound = await receive(socket, log);
      if (outbound !== undefined) onChannel(outbound);
    };
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => void onConnection(socket));
    await listen(server, settings);
    server.on('error', (error) => log.error({ reason: error.message }, 'the server of outbound sockets has a fault'));
    return {
      stop: async () => {
        const closed = once(server, 'close');
        server.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
  };
