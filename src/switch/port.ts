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
      /** Ahead of everybody who waits with a lower one; without it 0, as for a caller who has just arrived. */
      readonly priority?: number;
    };

/**
 * Whom a leg hears and is heard by. `with-caller`: the caller, and everybody who is with the caller. `aside`: the others aside,
 * whom the caller does not hear. `apart`: nobody. A supervisor hears one leg and all that it hears; nobody hears a supervisor
 * who listens, and only that leg hears one who whispers.
 */
export type AudioRole =
  | 'with-caller'
  | 'aside'
  | 'apart'
  | { readonly listensTo: string }
  | { readonly whispersTo: string };

/** Who hears whom on a call. Plain data, so that it is remembered and made so again by whoever takes the call over. */
export interface AudioPlan {
  /** Roles by leg id. A leg of the call that is not named keeps its own; a named leg that is gone is passed over. */
  readonly legs: Readonly<Record<string, AudioRole>>;
  /** What the caller hears while no answered leg is with the caller. */
  readonly waitTone: 'ringing' | 'music';
  /** Whose microphone is off: leg ids, and `caller`. Everybody who is not named here can be heard. */
  readonly muted: readonly string[];
}

/** Who the agent's phone shows, and what travels beside it as SIP headers. */
export interface Presentation {
  /** Caller name, e.g. `12333 厦门`. */
  readonly name: string;
  /** Caller's number; null when withheld. */
  readonly number: string | null;
  readonly hotline: string;
  readonly region: string;
  /** What the agent who transfers the caller tells the next one. */
  readonly handedOn?: HandedOn;
}

/** An agent's free texts may hold anything but control characters; an adapter makes sure that each stays one header. */
export interface HandedOn {
  /** Destination whose agent transfers, e.g. `queue:12345-xiamen`. */
  readonly from: string;
  /** Endpoint of that agent, where known. */
  readonly agent: string | null;
  /** 工单号 */
  readonly workOrder: string | null;
  /** At most 200 characters. */
  readonly note: string | null;
}

export interface Arrival {
  readonly dialled: string;
  readonly caller: string | null;
  readonly trunk: string | null;
}

export type HangupCause = 'normal' | 'no-answer' | 'unallocated' | 'failure';

/** Why a leg ended. `cancelled`: we hung it up. */
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

/** `not-begun`: the PBX cannot or may not write it · `broken-off`: not all of it is written, or somebody else ended it. */
export type RecordingEnd = 'done' | 'not-begun' | 'broken-off';

export interface Recording {
  /** Settles when nothing more is written: `done` when told to stop, or with the call; never rejects. */
  readonly ended: Promise<RecordingEnd>;
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
  /** Plays prompts to this leg alone. The caller does not hear them, and until they end leg and caller may not hear each other. */
  whisper(id: string, prompts: readonly string[]): Playback;
  /** Plays prompts to a leg that talks, mixed into what it hears. The talk goes on meanwhile. */
  whisperOverTalk(id: string, prompts: readonly string[]): Playback;
  /**
   * Makes sure that caller and leg talk, and that each phone shows the other. A leg that is to be with the caller gets there by
   * itself too, once it is answered and the prompt is over.
   */
  join(): Promise<void>;
  hangup(): Promise<void>;
}

/** Reason of a call's abort signal: the caller's leg has ended. */
export class CallerGone extends Error {
  override readonly name = 'CallerGone';
  /** Q.850 cause as the PBX gave it; 0 when we missed the end. */
  readonly q850: number;
  /** `switch`: the PBX crashed or restarted during the call. */
  readonly by: 'caller' | 'switch';
  constructor(q850: number, by: 'caller' | 'switch' = 'caller') {
    super(by === 'caller' ? 'the caller has hung up' : 'the PBX has died');
    this.q850 = q850;
    this.by = by;
  }
}

/** Reason of a call's abort signal: the call is another controller's from now on, and goes on. We report nothing more of it. */
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
  /** What the phones of legs dialled from now on show. */
  present(presentation: Presentation): void;
  /**
   * Writes `checkpoint` (under 2 kB) on the caller's leg, where it outlives this process. Writes keep their order, the
   * latest wins; resolves when the PBX has it, which a running playback may hold up. Never rejects.
   */
  writeCheckpoint(checkpoint: string): Promise<void>;
  /** Plays prompts one after another to the caller. `adopt`: attach to a playback of that id instead of starting it. */
  play(id: string, prompts: readonly string[], adopt?: boolean): Playback;
  /**
   * Creates and dials a leg; `id` is new to the call. Failing to dial is a leg that ends, never an exception.
   * @param role where it goes when it answers, even with no controller then; without it, with the caller.
   */
  dial(id: string, target: LegTarget, role?: AudioRole): Leg;
  /**
   * Changes who hears whom to what `plan` says, whatever it is now; repeating it does no harm. A leg that still rings
   * goes to its place when it answers. People who stay together are not cut apart for longer than the PBX needs. A caller
   * left alone hears the wait tone within 300 ms, until somebody who has answered is there, even with no controller then.
   * Resolves when it is done, except for legs that ring; never rejects.
   */
  setAudio(plan: AudioPlan): Promise<void>;
  /** Makes an agent's own call an answered leg of this call; `id` as for {@link dial}. */
  takeIn(id: string, phone: PhoneCall, role: AudioRole): Leg;
  /**
   * Records what the caller says and hears to the new file `name`.wav, until it is stopped or the caller is gone, even with no
   * controller. What others say while the caller does not hear them is not in it. A failure does not affect the call.
   * @param name letters, digits, `.`, `_` and `-`. @param adopt attach to one under way instead of starting it.
   */
  record(name: string, adopt?: boolean): Recording;
  /** From now on `told` gets everything the agents' phones ask for on this call. A later one replaces it. */
  onAsked(told: (request: PhoneRequest) => void): void;
  /** Legs found alive and dialled when the call was taken over; empty for a new call. */
  readonly adoptedLegs: readonly Leg[];
  /**
   * Resolves when we know everything that has happened to the call on the PBX: at once, or, while the PBX cannot be reached,
   * once we have looked at it again. Wait for it before acting on something that did not happen.
   */
  readonly upToDate: Promise<void>;
  /** Ends every leg of the call, then the caller's. Resolves when nothing of the call is left on the PBX. */
  hangup(cause: HangupCause): Promise<void>;
  /** Ends every leg and gives the caller back to the PBX's own fallback. Resolves when nothing else of the call is left. */
  release(): Promise<void>;
}

/** The outcome of a request, as the phone is to show it. */
export type RequestAnswer = 'accepted' | 'refused' | 'completed' | 'failed';

/** An agent's phone asks for something on the call it is on. */
export type PhoneRequest =
  | {
      /** Blind transfer by SIP REFER. */
      readonly kind: 'refer';
      readonly leg: string;
      /** User part of Refer-To, exactly as sent: not to be trusted with anything. */
      readonly to: string;
      /** What the phone is told (NOTIFY): `accepted` or `refused` first, then `completed` or `failed`. Never rejects. */
      answer(answer: RequestAnswer): Promise<void>;
    }
  | {
      /** REFER with Replaces: the phone joins the caller with whom its own second call reached. */
      readonly kind: 'refer-attended';
      readonly leg: string;
      /** The leg that was taken in for the second call. */
      readonly consulted: string;
      answer(answer: RequestAnswer): Promise<void>;
    }
  | {
      /** A key of the phone pressed during the call: `0` to `9`, `*`, `#`. */
      readonly kind: 'key';
      readonly leg: string;
      readonly key: string;
    };

/** A call that an agent's phone places: to consult somebody, or to take a caller back. The PBX dials nothing for it. */
export interface PhoneCall {
  /** Endpoint of the phone, as in the table. */
  readonly endpoint: string;
  /** What was dialled, exactly: not to be trusted with anything. */
  readonly dialled: string;
  /** Aborts when the phone hangs up. */
  readonly signal: AbortSignal;
  /** Plays prompts, then hangs up. Resolves when nothing of it is left on the PBX. */
  refuse(prompts: readonly string[]): Promise<void>;
}

/** A switch hands its calls to this. Each method returns at once. */
export interface CallTaker {
  /** An agent's phone calls. It is taken by {@link Call.takeIn} or refused; otherwise it rings until the agent gives up. */
  phoned(phone: PhoneCall): void;
  /** A new call. */
  arrived(call: Call): void;
  /** A call somebody else began: `checkpoint` is what was last written on it (empty: nothing yet). */
  adopted(call: Call, checkpoint: string): void;
}

export interface Switch {
  readonly name: string;
  /** Connects, then takes calls until `stop`. Rejects when the PBX refuses us for good (wrong password). */
  start(taker: CallTaker): Promise<void>;
  /** Takes no more calls and lets go of those it has ({@link CallLetGo}); they stay as they are, for the next to adopt. */
  stop(): Promise<void>;
  readonly connected: boolean;
  /** Whether the caller's leg of a call is on the PBX, whoever controls it. Rejects when the PBX does not say. */
  isUp(callId: string): Promise<boolean>;
}
