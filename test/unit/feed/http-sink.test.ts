/** The HTTP sink against a server that answers in every way there is. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpSink } from '../../../src/feed/sinks/http.ts';
import { SinkBusy, SinkRefused } from '../../../src/feed/sinks/sink.ts';

const secret = 'a secret of sixteen or more';
const lines = ['{"callId":"a","seq":0}', '{"callId":"a","seq":1}'];
const never = new AbortController().signal;

interface Came {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function server(answer: (response: ServerResponse, nth: number) => void) {
  const came: Came[] = [];
  let connections = 0;
  const http = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    request.on('error', () => undefined);
    for await (const piece of request) pieces.push(piece as Buffer);
    came.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
    answer(response, came.length);
  }).on('connection', () => {
    connections += 1;
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  const sink = new HttpSink({ url, secret, timeoutSeconds: 0.3, now: () => 1_790_000_000_500 });
  return { sink, came, connections: () => connections };
}

test('a batch is one signed request, and the same batch has the same key', async () => {
  const { sink, came, connections } = await server((response) => response.writeHead(200).end('{"ok":true}'));
  await sink.send(lines, never);
  await sink.send(lines, never);
  await sink.send(lines.slice(1), never);
  const [first, second, third] = came as [Came, Came, Came];
  expect(JSON.parse(first.body)).toEqual({ records: lines.map((line) => JSON.parse(line)) });
  expect(first.headers['x-hotline-timestamp']).toBe('1790000000');
  const hmac = createHmac('sha256', secret).update(`1790000000.${first.body}`).digest('hex');
  expect(first.headers['x-hotline-signature']).toBe(`v1=${hmac}`);
  expect(first.headers['idempotency-key']).toBe(createHash('sha256').update(first.body).digest('hex'));
  expect(second.headers['idempotency-key']).toBe(first.headers['idempotency-key']);
  expect(third.headers['idempotency-key']).not.toBe(first.headers['idempotency-key']);
  for (let n = 0; n < 20; n += 1) await sink.send(lines, never);
  expect(connections()).toBeLessThanOrEqual(2); // one may still be on its way back to the pool
});

test.each([400, 413, 422])('HTTP %i means the batch, and is not tried again as it is', async (status) => {
  const { sink } = await server((response) => response.writeHead(status).end());
  await expect(sink.send(lines, never)).rejects.toThrow(SinkRefused);
});

test.each([301, 401, 404, 500, 503])('HTTP %i means the sink, and is tried again', async (status) => {
  const { sink, came } = await server((response) => response.writeHead(status, { location: '/elsewhere' }).end());
  const error = await sink.send(lines, never).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ message: `HTTP ${status}` });
  expect(error).not.toBeInstanceOf(SinkRefused);
  expect(came).toHaveLength(1);
});

test('a sink may say when to come back', async () => {
  const { sink } = await server((response) => response.writeHead(429, { 'retry-after': '7' }).end());
  const error = await sink.send(lines, never).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SinkBusy);
  expect(error).toMatchObject({ afterMs: 7_000 });
});

test('a sink that does not answer in time has failed', async () => {
  const { sink } = await server(() => undefined);
  await expect(sink.send(lines, never)).rejects.toThrow(/timeout/i);
});

test('so has one whose answer has no end, and one that cuts the connection', async () => {
  const endless = await server((response) => void response.writeHead(200).write('x'));
  await expect(endless.sink.send(lines, never)).rejects.toThrow(/timeout/i);
  const long = await server((response) => void response.writeHead(500).write('x'.repeat(100_000)));
  await expect(long.sink.send(lines, never)).rejects.toThrow('HTTP 500');
  const cut = await server((response) => void response.socket?.destroy());
  await expect(cut.sink.send(lines, never)).rejects.toThrow(/closed|reset/i);
});

test('nobody there is told by what the machine says of it', async () => {
  const sink = new HttpSink({ url: 'http://127.0.0.1:1/', secret, timeoutSeconds: 1 });
  await expect(sink.send(lines, never)).rejects.toThrow(/ECONNREFUSED|bad port/);
});

test('a stop ends a request that is under way', async () => {
  const { sink } = await server(() => undefined);
  const stopping = new AbortController();
  const sent = sink.send(lines, stopping.signal);
  setTimeout(() => stopping.abort(), 20);
  await expect(sent).rejects.toThrow(/abort/i);
});
