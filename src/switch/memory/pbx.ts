/**
 * A PBX in memory: callers, agents, queues and prompts without sound or network. It stands where the real one stands,
 * outliving the switch that controls it, so sessions can be tried in milliseconds, taken over, and put under load.
 */
import type { Arrival, LegEnd, LegTarget, PlaybackEnd, Presentation } from '../port.ts';
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

export class MemoryLeg {
  readonly id: string;
  readonly rings = Promise.withResolvers<void>();
  readonly answers = Promise.withResolvers<{ answeredBy: string }>();
  readonly ends = Promise.withResolvers<LegEnd>();
  readonly shown: Presentation | undefined;
  /** Prompts whispered to it, in order. */
  readonly heard: string[] = [];
  isAnswered = false;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(id: string, endpoint: string, behaviour: AgentBehaviour, shown: Presentation | undefined) {
    this.id = id;
    this.shown = shown;
    queueMicrotask(() => this.#act(endpoint, behaviour));
  }

  end(end: LegEnd): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.ends.resolve(end);
  }

  #act(endpoint: string, behaviour: AgentBehaviour): void {
    if (behaviour.does === 'busy') this.end({ cause: 'busy', q850: 17 });
    else if (behaviour.does === 'reject') this.end({ cause: 'rejected', q850: 21 });
    else this.#ring(endpoint, behaviour);
  }

  #ring(endpoint: string, behaviour: Exclude<AgentBehaviour, { does: 'busy' | 'reject' }>): void {
    this.rings.resolve();
    if (behaviour.does === 'ring') return;
    const { afterMs, hangupAfterMs } = behaviour;
    this.#timers.push(setTimeout(() => this.#answer(endpoint), afterMs));
    if (hangupAfterMs === undefined) return;
    this.#timers.push(setTimeout(() => this.end({ cause: 'hung-up', q850: 16 }), afterMs + hangupAfterMs));
  }

  #answer(endpoint: string): void {
    this.isAnswered = true;
    this.answers.resolve({ answeredBy: endpoint });
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

  constructor(id: string, arrival: Arrival) {
    this.id = id;
    this.arrival = arrival;
  }

  hangup(): void {
    this.end(16);
  }

  end(cause: number | 'fallback'): void {
    for (const leg of this.legs.values()) leg.end({ cause: 'cancelled', q850: 16 });
    for (const playback of this.playbacks.values()) playback.stop();
    this.gone.abort(cause);
    this.ended.resolve(cause);
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

  /** Dials a seat, or the first member of a queue. Nobody there: the leg rings for ever, as an empty queue waits. */
  dial(caller: MemoryCaller, id: string, target: LegTarget): MemoryLeg {
    const endpoint = target.kind === 'seat' ? target.endpoint : this.#memberOf(target);
    const behaviour = this.agents.get(endpoint) ?? { does: 'ring' };
    const leg = new MemoryLeg(id, endpoint, behaviour, caller.shown);
    caller.legs.set(id, leg);
    void leg.ends.promise.then(() => caller.legs.delete(id));
    return leg;
  }

  #memberOf({ queue, skill }: Extract<LegTarget, { kind: 'queue' }>): string {
    const members = this.queues.get(skill === undefined ? queue : `${queue}-skill-${skill}`);
    return members?.[0] ?? '';
  }
}
