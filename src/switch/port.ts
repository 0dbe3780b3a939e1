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
 * Whom a leg hears and is heard by: the caller and everybody else who is with the caller · the others aside, out of the
 * caller's hearing · nobody · a supervisor's: a leg and all it hears, unheard, or heard by that leg alone.
 */
export type Seat = 'with-caller' | 'aside' | 'apart' | { readonly listensTo: string } | { readonly whispersTo: string };

/** Who hears whom on a call. Plain data, so that it is remembered and made so again by whoever takes the call over. */
export interface Seating {
  /** Seats by leg id. A leg of the call that is not named keeps its own; a named leg that is gone is passed over. */
  readonly legs: Readonly<Record<string, Seat>>;
  /** What the caller hears while no answered leg is with the caller. */
  readonly meanwhile: 'ringing' | 'music';
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
  /** What the agent who hands the caller on tells the next one. */
  readonly handedOn?: HandedOn;
}

/** Free texts of an agent may hold anything but control characters; an adapter sees to it that they stay one header each. */
export interface HandedOn {
  /** Destination whose agent hands on, e.g. `queue:12345-xiamen`. */
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
  /** Plays prompts to this leg only; the caller does not hear them, and meanwhile leg and caller may not hear each other. */
  whisper(id: string, prompts: readonly string[]): Playback;
  /** The same to a leg that talks: over what it hears. Whom it hears and who hears it goes on as it was. */
  whisperOverTalk(id: string, prompts: readonly string[]): Playback;
  /**
   * Makes sure caller and leg talk, and each phone shows the other: what becomes of a leg seated with the caller once it is
   * answered and the prompt is over.
   */
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
  /** Plays prompts one after another to the caller. `adopt`: attach to a playback of that id instead of starting it. */
  play(id: string, prompts: readonly string[], adopt?: boolean): Playback;
  /**
   * Creates and dials a leg; `id` is new to the call. Failing to dial is a leg that ends, never an exception.
   * @param seat where it goes when it answers, with nobody in control even; without it, with the caller.
   */
  dial(id: string, target: LegTarget, seat?: Seat): Leg;
  /**
   * Makes it so that people hear each other as `seating` says, from however it is now; said twice it does no harm. A leg
   * that still rings goes to its seat when it answers. Nobody who stays together is cut for a moment longer than the PBX
   * needs; a caller left alone hears `meanwhile` within 300 ms, and not a moment longer than until somebody answered is
   * there, with nobody in control even. Resolves when it is so (a leg that rings apart); never rejects.
   */
  seat(seating: Seating): Promise<void>;
  /** Takes an agent's own call in as an answered leg of this call; `id` as for {@link dial}. */
  takeIn(id: string, phone: PhoneCall, seat: Seat): Leg;
  /**
   * Writes what the caller says and hears to the file `name`.wav, which is new, until it is stopped or the caller is gone,
   * with nobody in control even. What others say out of the caller's hearing is not in it. Failing costs the call nothing.
   * @param name letters, digits, `.`, `_` and `-`. @param adopt attach to one under way instead of starting it.
   */
  record(name: string, adopt?: boolean): Recording;
  /** Told of everything the agents' phones ask for on this call, from now on. One at a time; a later one replaces it. */
  onAsked(told: (request: PhoneRequest) => void): void;
  /** Legs found alive and dialled when the call was taken over; empty for a new call. */
  readonly adoptedLegs: readonly Leg[];
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

/** What becomes of a request, as the phone is to show it. */
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

/** A call that an agent's phone places by itself: to consult, or to take a caller back. Nothing is dialled for it by the PBX. */
export interface PhoneCall {
  /** Endpoint of the phone, as in the table. */
  readonly endpoint: string;
  /** What was dialled, exactly: not to be trusted with anything. */
  readonly dialled: string;
  /** Aborts when the phone hangs up. */
  readonly signal: AbortSignal;
  /** Says prompts, then hangs up. Resolves when nothing of it is left. */
  refuse(prompts: readonly string[]): Promise<void>;
}

/** Told of calls by a switch. All return at once; the work goes on by itself. */
export interface CallTaker {
  /** An agent's phone calls. Taken into a call by {@link Call.takeIn}, or refused; one that nobody takes rings until it gives up. */
  phoned(phone: PhoneCall): void;
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
  /** Whether the caller's leg of a call is on the PBX, whoever controls it. Rejects when the PBX does not say. */
  isUp(callId: string): Promise<boolean>;
}
