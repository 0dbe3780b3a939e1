/**
 * A PBX in memory: callers, agents, queues and prompts without sound or network. It stands where the real one stands,
 * outliving the switch that controls it, so sessions can be tried in milliseconds, taken over, and put under load.
 */
import type {
  Arrival,
  AudioPlan,
  AudioRole,
  LegEnd,
  LegTarget,
  PhoneRequest,
  PlaybackEnd,
  Presentation,
  RequestAnswer,
} from '../port.ts';
import { type Heard, heardBy } from './hearing.ts';
import { MemoryRecordings } from './recording.ts';

/** What an endpoint does when it is dialled. */
export type AgentBehaviour =
  | { readonly does: 'answer'; readonly afterMs: number; readonly hangupAfterMs?: number }
  | { readonly does: 'busy' }
  | { readonly does: 'reject' }
  | { readonly does: 'ring' };

export class MemoryPlayback {
  readonly ended: Promise<PlaybackEnd>;
  readonly #settle: (end: PlaybackEnd) => void;
  readonly #timer: NodeJS.Timeout | undefined;

  /** @param ms how long it plays; undefined: there is no such prompt. */
  constructor(ms: number | undefined) {
    const { promise, resolve } = Promise.withResolvers<PlaybackEnd>();
    this.ended = promise;
    this.#settle = resolve;
    if (ms === undefined) resolve('failed');
    else this.#timer = setTimeout(resolve, ms, 'done');
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#settle('stopped');
  }
}

/** What a leg is dialled with. */
export interface Dialled {
  readonly id: string;
  readonly endpoint: string;
  readonly seat: AudioRole;
  readonly shown: Presentation | undefined;
}

export class MemoryLeg {
  readonly id: string;
  readonly endpoint: string;
  seat: AudioRole;
  readonly rings = Promise.withResolvers<void>();
  readonly answers = Promise.withResolvers<{ answeredBy: string }>();
  readonly ends = Promise.withResolvers<LegEnd>();
  readonly shown: Presentation | undefined;
  /** Prompts whispered to it, in order. */
  readonly heard: string[] = [];
  isAnswered = false;
  /** What is played to its channel in place of the talk: it is in nobody's hearing, nor anybody in its own. */
  whispered: MemoryPlayback | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor({ id, endpoint, seat, shown }: Dialled, behaviour: AgentBehaviour) {
    this.id = id;
    this.endpoint = endpoint;
    this.seat = seat;
    this.shown = shown;
    queueMicrotask(() => this.#act(behaviour));
  }

  /** The agent hangs up. */
  hangup(): void {
    this.end({ cause: 'hung-up', q850: 16 });
  }

  end(end: LegEnd): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.ends.resolve(end);
  }

  #act(behaviour: AgentBehaviour): void {
    if (behaviour.does === 'busy') this.end({ cause: 'busy', q850: 17 });
    else if (behaviour.does === 'reject') this.end({ cause: 'rejected', q850: 21 });
    else this.#ring(behaviour);
  }

  #ring(behaviour: Exclude<AgentBehaviour, { does: 'busy' | 'reject' }>): void {
    this.rings.resolve();
    if (behaviour.does === 'ring') return;
    const { afterMs, hangupAfterMs } = behaviour;
    this.#timers.push(setTimeout(() => this.answer(), afterMs));
    if (hangupAfterMs === undefined) return;
    this.#timers.push(setTimeout(() => this.hangup(), afterMs + hangupAfterMs));
  }

  answer(): void {
    this.isAnswered = true;
    this.answers.resolve({ answeredBy: this.endpoint });
  }
}

/** The caller's side of a call, with what the PBX keeps of it. */
export class MemoryCaller {
  readonly id: string;
  readonly arrival: Arrival;
  readonly gone = new AbortController();
  readonly answered = Promise.withResolvers<void>();
  /** Q.850 cause the caller's leg ended with; `fallback` when it was given back. */
  readonly ended = Promise.withResolvers<number | 'fallback'>();
  /** Prompts begun, in order. */
  readonly heard: string[] = [];
  readonly legs = new Map<string, MemoryLeg>();
  readonly playbacks = new Map<string, MemoryPlayback>();
  shown: Presentation | undefined;
  memory = '';
  waitTone: AudioPlan['waitTone'] | undefined;
  muted: ReadonlySet<string> = new Set();
  /** Whoever is in control and wants to know what phones ask for. */
  onAsked: ((request: PhoneRequest) => void) | undefined;

  constructor(id: string, arrival: Arrival) {
    this.id = id;
    this.arrival = arrival;
  }

  hangup(): void {
    this.end(16);
  }

  /** What is to be heard by a leg of this call, or by the `caller`: leg ids, `caller`, `prompt`, `ringing`, `music`. */
  hears(who: string): readonly Heard[] {
    const answered = [...this.legs.values()].filter(({ isAnswered }) => isAnswered);
    const isPrompted = this.playbacks.size > 0;
    const waitTone = this.waitTone ?? (this.legs.size > 0 ? 'ringing' : undefined);
    const seats = new Map(answered.map(({ id, seat }) => [id, seat]));
    if (this.#isWhisperedTo(who)) return [];
    return heardBy(who, { seats, waitTone, muted: this.muted, isPrompted }).filter((id) => !this.#isWhisperedTo(id));
  }

  #isWhisperedTo(leg: string): boolean {
    return this.legs.get(leg)?.whispered !== undefined;
  }

  /** An agent's phone sends REFER. @returns what it is told, as it is told. */
  refer(leg: string, to: string): RequestAnswer[] {
    const told: RequestAnswer[] = [];
    const answer = async (each: RequestAnswer) => void told.push(each);
    this.onAsked?.({ kind: 'refer', leg, to, answer });
    return told;
  }

  /** The phone joins the caller with whom its own second call reached. @returns as {@link refer}. */
  referAttended(leg: string, consulted: string): RequestAnswer[] {
    const told: RequestAnswer[] = [];
    const answer = async (each: RequestAnswer) => void told.push(each);
    this.onAsked?.({ kind: 'refer-attended', leg, consulted, answer });
    return told;
  }

  /** An agent presses keys during the call. */
  press(leg: string, keys: string): void {
    for (const key of keys) this.onAsked?.({ kind: 'key', leg, key });
  }

  end(cause: number | 'fallback'): void {
    for (const leg of this.legs.values()) leg.end({ cause: 'cancelled', q850: 16 });
    for (const playback of this.playbacks.values()) playback.stop();
    this.gone.abort(cause);
    this.ended.resolve(cause);
  }
}

/** A call that an agent's phone has placed by itself. */
export class MemoryPhone {
  readonly endpoint: string;
  readonly dialled: string;
  readonly gone = new AbortController();
  /** Prompts it was refused with; undefined: not refused. */
  refusedWith: readonly string[] | undefined;
  leg: MemoryLeg | undefined;
  /** True when a call has taken it in, false when it ended without. */
  readonly taken = Promise.withResolvers<boolean>();

  constructor(endpoint: string, dialled: string) {
    this.endpoint = endpoint;
    this.dialled = dialled;
  }

  hangup(): void {
    this.taken.resolve(false);
    this.gone.abort();
    this.leg?.hangup();
  }
}

export class MemoryPbx {
  /** Milliseconds each prompt lasts; a prompt not in here is missing. */
  readonly prompts = new Map<string, number>();
  /** Endpoints of each queue; a skill's are under `queue-skill-skill`. */
  readonly queues = new Map<string, readonly string[]>();
  readonly agents = new Map<string, AgentBehaviour>();
  readonly callers = new Map<string, MemoryCaller>();
  readonly recordings = new MemoryRecordings();
  /** The switch in control; undefined: calls go to the fallback. */
  onArrival: ((caller: MemoryCaller) => void) | undefined;
  /** The same for agents' own calls; undefined: they ring until they give up. */
  onPhoned: ((phone: MemoryPhone) => void) | undefined;
  /** Every phone takes one call at a time: it is busy while it has one, and a queue waits for a member who is free. */
  hasOneLineEach = false;
  #placed = 0;

  placeCall(arrival: Arrival): MemoryCaller {
    this.#placed += 1;
    const caller = new MemoryCaller(`m${this.#placed}`, arrival);
    this.callers.set(caller.id, caller);
    void caller.ended.promise.then(() => this.callers.delete(caller.id));
    if (this.onArrival) this.onArrival(caller);
    else caller.end('fallback');
    return caller;
  }

  placePhoneCall(endpoint: string, dialled: string): MemoryPhone {
    const phone = new MemoryPhone(endpoint, dialled);
    this.onPhoned?.(phone);
    return phone;
  }

  /** Dials a seat, or the first member of a queue. Nobody there: the leg rings for ever, as an empty queue waits. */
  dial(caller: MemoryCaller, id: string, target: LegTarget, seat: AudioRole): MemoryLeg {
    const endpoint = target.kind === 'seat' ? target.endpoint : this.#memberOf(target);
    const behaviour = this.#behaviourOf(endpoint);
    return this.#keep(caller, new MemoryLeg({ id, endpoint, seat, shown: caller.shown }, behaviour));
  }

  /** An agent's own call becomes a leg of the caller's. */
  takeIn(caller: MemoryCaller, id: string, phone: MemoryPhone, seat: AudioRole): MemoryLeg {
    const leg = new MemoryLeg({ id, endpoint: phone.endpoint, seat, shown: caller.shown }, { does: 'ring' });
    phone.leg = this.#keep(caller, leg);
    phone.taken.resolve(!phone.gone.signal.aborted);
    if (phone.gone.signal.aborted) leg.hangup();
    else leg.answer();
    return leg;
  }

  /** Legs that an endpoint has anywhere. */
  legsOf(endpoint: string): readonly MemoryLeg[] {
    return [...this.callers.values()].flatMap(({ legs }) =>
      [...legs.values()].filter((leg) => leg.endpoint === endpoint),
    );
  }

  #keep(caller: MemoryCaller, leg: MemoryLeg): MemoryLeg {
    caller.legs.set(leg.id, leg);
    void leg.ends.promise.then(() => caller.legs.delete(leg.id));
    return leg;
  }

  #isFree(endpoint: string): boolean {
    return !this.hasOneLineEach || this.legsOf(endpoint).length === 0;
  }

  #behaviourOf(endpoint: string): AgentBehaviour {
    if (endpoint !== '' && !this.#isFree(endpoint)) return { does: 'busy' };
    return this.agents.get(endpoint) ?? { does: 'ring' };
  }

  #memberOf({ queue, skill }: Extract<LegTarget, { kind: 'queue' }>): string {
    const members = this.queues.get(skill === undefined ? queue : `${queue}-skill-${skill}`) ?? [];
    return members.find((member) => this.#isFree(member)) ?? '';
  }
}
