/** The port on a {@link MemoryPbx}. */
import { setImmediate } from 'node:timers';
import { Q850 } from '../kit/causes.ts';
import {
  type AudioPlan,
  type AudioRole,
  type Call,
  CallerGone,
  CallLetGo,
  type CallTaker,
  type HangupCause,
  type Leg,
  type LegTarget,
  type PhoneCall,
  type PhoneRequest,
  type Playback,
  type Presentation,
  type Recording,
  type Switch,
} from '../port.ts';
import { type MemoryCaller, MemoryLeg, type MemoryPbx, MemoryPhone, MemoryPlayback } from './pbx.ts';

/** A controller's control of the PBX. Once it ends, nothing the controller does reaches the PBX, and nothing it waits for comes. */
class Control {
  readonly #end = new AbortController();

  get isHeld(): boolean {
    return !this.#end.signal.aborted;
  }

  letGo(): void {
    this.#end.abort();
  }

  onLetGo(tell: () => void, until: AbortSignal): void {
    this.#end.signal.addEventListener('abort', tell, { once: true, signal: until });
  }

  while<T>(awaited: Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      void awaited.then((value) => this.isHeld && resolve(value));
    });
  }
}

export class MemorySwitch implements Switch {
  readonly name: string;
  readonly #pbx: MemoryPbx;
  readonly #control = new Control();
  connected = false;

  constructor(name: string, pbx: MemoryPbx) {
    this.name = name;
    this.#pbx = pbx;
  }

  async start(taker: CallTaker): Promise<void> {
    this.connected = true;
    for (const caller of this.#pbx.callers.values()) taker.adopted(this.#call(caller), caller.memory);
    this.#pbx.onArrival = (caller) => setImmediate(() => taker.arrived(this.#call(caller)));
    this.#pbx.onPhoned = (phone) => taker.phoned(new MemoryPhoneCall(phone, this.#control));
  }

  async stop(): Promise<void> {
    this.connected = false;
    this.#control.letGo();
    this.#pbx.onArrival = undefined;
    this.#pbx.onPhoned = undefined;
    for (const caller of this.#pbx.callers.values()) caller.onAsked = undefined;
  }

  async isUp(callId: string): Promise<boolean> {
    return [...this.#pbx.callers.values()].some(({ id }) => callId === `${this.name}-${id}`);
  }

  #call(caller: MemoryCaller): Call {
    return new MemoryCall(`${this.name}-${caller.id}`, this.#pbx, caller, this.#control);
  }
}

/** What a phone's own call is taken in by. */
const phonesOf = new WeakMap<PhoneCall, MemoryPhone>();

class MemoryPhoneCall implements PhoneCall {
  readonly endpoint: string;
  readonly dialled: string;
  readonly signal: AbortSignal;
  readonly #phone: MemoryPhone;
  readonly #control: Control;

  constructor(phone: MemoryPhone, control: Control) {
    this.endpoint = phone.endpoint;
    this.dialled = phone.dialled;
    this.signal = phone.gone.signal;
    this.#phone = phone;
    this.#control = control;
    phonesOf.set(this, phone);
  }

  async refuse(prompts: readonly string[]): Promise<void> {
    if (!this.#control.isHeld) return;
    this.#phone.refusedWith = prompts;
    this.#phone.hangup();
  }
}

class MemoryCall implements Call {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly adoptedLegs: readonly Leg[];
  readonly upToDate = Promise.resolve();
  readonly #pbx: MemoryPbx;
  readonly #caller: MemoryCaller;
  readonly #control: Control;

  constructor(id: string, pbx: MemoryPbx, caller: MemoryCaller, control: Control) {
    this.id = id;
    this.#pbx = pbx;
    this.#caller = caller;
    this.#control = control;
    this.adoptedLegs = [...caller.legs.values()].map((leg) => new MemoryLegView(pbx, leg, control));
    const gone = new AbortController();
    this.signal = gone.signal;
    const tell = () => control.isHeld && gone.abort(new CallerGone(Number(caller.gone.signal.reason) || 0));
    if (caller.gone.signal.aborted) tell();
    else caller.gone.signal.addEventListener('abort', tell, { once: true });
    control.onLetGo(() => gone.abort(new CallLetGo()), gone.signal);
  }

  get arrival() {
    return this.#caller.arrival;
  }

  async answer(): Promise<void> {
    if (this.#control.isHeld) this.#caller.answered.resolve();
  }

  present(presentation: Presentation): void {
    if (this.#control.isHeld) this.#caller.shown = presentation;
  }

  async writeCheckpoint(memory: string): Promise<void> {
    if (this.#control.isHeld) this.#caller.memory = memory;
  }

  play(id: string, prompts: readonly string[], adopt = false): Playback {
    if (!this.#control.isHeld) return NEVER_HEARD;
    const running = this.#caller.playbacks.get(id);
    if (adopt) return running ? view(running, this.#control) : LONG_OVER;
    this.#caller.heard.push(...prompts);
    const playback = new MemoryPlayback(lengthOf(this.#pbx, prompts));
    this.#caller.playbacks.set(id, playback);
    void playback.ended.then(() => this.#caller.playbacks.delete(id));
    return view(playback, this.#control);
  }

  dial(id: string, target: LegTarget, seat: AudioRole = 'with-caller'): Leg {
    return this.#view(id, () => this.#pbx.dial(this.#caller, id, target, seat));
  }

  async setAudio({ legs, waitTone, muted }: AudioPlan): Promise<void> {
    if (!this.#control.isHeld) return;
    for (const [id, seat] of Object.entries(legs)) {
      const leg = this.#caller.legs.get(id);
      if (leg) leg.seat = seat;
    }
    this.#caller.waitTone = waitTone;
    this.#caller.muted = new Set(muted);
  }

  takeIn(id: string, phone: PhoneCall, seat: AudioRole): Leg {
    const own = phonesOf.get(phone) ?? new MemoryPhone(phone.endpoint, phone.dialled);
    return this.#view(id, () => this.#pbx.takeIn(this.#caller, id, own, seat));
  }

  onAsked(told: (request: PhoneRequest) => void): void {
    if (this.#control.isHeld) this.#caller.onAsked = (request) => void (this.#control.isHeld && told(request));
  }

  /** A leg that nobody in control makes rings nowhere. */
  #view(id: string, make: () => MemoryLeg): Leg {
    const nowhere = { id, endpoint: '', seat: 'apart', shown: undefined } as const;
    const leg = this.#control.isHeld ? make() : new MemoryLeg(nowhere, { does: 'ring' });
    return new MemoryLegView(this.#pbx, leg, this.#control);
  }

  record(name: string, adopt = false): Recording {
    if (!this.#control.isHeld) return NEVER_HEARD_OF;
    const { ended, stop } = this.#pbx.recordings.record(this.#caller, name, adopt);
    return { ended: this.#control.while(ended), stop: async () => (this.#control.isHeld ? stop() : undefined) };
  }

  async hangup(cause: HangupCause): Promise<void> {
    if (this.#control.isHeld) this.#caller.end(Q850[cause]);
  }

  async release(): Promise<void> {
    if (this.#control.isHeld) this.#caller.end('fallback');
  }
}

class MemoryLegView implements Leg {
  readonly id: string;
  readonly ringing: Promise<void>;
  readonly outcome: Leg['outcome'];
  readonly ended: Leg['ended'];
  readonly #pbx: MemoryPbx;
  readonly #leg: MemoryLeg;
  readonly #control: Control;

  constructor(pbx: MemoryPbx, leg: MemoryLeg, control: Control) {
    this.id = leg.id;
    this.ringing = control.while(leg.rings.promise);
    this.ended = control.while(leg.ends.promise);
    this.outcome = control.while(Promise.race([leg.answers.promise, leg.ends.promise]));
    this.#pbx = pbx;
    this.#leg = leg;
    this.#control = control;
  }

  get isAnswered(): boolean {
    return this.#leg.isAnswered;
  }

  whisper(_id: string, prompts: readonly string[]): Playback {
    if (!this.#control.isHeld) return NEVER_HEARD;
    const playback = this.#tell(prompts);
    this.#leg.whispered = playback;
    void playback.ended.then(() => {
      if (this.#leg.whispered === playback) this.#leg.whispered = undefined;
    });
    return view(playback, this.#control);
  }

  whisperOverTalk(_id: string, prompts: readonly string[]): Playback {
    return this.#control.isHeld ? view(this.#tell(prompts), this.#control) : NEVER_HEARD;
  }

  #tell(prompts: readonly string[]): MemoryPlayback {
    this.#leg.heard.push(...prompts);
    const playback = new MemoryPlayback(lengthOf(this.#pbx, prompts));
    void this.#leg.ends.promise.then(() => playback.stop());
    return playback;
  }

  /** In memory, whoever has answered talks, once nothing is said to either. */
  async join(): Promise<void> {
    if (this.#control.isHeld) this.#leg.whispered?.stop();
  }

  async hangup(): Promise<void> {
    if (this.#control.isHeld) this.#leg.end({ cause: 'cancelled', q850: 16 });
  }
}

const lengthOf = (pbx: MemoryPbx, prompts: readonly string[]): number | undefined => {
  const lengths = prompts.map((prompt) => pbx.prompts.get(prompt));
  return lengths.includes(undefined) ? undefined : lengths.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
};

const view = (playback: MemoryPlayback, control: Control): Playback => ({
  ended: control.while(playback.ended),
  stop: async () => {
    if (control.isHeld) playback.stop();
  },
});

const LONG_OVER: Playback = { ended: Promise.resolve('done'), stop: async () => undefined };
const NEVER_HEARD: Playback = { ended: new Promise(() => undefined), stop: async () => undefined };
const NEVER_HEARD_OF: Recording = { ended: new Promise(() => undefined), stop: async () => undefined };
