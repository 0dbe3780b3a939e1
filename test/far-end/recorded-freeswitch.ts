/**
 * A FreeSWITCH that says again what a real one said in each case of the contract suite: an event socket, and a dialler of
 * hand-overs. A message is said once everything that the controller and the test had said and done before it has been
 * said and done again; commands may come in another order, an answer follows its own command. Ids tell of the caller's
 * channel, which is the recorded one, so commands are the same word for word.
 *
 * How often a command is repeated, and whether a channel is looked for, depends on the moment: of equal commands one has
 * to come, and any more are answered like the last. A leg that ends with its caller may be told to end, or not.
 */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { freeTcpPort } from '../../src/lab/pbx/process.ts';
import type { FreeSwitchSettings } from '../../src/switch/freeswitch/switch.ts';
import { encodeValue, isReply, type Message, splitMessages, writeMessage } from './esl-messages.ts';
import { CONTROLLER, type Entry, OPENING, readTranscripts } from './transcript.ts';

const HOST = '127.0.0.1';
/** Of the password and the folders the recorder wrote these. */
const PASSWORD = 'password';
const PROMPTS = '/prompts';
const RECORDINGS = '/recordings';

/** Pauses are told again, but not longer than it takes to see what comes without being waited for. */
const MOST_MS = 50;
const DIAL_WITHIN_MS = 10_000;

/** Breaks what is written into pieces; each is seen alone. */
export type Cut = (bytes: Buffer) => Iterable<Buffer>;

const whole: Cut = (bytes) => [bytes];

const UNKNOWN = '-ERR never recorded';
const api = (body: string): Message => ({ head: 'Content-Type: api/response', body });
const reply = (text: string): Message => ({ head: `Content-Type: command/reply\nReply-Text: ${text}`, body: '' });

/** A leg ends with its caller by itself: whether it is told to as well depends on the moment. */
const ENDS = /^api uuid_kill ([^ ~]+)~\S+ /;

/** Said by the clock, where the call lives long enough. */
const KEEPS = /^api uuid_setvar \S+ socket_resume$/;

type Step = Entry & { isDone: boolean };

/** A case that is played. */
class Scene {
  readonly name: string;
  readonly steps: readonly Step[];
  /** What was said that never was recorded. */
  readonly strange: string[] = [];
  readonly sockets = new Map<string, Socket>();
  /** On its way to the controller, who may answer at once. */
  saying: Step | undefined;
  readonly #answers = new Map<Step, Step>();

  constructor(name: string, entries: readonly Entry[], events: Socket | undefined) {
    this.name = name;
    this.steps = entries.map((entry) => ({ ...entry, isDone: false }));
    if (events !== undefined) this.sockets.set('events-1', events);
    const asked = new Map<string, Step[]>();
    for (const step of this.steps) {
      if (!('text' in step)) continue;
      const waiting = asked.get(step.on) ?? [];
      asked.set(step.on, waiting);
      if (step.from === 'controller') waiting.push(step);
      else if (isReply({ head: step.text })) this.#pair(waiting.shift(), step);
    }
  }

  #pair(command: Step | undefined, answer: Step): void {
    if (command === undefined) throw new Error(`${this.name}: an answer to nothing: ${describe(answer)}`);
    this.#answers.set(answer, command);
    this.#answers.set(command, answer);
  }

  answerTo = (command: Step): Step | undefined => this.#answers.get(command);

  /** The next to be said by FreeSWITCH, or seen by the test. */
  next(): Step | undefined {
    let isHeldUp = false;
    for (const step of this.steps) {
      if (step.isDone) continue;
      if (isSaid(step)) {
        const command = this.#answers.get(step);
        if (command === undefined ? !isHeldUp : command.isDone) return step;
      } else if (!this.#isRepeat(step)) isHeldUp = true;
    }
    return undefined;
  }

  /** Notes that something was done. @returns the step; undefined when it was never recorded. */
  done(isIt: (step: Step) => boolean): Step | undefined {
    const step = this.steps.find((each) => !each.isDone && !isSaid(each) && isIt(each));
    if (step !== undefined) step.isDone = true;
    return step;
  }

  lastEqual(text: string): Step | undefined {
    return this.steps.findLast(
      (step) => step.from === 'controller' && 'text' in step && step.text === text && step.isDone,
    );
  }

  /** The test had the caller hang up; the controller may know by an event, or by a look. */
  get isCallerOver(): boolean {
    return this.steps.some((step) => step.isDone && 'does' in step && step.does === 'hangs up');
  }

  /** FreeSWITCH has told that the channel is no more. */
  isGone(channelId: string): boolean {
    const told = this.steps.filter((step) => step.isDone || step === this.saying);
    return this.#hangupOf(channelId, told);
  }

  #hangupOf(channelId: string, among: readonly Step[]): boolean {
    return among.some((step) => {
      const event = 'json' in step ? (step.json as Record<string, string>) : {};
      return event['Event-Name'] === 'CHANNEL_HANGUP' && event['Unique-ID'] === channelId;
    });
  }

  #isRepeat(step: Step): boolean {
    if (step.from !== 'controller' || !('text' in step)) return false;
    if (step.text.startsWith('api uuid_exists ') || KEEPS.test(step.text)) return true;
    const caller = ENDS.exec(step.text)?.[1];
    if (caller !== undefined && this.#hangupOf(caller, this.steps.slice(0, this.steps.indexOf(step)))) return true;
    const first = this.steps.find((each) => 'text' in each && each.text === step.text);
    return first !== step;
  }

  /** What keeps the case from being over. */
  left(): string[] {
    const missing = this.steps.find((step) => !step.isDone && !isSaid(step) && !this.#isRepeat(step));
    const waiting = missing === undefined && this.next() !== undefined ? ['FreeSWITCH has more to say'] : [];
    return [...this.strange, ...(missing === undefined ? waiting : [`expected: ${describe(missing)}`])];
  }
}

const isSaid = (step: Entry): boolean => step.from === 'freeswitch' || (step.from === 'test' && 'sees' in step);

function describe({ ms: _, ...entry }: Entry): string {
  if ('text' in entry) return `${entry.from} on ${entry.on}: ${entry.text}`;
  return JSON.stringify({ ...entry, isDone: undefined });
}

export class RecordedFreeSwitch {
  readonly settings: FreeSwitchSettings;
  readonly #transcripts: ReadonlyMap<string, readonly Entry[]>;
  readonly #cut: Cut;
  readonly #server = createServer({ noDelay: true }, (socket) => this.#onEventSocket(socket));
  readonly #seen = new Map<string, PromiseWithResolvers<unknown>>();
  #scene: Scene;
  #eventSockets = 0;
  #asks = 0;
  #isTelling = false;
  #written: Promise<void> = Promise.resolve();

  private constructor(transcripts: ReadonlyMap<string, readonly Entry[]>, ports: [number, number], cut: Cut) {
    const [events, handOver] = ports;
    this.#transcripts = transcripts;
    this.#cut = cut;
    this.#scene = this.#open(OPENING, undefined);
    this.settings = {
      name: 'lab', // in the ids of the recorded calls
      listen: { host: HOST, port: handOver, accept: [HOST] },
      eventSocket: { host: HOST, port: events, password: PASSWORD },
      promptsDir: PROMPTS,
      queues: 'callcenter',
      recordingsDir: RECORDINGS,
    };
  }

  /** @param folder of the transcripts. */
  static async open(folder: string, cut = whole): Promise<RecordedFreeSwitch> {
    const port = await freeTcpPort();
    const recorded = new RecordedFreeSwitch(await readTranscripts(folder), [port, await freeTcpPort()], cut);
    recorded.#server.listen(port, HOST);
    await once(recorded.#server, 'listening');
    return recorded;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#scene.sockets.values()) socket.destroy();
  }

  /** From now on it is this case's turn, if it was not. */
  begin(name: string): void {
    if (name === this.#scene.name) return;
    const open = [...this.#scene.sockets].findLast(([on, { destroyed }]) => on.startsWith('events') && !destroyed);
    this.#scene = this.#open(name, open?.[1]);
    this.#eventSockets = 1;
    this.#asks = 0;
    this.#seen.clear();
  }

  /** The test does something. */
  does(what: string, details?: unknown): void {
    const is = JSON.stringify(details);
    const step = this.#scene.done(
      (each) => 'does' in each && each.does === what && ('with' in each ? JSON.stringify(each.with) : undefined) === is,
    );
    if (step === undefined) this.#strange(`the test ${what} ${is ?? ''}`);
    void this.#tell();
  }

  /** Of the questions of a case, which the next is. */
  ask(): number {
    this.#asks += 1;
    return this.#asks;
  }

  /** What the test saw of that kind. */
  sees(what: string): Promise<unknown> {
    const seen = this.#seen.get(what) ?? Promise.withResolvers();
    this.#seen.set(what, seen);
    return seen.promise;
  }

  /** Of the case: what never was recorded, and what is yet to come. */
  left = (): string[] => this.#scene.left();

  #open(name: string, events: Socket | undefined): Scene {
    const entries = this.#transcripts.get(name);
    if (entries === undefined) throw new Error(`no transcript of “${name}”: record again`);
    return new Scene(name, entries, events);
  }

  #strange(what: string): void {
    const next = this.#scene.steps.find((step) => !step.isDone && !isSaid(step));
    this.#scene.strange.push(`never recorded: ${what}${next === undefined ? '' : `; expected: ${describe(next)}`}`);
  }

  get #address(): string {
    return `${HOST}:${this.settings.listen.port}`;
  }

  #onEventSocket(socket: Socket): void {
    this.#eventSockets += 1;
    const on = `events-${this.#eventSockets}`;
    this.#hold(on, socket);
    if (this.#scene.done((step) => 'on' in step && step.on === on && 'does' in step) === undefined)
      this.#strange(`the controller connects ${on}`);
    void this.#tell();
  }

  /** Listens to what the controller says on a connection, whichever case it then belongs to. */
  #hold(on: string, socket: Socket): void {
    const scene = this.#scene;
    scene.sockets.set(on, socket);
    const labelNow = () => [...this.#scene.sockets].find(([, each]) => each === socket)?.[0];
    socket.on(
      'data',
      splitMessages(({ head }) => this.#onCommand(labelNow() ?? on, socket, head)),
    );
    socket.on('error', () => undefined); // told by its close
    socket.on('close', () => this.#onClose(labelNow() ?? on));
  }

  /** Either side may be the first to close. */
  #onClose(on: string): void {
    const step = this.#scene.steps.find(
      (each) => !each.isDone && 'on' in each && each.on === on && 'does' in each && each.does === 'closes',
    );
    if (step !== undefined) step.isDone = true;
    void this.#tell();
  }

  #onCommand(on: string, socket: Socket, said: string): void {
    const scene = this.#scene;
    const text = said.replaceAll(this.#address, CONTROLLER);
    if (scene.done((step) => 'text' in step && step.on === on && step.text === text) !== undefined) {
      void this.#tell();
      return;
    }
    const channelId = /^api uuid_exists (\S+)$/.exec(text)?.[1];
    const last = scene.lastEqual(text);
    const answer = last && scene.answerTo(last);
    if (text === 'api hostname') void this.#write(socket, api('recorded'));
    else if (KEEPS.test(text)) void this.#write(socket, api('+OK\n'));
    else if (channelId !== undefined) void this.#write(socket, api(String(!scene.isGone(channelId))));
    else if (answer !== undefined) void this.#say(answer, socket);
    else if (ENDS.test(text) && scene.isCallerOver) void this.#write(socket, api('-ERR No such channel!\n'));
    else {
      this.#strange(`controller on ${on}: ${text}`);
      void this.#write(socket, text.startsWith('api ') ? api(UNKNOWN) : reply(UNKNOWN));
    }
  }

  /** Says everything whose turn it is. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let step = this.#scene.next(); step !== undefined; step = this.#scene.next()) {
      const { steps } = this.#scene;
      const pause = step.ms - (steps[steps.indexOf(step) - 1]?.ms ?? 0);
      if (pause > 0) await delay(Math.min(pause, MOST_MS));
      this.#scene.saying = step;
      await this.#do(step);
      step.isDone = true;
      for (let turns = 0; turns < 2; turns += 1) await turn(); // seen before what comes next on another connection
    }
    this.#isTelling = false;
  }

  async #do(step: Step): Promise<void> {
    if (step.from === 'test') {
      const seen = this.#seen.get('sees' in step ? step.sees : '') ?? Promise.withResolvers();
      if ('sees' in step) this.#seen.set(step.sees, seen);
      seen.resolve('sees' in step ? step.value : undefined);
    } else if (!('does' in step)) await this.#say(step, this.#scene.sockets.get(step.on));
    else if (step.does === 'connects') this.#hold(step.on, await this.#dial());
    else this.#scene.sockets.get(step.on)?.end();
  }

  #say(step: Step, socket: Socket | undefined): Promise<void> {
    if (!('text' in step) || step.from !== 'freeswitch') return Promise.resolve();
    const body = step.json === undefined ? (step.body ?? '') : JSON.stringify(step.json);
    const head = step.text.replaceAll(
      CONTROLLER,
      step.text.includes('Reply-Text: %') ? encodeValue(this.#address) : this.#address,
    );
    return this.#write(socket, { head, body: body.replaceAll(CONTROLLER, this.#address) });
  }

  /** One message after another, also where each comes in pieces. */
  #write(socket: Socket | undefined, message: Message): Promise<void> {
    this.#written = this.#written.then(async () => {
      for (const piece of this.#cut(writeMessage(message))) {
        if (socket === undefined || socket.destroyed) return;
        socket.write(piece);
        if (this.#cut !== whole) await turn();
      }
    });
    return this.#written;
  }

  /** As often as it takes: the controller's next switch may be about to listen. */
  async #dial(): Promise<Socket> {
    for (const deadline = Date.now() + DIAL_WITHIN_MS; ; await delay(10)) {
      const socket = createConnection({ host: HOST, port: this.settings.listen.port, noDelay: true });
      try {
        await once(socket, 'connect');
        return socket;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }
}
