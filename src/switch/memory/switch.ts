/** The port on a {@link MemoryPbx}. */
import { setImmediate } from 'node:timers';
import {
  type Call,
  CallerGone,
  type CallTaker,
  type HangupCause,
  type Leg,
  type LegTarget,
  type Playback,
  type Presentation,
  type Switch,
} from '../port.ts';
import { type MemoryCaller, type MemoryLeg, type MemoryPbx, MemoryPlayback } from './pbx.ts';

const CAUSES: Readonly<Record<HangupCause, number>> = { normal: 16, 'no-answer': 19, unallocated: 1, failure: 38 };

export class MemorySwitch implements Switch {
  readonly name: string;
  readonly #pbx: MemoryPbx;
  connected = false;

  constructor(name: string, pbx: MemoryPbx) {
    this.name = name;
    this.#pbx = pbx;
  }

  async start(taker: CallTaker): Promise<void> {
    this.connected = true;
    for (const caller of this.#pbx.callers.values()) taker.adopted(this.#call(caller), caller.memory);
    this.#pbx.onArrival = (caller) => setImmediate(() => taker.arrived(this.#call(caller)));
  }

  async stop(): Promise<void> {
    this.connected = false;
    this.#pbx.onArrival = undefined;
  }

  #call(caller: MemoryCaller): Call {
    return new MemoryCall(`${this.name}-${caller.id}`, this.#pbx, caller);
  }
}

class MemoryCall implements Call {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly foundLegs: readonly Leg[];
  readonly #pbx: MemoryPbx;
  readonly #caller: MemoryCaller;

  constructor(id: string, pbx: MemoryPbx, caller: MemoryCaller) {
    this.id = id;
    this.#pbx = pbx;
    this.#caller = caller;
    this.foundLegs = [...caller.legs.values()].map((leg) => new MemoryLegView(pbx, leg));
    const gone = new AbortController();
    this.signal = gone.signal;
    const tell = () => gone.abort(new CallerGone(Number(caller.gone.signal.reason) || 0));
    if (caller.gone.signal.aborted) tell();
    else caller.gone.signal.addEventListener('abort', tell, { once: true });
  }

  get arrival() {
    return this.#caller.arrival;
  }

  async answer(): Promise<void> {
    this.#caller.answered.resolve();
  }

  present(presentation: Presentation): void {
    this.#caller.shown = presentation;
  }

  async remember(memory: string): Promise<void> {
    this.#caller.memory = memory;
  }

  play(id: string, prompts: readonly string[], resume = false): Playback {
    const running = this.#caller.playbacks.get(id);
    if (resume) return running ? view(running) : { ended: Promise.resolve('done'), stop: async () => undefined };
    this.#caller.heard.push(...prompts);
    const playback = new MemoryPlayback(lengthOf(this.#pbx, prompts));
    this.#caller.playbacks.set(id, playback);
    void playback.ended.then(() => this.#caller.playbacks.delete(id));
    return view(playback);
  }

  dial(id: string, target: LegTarget): Leg {
    return new MemoryLegView(this.#pbx, this.#pbx.dial(this.#caller, id, target));
  }

  async hangup(cause: HangupCause): Promise<void> {
    this.#caller.end(CAUSES[cause]);
  }

  async release(): Promise<void> {
    this.#caller.end('fallback');
  }
}

class MemoryLegView implements Leg {
  readonly id: string;
  readonly ringing: Promise<void>;
  readonly outcome: Leg['outcome'];
  readonly ended: Leg['ended'];
  readonly #pbx: MemoryPbx;
  readonly #leg: MemoryLeg;

  constructor(pbx: MemoryPbx, leg: MemoryLeg) {
    this.id = leg.id;
    this.ringing = leg.rings.promise;
    this.ended = leg.ends.promise;
    this.outcome = Promise.race([leg.answers.promise, leg.ends.promise]);
    this.#pbx = pbx;
    this.#leg = leg;
  }

  whisper(_id: string, prompts: readonly string[]): Playback {
    return view(new MemoryPlayback(lengthOf(this.#pbx, prompts)));
  }

  async join(): Promise<void> {
    // In memory, whoever has answered and whose prompt is over talks.
  }

  async hangup(): Promise<void> {
    this.#leg.end({ cause: 'cancelled', q850: 16 });
  }
}

const lengthOf = (pbx: MemoryPbx, prompts: readonly string[]): number | undefined => {
  const lengths = prompts.map((prompt) => pbx.prompts.get(prompt));
  return lengths.includes(undefined) ? undefined : lengths.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
};

const view = (playback: MemoryPlayback): Playback => ({ ended: playback.ended, stop: async () => playback.stop() });
