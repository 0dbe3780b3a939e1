/**
 * Stands between the adapter and a real FreeSWITCH, on the event socket and on every hand-over, and between the contract
 * suite and its rig; writes down what each of them says, a transcript for each case.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { ListenForChannels } from '../../src/switch/freeswitch/esl/client.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl/events.ts';
import type { FreeSwitchEdges } from '../../src/switch/freeswitch/switch.ts';
import type { PhoneInHand, Rig } from '../contract/rig.ts';
import { keep } from './esl-keep.ts';
import { encodeValue, isReply, splitMessages } from './esl-messages.ts';
import { CONTROLLER, type Entry, OPENING, type Saying, writeTranscript } from './transcript.ts';

/** Where the adapter listens while the recorder has its address: the same port of another loopback address. */
const INNER_HOST = '127.0.0.2';

/** Nothing more comes of a case when nothing came for so long. */
const QUIET_MS = 700;

/** Asked by the clock, not by a case. */
const HEARTBEAT = 'api hostname';

/** Of this machine and this run → what is written in its place. */
export type Replacements = readonly (readonly [actual: string, written: string])[];

type Does = (what: string, details?: unknown) => void;
type Sees = <T>(what: string, value: T) => T;

export class FreeSwitchRecorder {
  readonly #folder: string;
  readonly #replacements: Replacements;
  readonly #listen: ListenForChannels;
  readonly #transcripts = new Map<string, Entry[]>();
  #case = OPENING;
  /** Nothing is left of the case; what comes until the next is not the suite's. */
  #isOver = false;
  #since = performance.now();
  #lastAt = 0;
  #asks = 0;
  #labels = new Map<Socket, string>();
  #counts = { events: 0, 'hand-over': 0 };

  /** @param listen what the adapter listens with. */
  constructor(folder: string, listen: ListenForChannels, controller: string, replacements: Replacements) {
    this.#folder = folder;
    this.#listen = listen;
    const address = [controller, encodeValue(controller)].map((actual) => [actual, CONTROLLER] as const);
    this.#replacements = [...address, ...replacements];
  }

  /** What the adapter is to reach FreeSWITCH by. */
  readonly edges: FreeSwitchEdges = {
    connect: async (settings, onEvent, queueEvents) => {
      const server = await this.#between('events', '127.0.0.1', 0, { host: settings.host, port: settings.port });
      const { port } = server.address() as { port: number };
      try {
        return await connectEsl({ ...settings, port }, onEvent, queueEvents);
      } finally {
        server.close();
      }
    },
    listen: async (settings, onChannel) => {
      const inner = await this.#listen({ ...settings, host: INNER_HOST }, (handed) =>
        onChannel({ ...handed, controller: `${settings.host}:${settings.port}` }),
      );
      const target = { host: INNER_HOST, port: settings.port, localAddress: '127.0.0.1' };
      const server = await this.#between('hand-over', settings.host, settings.port, target);
      return {
        stop: async () => {
          server.close();
          await inner.stop();
        },
      };
    },
  };

  /** The rig, overheard. @param nameOfCase of the case that runs now. */
  around(rig: Rig, nameOfCase: () => string): Rig {
    const does = (what: string, details?: unknown) => {
      this.#note({ from: 'test', does: what, ...(details !== undefined && { with: details }) });
    };
    const sees = <T>(what: string, value: T): T => {
      this.#note({ from: 'test', sees: what, value });
      return value;
    };
    return {
      newSwitch: () => {
        does('makes a switch');
        return rig.newSwitch();
      },
      phone: (endpoint, behaviour) => {
        this.#begin(nameOfCase());
        does('sets a phone', { endpoint, ...behaviour });
        rig.phone(endpoint, behaviour);
      },
      placeCall: (dialled, from) => {
        this.#begin(nameOfCase());
        does('places a call', { dialled, from });
        const placed = rig.placeCall(dialled, from);
        const ended = placed.ended.then((cause) => sees('the caller’s end', cause));
        return {
          ended,
          hangup: () => {
            does('hangs up');
            placed.hangup();
          },
          shown: async () => {
            does('hangs up');
            return sees('what the phone showed', await placed.shown());
          },
        };
      },
      inHand: (endpoint) => this.#inHand(endpoint, rig.inHand(endpoint), does, sees),
      hears: async (who) => {
        const ask = this.#ask();
        does('listens', { who, ask });
        return sees(`what is heard, ${ask}`, await rig.hears(who));
      },
      headers: async (endpoint) => {
        const ask = this.#ask();
        does('reads headers', { endpoint, ask });
        return sees(`what the headers say, ${ask}`, await rig.headers(endpoint));
      },
      voicesIn: async (recording) => {
        const ask = this.#ask();
        does('listens to a recording', { ask });
        return sees(`the voices in a recording, ${ask}`, await rig.voicesIn(recording));
      },
      leftovers: async () => {
        while (performance.now() - this.#lastAt < QUIET_MS) await delay(QUIET_MS / 4);
        const leftovers = await rig.leftovers();
        this.#isOver = leftovers.length === 0;
        return leftovers;
      },
      close: async () => {
        const transcripts = [...this.#transcripts];
        await rig.close();
        await mkdir(this.#folder, { recursive: true });
        for (const [name, entries] of transcripts) await writeTranscript(this.#folder, name, this.#checked(entries));
      },
    };
  }

  #inHand(endpoint: string, phone: PhoneInHand, does: Does, sees: Sees): PhoneInHand {
    const asked = async <T>(what: string, details: object, work: () => Promise<T>): Promise<T> => {
      const ask = this.#ask();
      does(what, { endpoint, ...details, ask });
      return sees(`what became of it, ${ask}`, await work());
    };
    return {
      press: (keys) => asked('presses keys', { keys }, () => phone.press(keys)),
      refer: (to) => asked('asks for a transfer', { to }, () => phone.refer(to)),
      referToOwnCall: () => asked('asks to have its calls joined', {}, () => phone.referToOwnCall()),
      hangUp: () => asked('hangs up at the phone', {}, () => phone.hangUp()),
      call: async (dialled) => {
        const ask = this.#ask();
        does('calls by itself', { endpoint, dialled, ask });
        const own = await phone.call(dialled);
        return {
          answered: own.answered.then((isAnswered) => sees(`whether it was answered, ${ask}`, isAnswered)),
          ended: own.ended.then((cause) => sees(`its end, ${ask}`, cause)),
          hangUp: () => asked('ends its own call', {}, () => own.hangUp()),
        };
      },
    };
  }

  /** Of the questions of a case, which this is. */
  #ask(): number {
    this.#asks += 1;
    return this.#asks;
  }

  #begin(name: string): void {
    if (name === this.#case) return;
    this.#case = name;
    this.#isOver = false;
    this.#asks = 0;
    this.#since = performance.now();
    const open = [...this.#labels].filter(([socket, label]) => label.startsWith('events') && !socket.destroyed);
    this.#labels = new Map(open.map(([socket], index) => [socket, `events-${index + 1}`]));
    this.#counts = { events: open.length, 'hand-over': 0 };
  }

  #note(saying: Saying): void {
    this.#lastAt = performance.now();
    if (this.#isOver) return;
    const entries = this.#transcripts.get(this.#case) ?? [];
    this.#transcripts.set(this.#case, entries);
    let line = JSON.stringify({ ms: Math.round(this.#lastAt - this.#since), ...saying });
    for (const [actual, written] of this.#replacements) line = line.replaceAll(actual, written);
    entries.push(JSON.parse(line));
  }

  /** @throws Error when something of this machine would be written. */
  #checked(entries: readonly Entry[]): readonly Entry[] {
    const text = JSON.stringify(entries);
    for (const own of [hostname(), process.cwd(), process.env.FREESWITCH_HOME ?? '', process.env.HOME ?? '']) {
      if (own.length > 2 && text.includes(own)) throw new Error(`a transcript holds ${own}, which is of this machine`);
    }
    return entries;
  }

  /** Listens, and passes each connection on to `target`. */
  async #between(
    kind: 'events' | 'hand-over',
    host: string,
    port: number,
    target: { host: string; port: number; localAddress?: string },
  ): Promise<Server> {
    const server = createServer({ noDelay: true }, (near) => {
      const far = createConnection({ ...target, noDelay: true });
      this.#counts[kind] += 1;
      this.#labels.set(near, `${kind}-${this.#counts[kind]}`);
      const [controller, pbx] = kind === 'events' ? [near, far] : [far, near];
      this.#overhear(near, controller, pbx, kind === 'events' ? 'controller' : 'freeswitch');
    });
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  }

  #overhear(near: Socket, controller: Socket, pbx: Socket, dialler: 'controller' | 'freeswitch'): void {
    const on = () => this.#labels.get(near) ?? 'earlier';
    const asked: string[] = [];
    this.#note({ from: dialler, on: on(), does: 'connects' });
    const fromController = splitMessages(({ head }) => {
      asked.push(head);
      if (head !== HEARTBEAT) this.#note({ from: 'controller', on: on(), text: head });
    });
    const fromPbx = splitMessages((message) => {
      if (isReply(message) && asked.shift() === HEARTBEAT) return;
      this.#note({ from: 'freeswitch', on: on(), ...keep(message) });
    });
    let isOpen = true;
    const pass = (from: Socket, to: Socket, name: 'controller' | 'freeswitch', hear: (piece: Buffer) => void) => {
      from.on('data', (piece) => {
        hear(piece);
        to.write(piece);
      });
      from.on('error', () => undefined); // told by its close
      from.on('close', () => {
        if (isOpen) this.#note({ from: name, on: on(), does: 'closes' });
        isOpen = false;
        to.end();
      });
    };
    pass(controller, pbx, 'controller', fromController);
    pass(pbx, controller, 'freeswitch', fromPbx);
  }
}
