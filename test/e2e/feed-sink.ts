/** The platform's end of the feed: an HTTP server that answers as it is told to, and counts what came. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { signatureOf } from '../../src/feed/sinks/http.ts';
import { type CallRecord, thingOf } from '../../src/records/record.ts';

export const SECRET = 'a secret of sixteen or more';

/** `refuse`: 500, nothing taken · `hang`: taken, never answered · `cut`: taken, and the connection gone before the answer. */
export type Mood = 'well' | 'refuse' | 'hang' | 'cut';

export class TestSink {
  mood: Mood = 'well';
  /** Call → sequence numbers, as each came for the first time. */
  readonly calls = new Map<string, number[]>();
  readonly types = new Map<string, string>();
  /** Milliseconds from each record's time to its coming here. */
  readonly lagsMs: number[] = [];
  readonly problems: string[] = [];
  /** Each record as it came for the first time. */
  readonly records: CallRecord[] = [];
  /** Repeats that tell of something else than what had come by that number: whoever drops repeats would lose them. */
  readonly unlike: string[] = [];
  repeats = 0;
  requests = 0;
  url = '';
  readonly #things = new Map<string, string>();
  readonly #hanging = new Set<ServerResponse>();

  static async open(): Promise<TestSink> {
    const sink = new TestSink();
    const server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      request.on('error', () => undefined);
      for await (const piece of request) pieces.push(piece as Buffer);
      const body = Buffer.concat(pieces).toString();
      const { 'x-hotline-timestamp': timestamp, 'x-hotline-signature': signature } = request.headers;
      if (signature !== signatureOf(SECRET, String(timestamp), body)) sink.problems.push('a bad signature');
      sink.#answer(response, body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/records`;
    onTestFinished(async () => {
      server.closeAllConnections();
      server.close();
    });
    return sink;
  }

  /** Ends what hangs. */
  set(mood: Mood): void {
    this.mood = mood;
    if (mood === 'hang') return;
    for (const response of this.#hanging) response.destroy();
    this.#hanging.clear();
  }

  #answer(response: ServerResponse, body: string): void {
    this.requests += 1;
    if (this.mood === 'refuse') return void response.writeHead(500).end('not now');
    for (const record of (JSON.parse(body) as { records: CallRecord[] }).records) this.#take(record);
    if (this.mood === 'hang') return void this.#hanging.add(response);
    if (this.mood === 'cut') return void response.socket?.destroy();
    response.writeHead(204).end();
  }

  #take(record: CallRecord): void {
    const { callId, seq, type, at } = record;
    const key = `${callId} ${seq}`;
    const seqs = this.calls.get(callId) ?? [];
    this.calls.set(callId, seqs);
    const last = seqs.at(-1) ?? -1;
    if (seq <= last && seqs.includes(seq)) {
      this.repeats += 1;
      const first = this.#things.get(key);
      if (first !== thingOf(record)) this.unlike.push(`${key}: ${thingOf(record)} after ${first}`);
      return;
    }
    if (seq !== last + 1) this.problems.push(`${callId}: ${seq} came after ${last}`);
    seqs.push(seq);
    this.records.push(record);
    this.#things.set(key, thingOf(record));
    this.types.set(callId, type);
    this.lagsMs.push(Date.now() - Date.parse(at));
  }
}
