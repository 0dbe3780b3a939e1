/**
 * The far end of ARI: an HTTP and WebSocket server that describes its operations as Asterisk does, keeps a few channels,
 * bridges and playbacks, and can be told to stall, reset, lie and forget. It stands beside the real Asterisk, for what a
 * real one does too seldom to be waited for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { describeResource, findRoute, type Request, resourceIndex } from './ari-routes.ts';

/** What befalls an operation. */
export type Fault =
  | 'stall' // not done, never answered
  | 'reset' // not done, the connection is cut
  | 'reset-after' // done, but the answer is cut off
  | 'busy' // 503, as with too many sessions
  | 'failed' // 500, not done
  | 'garbage'; // 200 with half a JSON document

interface Channel {
  readonly id: string;
  state: 'Down' | 'Ringing' | 'Up';
  isDialled?: true;
  readonly args: readonly string[];
  readonly variables: Map<string, string>;
}

const APP = 'hotline';
const RINGS_AFTER_MS = 100;

type Effect = (farEnd: AriFarEnd, request: Request) => unknown;

/** What each operation does here: an object or nothing is 200, a number a refusal of that status. */
const EFFECTS: Readonly<Record<string, Effect>> = {
  'asterisk.getInfo': (it) => ({ status: { startup_time: it.startedAt } }),
  'applications.filter': () => ({}),
  'applications.get': (it) => (it.isForgotten ? 404 : { channel_ids: [...it.channels.keys()], bridge_ids: [] }),
  'bridges.list': (it) => [...it.bridges].map(([id, inside]) => ({ id, channels: [...inside] })),
  'bridges.createWithId': (it, { bridgeId = '' }) =>
    void it.bridges.set(bridgeId, it.bridges.get(bridgeId) ?? new Set()),
  'bridges.addChannel': (it, { bridgeId = '', channel = '' }) => {
    if (!it.channels.has(channel)) return 400;
    const bridge = it.bridges.get(bridgeId);
    if (bridge === undefined) return 404;
    for (const other of it.bridges.values()) other.delete(channel);
    return void bridge.add(channel);
  },
  'bridges.playWithId': (it, { bridgeId = '', playbackId = '' }) =>
    it.bridges.has(bridgeId) ? void it.playbacks.add(playbackId) : 404,
  'applications.subscribe': (it, { eventSource = '' }) => void it.sources.add(eventSource),
  'applications.unsubscribe': (it, { eventSource = '' }) => void it.sources.delete(eventSource),
  'bridges.destroy': (it, { bridgeId = '' }) => (it.bridges.delete(bridgeId) ? undefined : 404),
  'bridges.record': (it, { bridgeId = '', name = '' }) => {
    if (!it.bridges.has(bridgeId)) return 404;
    return it.recordings.has(name) ? 409 : it.beginRecording(name);
  },
  'channels.list': (it) => [...it.channels.values()].map(modelOf),
  'channels.get': (it, { channelId = '' }) => ofChannel(it, channelId, modelOf),
  'channels.answer': (it, { channelId = '' }) => ofChannel(it, channelId, () => it.setState(channelId, 'Up')),
  'channels.create': (it, { channelId = '', otherChannelId }) => {
    if (it.channels.has(channelId)) return 409;
    if (otherChannelId !== undefined) it.halves.set(otherChannelId, new Map());
    return void it.enter(channelId, ['leg']);
  },
  'channels.dial': (it, { channelId = '' }) =>
    ofChannel(it, channelId, (channel) => {
      if (channel.isDialled) throw new Error('dialled twice: a real Asterisk 22.10 dies of it');
      channel.isDialled = true;
      setTimeout(() => it.setState(channelId, 'Ringing'), RINGS_AFTER_MS);
    }),
  'channels.hangup': (it, { channelId = '' }) => ofChannel(it, channelId, () => it.hangup(channelId)),
  'channels.continueInDialplan': (it, { channelId = '' }) => ofChannel(it, channelId, () => it.hangup(channelId)),
  'channels.getChannelVar': (it, { channelId = '', variable = '' }) => {
    const variables = it.channels.get(channelId)?.variables ?? it.halves.get(channelId);
    return variables === undefined ? 404 : { value: variables.get(variable) ?? '' };
  },
  'channels.setChannelVar': (it, { channelId = '', variable = '', value = '' }) =>
    ofChannel(it, channelId, ({ variables }) => void variables.set(variable, value)),
  'channels.mute': (it, { channelId = '' }) => ofChannel(it, channelId, () => void it.muted.add(channelId)),
  'channels.unmute': (it, { channelId = '' }) => ofChannel(it, channelId, () => void it.muted.delete(channelId)),
  'channels.ring': (it, { channelId = '' }) => ofChannel(it, channelId, () => void it.sounds.set(channelId, 'ringing')),
  'channels.ringStop': (it, { channelId = '' }) => ofChannel(it, channelId, () => void it.sounds.delete(channelId)),
  'channels.startMoh': (it, { channelId = '' }) =>
    ofChannel(it, channelId, () => void it.sounds.set(channelId, 'music')),
  'channels.stopMoh': (it, { channelId = '' }) => ofChannel(it, channelId, () => void it.sounds.delete(channelId)),
  'channels.snoopChannelWithId': (it, { channelId = '', snoopId = '' }) =>
    ofChannel(it, channelId, () => {
      if (it.channels.has(snoopId)) return 409;
      return void it.enter(snoopId, ['snoop']);
    }),
  'channels.transfer_progress': (it, { channelId = '', states = '' }) =>
    ofChannel(it, channelId, () => void it.toldOfRefer.push([channelId, states])),
  'channels.playWithId': (it, { channelId = '', playbackId = '' }) =>
    ofChannel(it, channelId, () => void it.playbacks.add(playbackId)),
  'playbacks.get': (it, { playbackId = '' }) => (it.playbacks.has(playbackId) ? {} : 404),
  'playbacks.stop': (it, { playbackId = '' }) => (it.playbacks.has(playbackId) ? it.endPlayback(playbackId) : 404),
  'recordings.getLive': (it, { recordingName = '' }) => (it.recordings.has(recordingName) ? {} : 404),
  'recordings.stop': (it, { recordingName = '' }) =>
    it.recordings.has(recordingName) ? it.endRecording(recordingName) : 404,
};

const modelOf = ({ id, state, args }: Channel) => ({
  id,
  state,
  caller: { name: '', number: '05922001234' },
  dialplan: { exten: '059212333', app_data: [APP, ...args].join(',') },
});

const ofChannel = <T>(it: AriFarEnd, id: string, effect: (channel: Channel) => T): T | 404 => {
  const channel = it.channels.get(id);
  return channel === undefined ? 404 : effect(channel);
};

export class AriFarEnd {
  readonly channels = new Map<string, Channel>();
  readonly bridges = new Map<string, Set<string>>();
  readonly playbacks = new Set<string>();
  /** Variables of the far halves of Local channels, which are in no application. */
  readonly halves = new Map<string, Map<string, string>>();
  readonly muted = new Set<string>();
  /** What a channel hears besides its bridge. */
  readonly sounds = new Map<string, 'ringing' | 'music'>();
  /** What an application is told of besides its own channels. */
  readonly sources = new Set<string>();
  /** Channel and state, as phones were told what becomes of a REFER. */
  readonly toldOfRefer: (readonly [string, string])[] = [];
  /** Names of those under way. */
  readonly recordings = new Set<string>();
  /** Operations asked for, in order, done or not. */
  readonly asked: string[] = [];
  startedAt = '2026-01-01T00:00:00.000+0000';
  /** Event connections there have been. */
  connections = 0;
  /** The application is not known any more. */
  isForgotten = false;
  readonly #faults = new Map<string, Fault[]>();
  readonly #after = new Map<string, () => void>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#server, path: '/ari/events' });
  #socket: WebSocket | undefined;

  static async open(): Promise<AriFarEnd> {
    const farEnd = new AriFarEnd();
    farEnd.#sockets.on('connection', (socket) => {
      farEnd.#socket = socket;
      farEnd.connections += 1;
    });
    farEnd.#server.listen(0, '127.0.0.1');
    await once(farEnd.#server, 'listening');
    return farEnd;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.cut();
    this.#sockets.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What befalls the next requests for an operation (`api-docs`: for a description), one each. */
  fault(operation: string, ...faults: Fault[]): void {
    this.#faults.set(operation, faults);
  }

  get faultsLeft(): number {
    return [...this.#faults.values()].flat().length;
  }

  /** Once, as soon as the next request for an operation has been answered. */
  after(operation: string, then: () => void): void {
    this.#after.set(operation, then);
  }

  /** Cuts the event connection. */
  cut(): void {
    this.#socket?.terminate();
    this.#socket = undefined;
  }

  /** A new life: everything of the former one is gone. */
  restart(): void {
    this.cut();
    this.channels.clear();
    this.bridges.clear();
    this.playbacks.clear();
    this.recordings.clear();
    this.startedAt = '2026-01-01T00:01:00.000+0000';
  }

  /** Tells an event; lost while nobody is connected. */
  tell(event: object): void {
    this.#socket?.send(JSON.stringify(event));
  }

  /** A channel in the application. @param args as the dialplan hands them over. */
  enter(id: string, args: readonly string[] = ['arrived', 'exchange']): Channel {
    const channel: Channel = { id, state: 'Down', args, variables: new Map() };
    this.channels.set(id, channel);
    this.tell({ type: 'StasisStart', args, channel: modelOf(channel) });
    return channel;
  }

  setState(id: string, state: Channel['state']): void {
    const channel = this.channels.get(id);
    if (channel === undefined) return;
    channel.state = state;
    this.tell({ type: 'ChannelStateChange', channel: modelOf(channel) });
  }

  hangup(id: string): void {
    const channel = this.channels.get(id);
    if (channel === undefined) return;
    this.channels.delete(id);
    for (const inside of this.bridges.values()) inside.delete(id);
    this.tell({ type: 'StasisEnd', channel: modelOf(channel) });
    this.tell({ type: 'ChannelDestroyed', cause: 16, channel: modelOf(channel) });
  }

  endPlayback(id: string): void {
    this.playbacks.delete(id);
    this.tell({ type: 'PlaybackFinished', playback: { id, state: 'done' } });
  }

  beginRecording(name: string): void {
    this.recordings.add(name);
    this.tell({ type: 'RecordingStarted', recording: { name } });
  }

  /** @param duration seconds; 0 for one whose file could not be opened. */
  endRecording(name: string, duration = 5): void {
    this.recordings.delete(name);
    this.tell({ type: 'RecordingFinished', recording: { name, duration } });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const url = new URL(request.url ?? '', this.url);
    const description = /^\/ari\/api-docs\/(\w+)\.json$/.exec(url.pathname)?.[1];
    const asked = description === undefined ? findRoute(request.method ?? '', url, Buffer.concat(pieces)) : undefined;
    const operation = description === undefined ? (asked?.operation ?? 'unknown') : 'api-docs';
    this.asked.push(operation);
    const fault = this.#faults.get(operation)?.shift();
    if (fault === 'stall') return;
    if (fault === 'reset') return void response.destroy();
    if (fault === 'busy') return void response.writeHead(503).end('<html>');
    if (fault === 'failed') return void response.writeHead(500).end('{"message":"Allocation failed"}');
    if (fault === 'garbage') return void response.writeHead(200).end('{"half": ');
    const answer =
      description === undefined ? EFFECTS[operation]?.(this, asked?.request ?? {}) : this.#describe(description);
    if (fault === 'reset-after') return void response.destroy();
    response.writeHead(typeof answer === 'number' ? answer : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(typeof answer === 'number' ? { message: 'refused' } : (answer ?? null)));
    const then = this.#after.get(operation);
    this.#after.delete(operation);
    then?.();
  }

  #describe(name: string): object {
    return name === 'resources' ? resourceIndex(this.url) : describeResource(name, this.url);
  }
}
