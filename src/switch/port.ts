/**
 * What a PBX must do for us, in the domain's nouns: call, leg, prompt, queue. An adapter implements it; `calls` uses
 * nothing else. No transport, no PBX name, no channel or bridge ids cross this line.
 *
 * Shape of a call: the caller's leg stays ours, and every destination is a second leg joined to it. Two promises of
 * the port make overlap and survival possible, whatever the PBX:
 *  - a playback to the caller keeps everybody else out of the caller's ear until it ends, a leg answered meanwhile
 *    waits; when it ends the two hear each other without any further command;
 *  - legs and playbacks have ids chosen by the user of the port, so whoever takes the call over finds them again.
 */

/** A place to dial. */
export type LegTarget =
  | { readonly kind: 'seat'; readonly endpoint: string; readonly ringSeconds: number }
  | {
      readonly kind: 'queue';
      readonly queue: string;
      readonly skill: string | undefined;
      readonly waitSeconds: number;
    };

/** Who the agent's phone shows, and what travels beside it as SIP headers. */
export interface Presentation {
  /** Caller name, e.g. `12333 厦门`. */
  readonly name: string;
  /** Caller's number; null when withheld. */
  readonly number: string | null;
  readonly hotline: string;
  readonly region: string;
}

export interface Arrival {
  readonly dialled: string;
  readonly caller: string | null;
  readonly trunk: string | null;
}

export type HangupCause = 'normal' | 'no-answer' | 'unallocated' | 'failure';

/** Why a leg is no more. `cancelled`: we hung it up. */
export type LegEndCause = 'hung-up' | 'busy' | 'no-answer' | 'rejected' | 'unreachable' | 'cancelled';

export interface LegEnd {
  readonly cause: LegEndCause;
  /** Q.850 cause as the PBX gave it; 0 when it gave none. */
  readonly q850: number;
}

export type PlaybackEnd = 'done' | 'stopped' | 'failed';

export interface Playback {
  /** Settles when the sound has ended; never rejects. `failed`: no such audio, or the PBX could not play it. */
  readonly ended: Promise<PlaybackEnd>;
  stop(): Promise<void>;
}

export interface Leg {
  readonly id: string;
  /** Resolves when the far end rings; never rejects, and never settles for a leg that ends before ringing. */
  readonly ringing: Promise<void>;
  /** Answered (with the agent's endpoint where the PBX tells), or ended without; never rejects. */
  readonly outcome: Promise<{ readonly answeredBy: string | null } | LegEnd>;
  /** Resolves when the leg is gone; never rejects. */
  readonly ended: Promise<LegEnd>;
  /** The far end has answered, though `outcome` may still be finding out who. */
  readonly isAnswered: boolean;
  /** Plays prompts to this leg only; the caller does not hear them. */
  whisper(id: string, prompts: readonly string[]): Playback;
  /** Makes sure caller and leg talk, and each phone shows the other. */
  join(): Promise<void>;
  hangup(): Promise<void>;
}

/** Reason of a call's abort signal: the caller's leg is no more. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
  /** As the PBX gave it; 0 when nobody saw the end. */
  readonly q850: number;
  /** `switch`: the PBX died under the call. */
  readonly by: 'caller' | 'switch';
  constructor(q850: number, by: 'caller' | 'switch' = 'caller') {
    super(by === 'caller' ? 'the caller has hung up' : 'the PBX has died');
    this.q850 = q850;
    this.by = by;
  }
}

/** Reason of a call's abort signal: we let go of the call, it lives on for another controller. Nothing is told of it. */
export class CallLetGo extends Error {
  override readonly name = 'CallLetGo';
  constructor() {
    super('the call is left to another controller');
  }
}

export interface Call {
  /** Unique among all switches and for all time; the same for whoever adopts the call. */
  readonly id: string;
  readonly arrival: Arrival;
  /**
   * Aborts with {@link CallerGone} when the caller's leg is gone, with {@link CallLetGo} when the call is not ours any more,
   * with any other error when a fault has cost us the call and the PBX's own fallback has it.
   */
  readonly signal: AbortSignal;
  answer(): Promise<void>;
  /** Who the legs dialled from now on will see. */
  present(presentation: Presentation): void;
  /**
   * Writes `memory` (under 2 kB) on the caller's leg, where it outlives this process. Writes keep their order, the
   * latest wins; resolves when the PBX has it, which a running playback may hold up. Never rejects.
   */
  remember(memory: string): Promise<void>;
  /** Plays prompts one after another to the caller. `resume`: attach to a playback of that id instead of starting it. */
  play(id: string, prompts: readonly string[], resume?: boolean): Playback;
  /** Creates and dials a leg towards the caller; `id` is new to the call. Failing to dial is a leg that ends, never an exception. */
  dial(id: string, target: LegTarget): Leg;
  /** Legs found alive and dialled when the call was taken over; empty for a new call. */
  readonly foundLegs: readonly Leg[];
  /**
   * Resolves when everything that the PBX has told of the call is known here: at once, or once what was missed while the
   * PBX could not be reached is caught up with. To be waited for before something that did not happen is acted upon.
   */
  readonly upToDate: Promise<void>;
  /** Ends every leg of the call, then the caller's. Resolves when nothing of the call is left on the PBX. */
  hangup(cause: HangupCause): Promise<void>;
  /** Ends every leg and gives the caller back to the PBX's own fallback. Resolves when nothing else of the call is left. */
  release(): Promise<void>;
}

/** Told of calls by a switch. Both return at once; the work goes on by itself. */
export interface CallTaker {
  /** A new call. */
  arrived(call: Call): void;
  /** A call somebody else began: `memory` is what was last remembered on it (empty: nothing yet). */
  adopted(call: Call, memory: string): void;
}

export interface Switch {
  readonly name: string;
  /** Connects, then takes calls until `stop`. Rejects when the PBX refuses us for good (wrong password). */
  start(taker: CallTaker): Promise<void>;
  /** Takes no more calls and lets go of those it has ({@link CallLetGo}); they stay as they are, for the next to adopt. */
  stop(): Promise<void>;
  readonly connected: boolean;
}
