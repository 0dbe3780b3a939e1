/** Whoever connects to the server of outbound sockets, or answers at the event socket: what is taken, what is not, and what gets through. */
import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { SwitchRefused } from '../../../src/base/errors.ts';
import type { Logger } from '../../../src/base/log.ts';
import type { EslEvent, OutboundSocket } from '../../../src/switch/freeswitch/esl/client.ts';
import { connectEsl } from '../../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../../src/switch/freeswitch/esl/outbound-server.ts';

const HOST = '127.0.0.1';
const TRICKY = { name: '厦门: 热线', path: 'a%b%zz', lines: 'one\ntwo', both: '100 %: 好' };

const lifetimes: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of lifetimes.splice(0)) await end();
});

/** A log that keeps what is worth a person's eye. */
const keepLog = (): { log: Logger; lines: string[] } => {
  const lines: string[] = [];
  const keep = (facts: object, message: string): void => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log: Logger = { debug: () => undefined, info: keep, warn: keep, error: keep, child: () => log };
  return { log, lines };
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
};

const openServer = async () => {
  const port = await freePort();
  const sockets: OutboundSocket[] = [];
  const { log, lines } = keepLog();
  const server = await listenForChannels(log)({ host: HOST, port, accept: [HOST] }, (each) => sockets.push(each));
  lifetimes.push(() => server.stop());
  const connect = (from = HOST): Socket => {
    const socket = createConnection({ host: HOST, port, localAddress: from }).on('error', () => undefined);
    lifetimes.push(() => socket.destroy());
    return socket;
  };
  return { sockets, lines, connect };
};

/** What FreeSWITCH answers to `connect`. */
const channelData = (id: string, variables: Record<string, string> = {}): string => {
  const values = { 'Event-Name': 'CHANNEL_DATA', 'Unique-ID': id, ...variables };
  const lines = Object.entries(values).map(([key, value]) => `${key}: ${encodeURIComponent(value)}\n`);
  const reply = 'Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n';
  return `${reply}${lines.join('')}\n`;
};

describe('the server of outbound sockets', () => {
  test('takes a channel with every value whole', async () => {
    const { sockets, lines, connect } = await openServer();
    connect().write(
      channelData('a1', { variable_name: TRICKY.name, variable_lines: TRICKY.lines, variable_both: TRICKY.both }),
    );
    await expect.poll(() => sockets.length).toBe(1);
    expect(sockets[0]?.channel).toMatchObject({
      'Unique-ID': 'a1',
      variable_name: TRICKY.name,
      variable_lines: TRICKY.lines,
      variable_both: TRICKY.both,
    });
    expect(lines).toEqual([]);
  });

  test('closes whoever comes from another address, in one line of the log', async () => {
    const { sockets, lines, connect } = await openServer();
    await once(connect('127.0.0.2'), 'close');
    expect(lines).toHaveLength(1);
    expect(sockets).toEqual([]);
  });

  test.each([
    ['says nothing', (): void => undefined, /no channel in/],
    ['sends a header of 10 MB', (peer: Socket): void => void peer.write(`X: ${'x'.repeat(10 << 20)}`), /more than/],
    [
      'sends what is no answer',
      (peer: Socket): void => void peer.write('GET / HTTP/1.1\nHost: x\n\n'),
      /what is no channel/,
    ],
    ['leaves at once', (peer: Socket): void => void peer.end(), /closed the connection/],
  ])('closes a peer that %s, in one line of the log, others unharmed', { timeout: 15_000 }, async (_, act, why) => {
    const { sockets, lines, connect } = await openServer();
    const peer = connect();
    await once(peer, 'connect');
    const closed = new Promise((resolve) => peer.resume().once('close', resolve));
    act(peer);
    connect().write(channelData('b2'));
    await expect.poll(() => sockets.length).toBe(1);
    await closed;
    await expect.poll(() => lines).toEqual([expect.stringMatching(why)]);
    expect(sockets.map(({ channel }) => channel['Unique-ID'])).toEqual(['b2']);
  });
});

/** An event socket that takes the password `right`, and answers +OK to the rest. */
const openEventSocket = async (onEvents: (socket: Socket) => void = () => undefined): Promise<number> => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('Content-Type: auth/request\n\n');
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const command = text.slice(0, end);
        text = text.slice(end + 2);
        const isWrong = command.startsWith('auth') && command !== 'auth right';
        socket.write(`Content-Type: command/reply\nReply-Text: ${isWrong ? '-ERR invalid' : '+OK'}\n\n`);
        if (command.startsWith('event')) onEvents(socket);
      }
    });
  }).listen(0, HOST);
  await once(server, 'listening');
  lifetimes.push(() => server.close());
  return portOf(server);
};

describe('the event socket', () => {
  test('a wrong password is refused for good', async () => {
    const port = await openEventSocket();
    const connecting = connectEsl({ host: HOST, port, password: 'wrong' }, () => undefined, 'callcenter::info');
    await expect(connecting).rejects.toBeInstanceOf(SwitchRefused);
  });

  test('an event comes with every value whole', async () => {
    const body = JSON.stringify({ 'Event-Name': 'CHANNEL_PARK', 'Unique-ID': 'c3', ...TRICKY });
    const length = Buffer.byteLength(body);
    const port = await openEventSocket((socket) => {
      socket.write(`Content-Length: ${length}\nContent-Type: text/event-json\n\n${body}`);
    });
    const events: EslEvent[] = [];
    const client = await connectEsl(
      { host: HOST, port, password: 'right' },
      (event) => events.push(event),
      'callcenter::info',
    );
    lifetimes.push(() => client.close());
    await expect.poll(() => events).toEqual([expect.objectContaining(TRICKY)]);
  });

  test('what would be a command of its own is not sent', async () => {
    const port = await openEventSocket();
    const client = await connectEsl({ host: HOST, port, password: 'right' }, () => undefined, 'callcenter::info');
    lifetimes.push(() => client.close());
    await expect(client.api('uuid_setvar', ['a', 'b', 'c\n\napi shutdown'])).rejects.toThrow('not sent');
  });
});
