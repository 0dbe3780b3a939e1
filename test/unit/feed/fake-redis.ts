/** The far end: a Redis that can be slow, refuse, and hang up before it answers. It speaks what ioredis asks of it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What becomes of one append: its answer, or the end of its connection. */
export type Append = (record: string, nth: number) => string | 'hang up' | Promise<string>;

export interface FakeRedis {
  readonly url: string;
  /** Every record that came, whatever became of it. */
  readonly came: string[];
  /** Off the network, connections cut. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  /** What it answers to the question whether it is ready; undefined: that it is. */
  setInfo(answer: string | undefined): void;
}

const READY = '$9\r\nloading:0\r\n';
const NO_HELLO = "-ERR unknown command 'HELLO'\r\n";

/** Takes whole commands off the front of `text`, which holds one character for each byte. */
function takeCommands(text: string): { commands: string[][]; rest: string } {
  const commands: string[][] = [];
  let rest = text;
  for (;;) {
    const head = /^\*(\d+)\r\n/.exec(rest);
    if (!head) return { commands, rest };
    let at = head[0].length;
    const words: string[] = [];
    while (words.length < Number(head[1])) {
      const size = /^\$(\d+)\r\n/.exec(rest.slice(at, at + 20));
      const from = at + (size?.[0].length ?? 0);
      const to = from + Number(size?.[1]);
      if (!size || rest.length < to + 2) return { commands, rest };
      words.push(Buffer.from(rest.slice(from, to), 'latin1').toString());
      at = to + 2;
    }
    commands.push(words);
    rest = rest.slice(at);
  }
}

export async function openFakeRedis(append: Append = () => '+1-0\r\n'): Promise<FakeRedis> {
  let info = READY;
  const came: string[] = [];
  const sockets = new Set<Socket>();
  const answer = async (socket: Socket, [name = '', ...words]: string[]): Promise<void> => {
    if (name !== 'xadd') return void socket.write({ info, hello: NO_HELLO }[name.toLowerCase()] ?? '+OK\r\n');
    const record = words.at(-1) ?? '';
    const given = await append(record, came.push(record));
    if (given === 'hang up') socket.destroy();
    else if (socket.writable) socket.write(given);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    socket.setEncoding('latin1').on('data', (piece: string) => {
      const { commands, rest } = takeCommands(text + piece);
      text = rest;
      for (const command of commands) void answer(socket, command);
    });
  });
  const listen = async (port: number): Promise<void> =>
    void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const leave = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(leave);
  const setInfo: FakeRedis['setInfo'] = (given = READY) => {
    info = given;
  };
  return { url: `redis://127.0.0.1:${port}`, came, leave, comeBack: () => listen(port), setInfo };
}
