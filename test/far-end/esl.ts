/**
 * The far end of both connections with FreeSWITCH: an event socket that keeps a few channels, speaks as the recorded one
 * does, and can be told to stall, hang up, cut and flood; and a dialler of hand-overs. It stands beside the real one and
 * the recorded one, for what befalls them too seldom to be waited for.
 */
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { type Command, EFFECTS, parse } from './esl-commands.ts';
import { encodeValue, type Message, splitMessages, writeMessage } from './esl-messages.ts';

/** What befalls a command. */
export type Fault =
  | 'stall' // not done, never answered
  | 'reset' // not done, the connection is cut
  | 'reset-after' // done, but the connection is cut in the middle of the answer
  | 'flood' // answered with a header without an end
  | 'garbage'; // an event that is half a JSON document, then the answer

export interface Channel {
  readonly id: string;
  state: 'ringing' | 'answered';
  context: string;
  readonly callerNumber: string;
  readonly variables: Map<string, string>;
  /** What it is told to run, in turn; the first is running. */
  readonly queue: Execution[];
  bridgedWith?: string;
}

export interface Execution {
  readonly application: string;
  readonly argument: string;
  readonly id: string;
}

const HOST = '127.0.0.1';
const RINGS_AFTER_MS = 30;

export class EslFarEnd {
  readonly channels = new Map<string, Channel>();
  /** Commands asked for, in order, done or not; and dial strings of those that were dialled. */
  readonly asked: string[] = [];
  readonly dialled: string[] = [];
  /** Callers that left for the fallback. */
  readonly released: string[] = [];
  password = 'password';
  /** Kinds of events that are asked for, as they were written. */
  wanted = '';
  /** Event sockets there have been. */
  connections = 0;
  /** How long a channel takes to end once it is told to. */
  hangupMs = 0;
  /** What it tells its lives apart by. */
  life = 'first';
  /** Whoever connects to the event socket is closed at once. */
  isAway = false;
  /** The next event sockets are not greeted. */
  isSilent = false;
  /** `show channels` does not know of any channel yet. */
  isListBehind = false;
  /** Why a recording ended, as FreeSWITCH tells it. */
  completionCause = 'success-maxtime';
  /** Nothing can be recorded. */
  isReadOnly = false;
  /** Recordings under way: file → channel id. */
  readonly recordings = new Map<string, string>();
  /** What is mixed into what a channel is sent: channel id → file. */
  readonly mixed = new Map<string, string>();
  /** Breaks what is written into pieces, each seen alone; merged, with all that is written in the same moment, without. */
  cut: ((bytes: Buffer) => Iterable<Buffer>) | undefined;
  readonly #after = new Map<string, () => void>();
  readonly #faults = new Map<string, Fault[]>();
  readonly #handOvers = new Map<string, Socket>();
  readonly #server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
  #socket: Socket | undefined;
  readonly #unsent = new Map<Socket, Buffer[]>();
  #sending: Promise<void> = Promise.resolve();

  static async open(): Promise<EslFarEnd> {
    const farEnd = new EslFarEnd();
    farEnd.#server.listen(0, HOST);
    await once(farEnd.#server, 'listening');
    return farEnd;
  }

  get eventSocket(): { host: string; port: number; password: string } {
    return { host: HOST, port: (this.#server.address() as AddressInfo).port, password: 'password' };
  }

  close(): void {
    this.cutOff();
    for (const socket of this.#handOvers.values()) socket.destroy();
    this.#server.close();
  }

  /** What befalls the next commands of that name, one each. */
  fault(command: string, ...faults: Fault[]): void {
    this.#faults.set(command, faults);
  }

  /** Once, as soon as the next command of that name has been obeyed, and before its answer can be heard. */
  after(command: string, then: () => void): void {
    this.#after.set(command, then);
  }

  /** Ends a caller's own connection; the call stays where it is. */
  async cutOwn(id: string): Promise<void> {
    const socket = this.#handOvers.get(id);
    if (socket === undefined) return;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
  }

  /** Ends the event socket. @param half what is told of a last message. */
  cutOff(half = ''): void {
    this.#socket?.write(half);
    this.#socket?.destroySoon();
    this.#socket = undefined;
  }

  /** A new life: everything of the former one is gone. */
  restart(): void {
    this.cutOff();
    this.channels.clear();
    for (const socket of this.#handOvers.values()) socket.destroy();
    this.life = 'second';
  }

  /** Tells an event; lost while nobody is connected. */
  tell(event: Readonly<Record<string, string | undefined>>): void {
    this.#say({ head: 'Content-Type: text/event-json', body: JSON.stringify(event) });
  }

  tellOf(channel: Channel, name: string, more: Readonly<Record<string, string>> = {}): void {
    this.tell({ ...describe(channel), 'Event-Name': name, ...more });
  }

  endRecording(file: string): void {
    const channel = this.channels.get(this.recordings.get(file) ?? '');
    this.recordings.delete(file);
    const how = { 'Record-File-Path': file, 'Record-Completion-Cause': this.completionCause };
    if (channel !== undefined) this.tellOf(channel, 'RECORD_STOP', how);
  }

  endMixed(id: string): void {
    const channel = this.channels.get(id);
    const file = this.mixed.get(id);
    if (channel === undefined || file === undefined) return;
    this.mixed.delete(id);
    const told = { 'Media-Bug-Function': 'displace', 'Media-Bug-Target': file };
    setTimeout(() => this.tellOf(channel, 'MEDIA_BUG_STOP', told), 10); // after the answer to who stops it
  }

  /** A caller's channel, which the dialplan hands over. @param to the controller's port. */
  async enter(id: string, to: number, { caller = '05922001234', from = HOST } = {}): Promise<Channel> {
    const channel = this.add(id, { hotline_trunk: 'exchange', socket_resume: 'true' }, 'hotline-in', caller);
    await this.handOver(id, to, from);
    return channel;
  }

  add(id: string, variables: Record<string, string>, context: string, callerNumber = '05922001234'): Channel {
    const kept = new Map(Object.entries(variables));
    const channel: Channel = { id, state: 'ringing', context, callerNumber, variables: kept, queue: [] };
    this.channels.set(id, channel);
    return channel;
  }

  async handOver(id: string, port: number, localAddress = HOST): Promise<void> {
    const socket = createConnection({ host: HOST, port, localAddress, noDelay: true });
    socket.on('error', () => undefined); // told by its close
    await once(socket, 'connect');
    this.#handOvers.set(id, socket);
    const channel = this.channels.get(id);
    const facts = channel === undefined ? {} : describe(channel);
    const lines = Object.entries({ ...facts, 'Event-Name': 'CHANNEL_DATA' }).map(
      ([name, value]) => `${name}: ${encodeValue(value)}`,
    );
    const head = [
      ...lines,
      'Content-Type: command/reply',
      'Reply-Text: %2BOK%0A',
      'Socket-Mode: async',
      'Control: full',
    ];
    socket.on(
      'data',
      splitMessages(({ head: said }) => {
        if (said === 'connect') this.#say({ head: head.join('\n'), body: '' }, socket);
        else this.#onCommand(socket, parse(said));
      }),
    );
  }

  answer(id: string): void {
    const channel = this.channels.get(id);
    if (channel === undefined) return;
    channel.state = 'answered';
    channel.variables.set('current_application', 'park');
    this.tell({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': id, _body: `+OK ${id}\n` });
    this.tellOf(channel, 'CHANNEL_PARK');
  }

  hangup(id: string, cause = 'NORMAL_CLEARING'): void {
    const channel = this.channels.get(id);
    if (channel === undefined) return;
    this.channels.delete(id);
    this.tellOf(channel, 'CHANNEL_HANGUP', { 'Hangup-Cause': cause });
    this.#handOvers.get(id)?.end();
  }

  /** Sends a caller to the fallback. */
  release(channel: Channel): void {
    channel.context = 'hotline-fallback';
    this.released.push(channel.id);
    this.#handOvers.get(channel.id)?.end();
  }

  /** Makes a channel and dials it. @param id also of the job. */
  dial(dialString: string, id: string): void {
    if (this.channels.has(id)) {
      this.tell({ 'Event-Name': 'BACKGROUND_JOB', 'Job-UUID': id, _body: '-ERR DESTINATION_OUT_OF_ORDER\n' });
      return;
    }
    this.dialled.push(dialString);
    const given = [...dialString.matchAll(/(\w[\w-]*)='([^']*)'/g)].map(([, name, value]) => [name, value]);
    const leg = this.add(id, Object.fromEntries(given), 'default');
    setTimeout(() => this.channels.has(id) && this.tellOf(leg, 'CHANNEL_PROGRESS'), RINGS_AFTER_MS);
  }

  run(channel: Channel, execution: Execution): void {
    channel.queue.push(execution);
    if (channel.queue.length === 1) this.#begin(channel);
  }

  /** The end of what the channel runs: of its own accord, or broken off. */
  endOf(id: string, response = 'FILE PLAYED'): void {
    const channel = this.channels.get(id);
    const ended = channel?.queue.shift();
    if (channel === undefined || ended === undefined) return;
    const what = { Application: ended.application, 'Application-UUID': ended.id, 'Application-Response': response };
    this.tellOf(channel, 'CHANNEL_EXECUTE_COMPLETE', what);
    if (channel.queue.length > 0) this.#begin(channel);
  }

  #begin(channel: Channel): void {
    const { application, argument } = channel.queue[0] as Execution;
    channel.variables.set('current_application', application).set('current_application_data', argument);
    if (application === 'playback') return; // until it is ended
    const [name = '', value = ''] = argument.split('=');
    if (application === 'set') channel.variables.set(name, value);
    if (application === 'intercept') this.bridge(channel, argument);
    this.endOf(channel.id, '_none_');
  }

  bridge(channel: Channel, with_: string): void {
    channel.bridgedWith = with_;
    channel.variables.set('bridge_uuid', with_);
    this.tellOf(channel, 'CHANNEL_BRIDGE', { 'Other-Leg-Unique-ID': with_ });
  }

  #onConnection(socket: Socket): void {
    socket.on('error', () => undefined); // told by its close
    if (this.isAway) {
      socket.destroy();
      return;
    }
    this.connections += 1;
    this.#socket = socket;
    socket.on(
      'data',
      splitMessages(({ head }) => this.#onCommand(socket, parse(head))),
    );
    if (!this.isSilent) this.#say({ head: 'Content-Type: auth/request', body: '' });
  }

  #onCommand(socket: Socket, command: Command): void {
    const { name } = command;
    this.asked.push(name);
    const fault = this.#faults.get(name)?.shift();
    if (fault === 'reset') this.#cutBoth(socket);
    else if (fault === 'flood') flood(socket);
    else if (fault !== 'stall') this.#obey(socket, command, fault);
  }

  /** What cuts a caller's own connection cuts the event socket too. */
  #cutBoth(socket: Socket, half = ''): void {
    this.cutOff(half);
    socket.end(half, () => socket.destroy());
  }

  #obey(socket: Socket, command: Command, fault: Fault | undefined): void {
    const { name, isApi } = command;
    if (fault === 'garbage') this.#say({ head: 'Content-Type: text/event-json', body: '{"half": ' }, socket);
    const answer = EFFECTS[name]?.(this, command) ?? '-ERR no such command';
    if (fault === 'reset-after') this.#cutBoth(socket, 'Content-Type: api/resp');
    else if (isApi) this.#say({ head: 'Content-Type: api/response', body: answer }, socket);
    else this.#say({ head: `Content-Type: command/reply\nReply-Text: ${answer}`, body: '' }, socket);
    const then = this.#after.get(name);
    this.#after.delete(name);
    then?.();
  }

  /** All that is said in one moment over one connection goes out in one write. */
  #say(message: Message, socket = this.#socket): void {
    if (socket === undefined) return;
    const unsent = this.#unsent.get(socket) ?? [];
    this.#unsent.set(socket, unsent);
    unsent.push(writeMessage(message));
    if (unsent.length > 1) return;
    queueMicrotask(() => {
      void this.#write(socket, unsent);
      this.#unsent.delete(socket);
    });
  }

  #write(socket: Socket, messages: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(messages);
    if (this.cut === undefined) socket.write(bytes);
    else this.#sending = this.#sending.then(() => this.#inPieces(socket, bytes));
    return this.#sending;
  }

  async #inPieces(socket: Socket, bytes: Buffer): Promise<void> {
    for (const piece of this.cut?.(bytes) ?? []) {
      socket.write(piece);
      await turn();
    }
  }
}

export const describe = ({ id, state, context, callerNumber, variables }: Channel): Record<string, string> => ({
  'Unique-ID': id,
  'Answer-State': state,
  'Caller-Destination-Number': '059212333',
  'Caller-Caller-ID-Number': callerNumber,
  'Caller-Context': context,
  ...Object.fromEntries([...variables].map(([name, value]) => [`variable_${name}`, value])),
});

/** Ten megabytes of a header, and more, until the other end closes. */
export function flood(socket: Socket): void {
  const piece = Buffer.alloc(1 << 16, 'x');
  const more = (): void => {
    while (!socket.destroyed && socket.bytesWritten + socket.writableLength < 10_000_000) {
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more);
  socket.write('Content-Type: ');
  more();
}
