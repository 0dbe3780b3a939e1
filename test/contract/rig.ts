/** What the contract suite needs of a PBX: to place calls, to say how phones behave, and to look for leftovers. */
import { expect } from 'vitest';
import type { Call, CallTaker, HandedOn, PhoneCall, Presentation, Switch } from '../../src/switch/port.ts';
import { OPENING } from '../far-end/transcript.ts';

/** What a phone does when it is dialled. */
export type PhoneBehaviour =
  | { readonly do: 'answer'; readonly afterMs: number; readonly hangupAfterMs?: number }
  | { readonly do: 'busy' }
  | { readonly do: 'reject' }
  | { readonly do: 'ring' };

export interface PlacedCaller {
  hangup(): void;
  /** Q.850 cause the caller's leg ended with. */
  readonly ended: Promise<number>;
  /** What the first phone that rang showed. */
  readonly shown: () => Promise<Pick<Presentation, 'name' | 'number' | 'hotline'>>;
}

/** A phone in an agent's hand. */
export interface PhoneInHand {
  press(keys: string): Promise<void>;
  /** Blind, by SIP REFER. @returns what the phone was told last: 200 when it was done, 603 refused, 503 failed. */
  refer(to: string): Promise<number>;
  /** The caller is to be joined with whom the phone's own call reached (REFER with Replaces). @returns as {@link refer}. */
  referToOwnCall(): Promise<number>;
  hangUp(): Promise<void>;
  call(dialled: string): Promise<OwnCall>;
}

/** A call that a phone places by itself. */
export interface OwnCall {
  /** True when answered, false when it ended without. */
  readonly answered: Promise<boolean>;
  readonly ended: Promise<unknown>;
  hangUp(): Promise<void>;
}

export interface Rig {
  /** A controller's hold on the PBX; the next one takes over after the former's `stop`. */
  newSwitch(): Switch;
  placeCall(dialled: string, from: string | null): PlacedCaller;
  phone(endpoint: string, behaviour: PhoneBehaviour): void;
  inHand(endpoint: string): PhoneInHand;
  /**
   * Who is heard in this moment by the newest caller (`caller`), or by a phone on the call it was rung for, `own ENDPOINT`
   * on its own: `caller`, endpoints, `ringing`, `music`, sorted. Prompts are not told.
   */
  hears(who: string): Promise<readonly string[]>;
  /** What the newest call of a phone brought beside its number and name. */
  headers(endpoint: string): Promise<Readonly<Partial<HandedOn>>>;
  /** Whose voices are in the file of a recording that has ended: `caller`, and of {@link RIG.seats}; sorted. */
  voicesIn(recording: string): Promise<readonly string[]>;
  /** Channels and bridges that are still there, by any name. */
  leftovers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Names that every rig has. */
export const RIG = {
  number: '12333',
  seats: ['12333-xiamen-1', '12333-xiamen-2'],
  queue: '12345-xiamen',
  member: '12345-xiamen-1',
  otherMember: '12345-xiamen-2',
  prompt: 'merged',
  shortPrompt: 'whisper-region-xiamen',
} as const;

/** Transcripts of the suite on a real FreeSWITCH. */
export const RECORDINGS = 'test/fixtures/freeswitch';

/** The case that runs now, by its own name; before the first there is none. */
export const caseNow = (): string => expect.getState().currentTestName?.split(' > ').at(-1) ?? OPENING;

/** Collects what a switch hands over. */
export class Taken implements CallTaker {
  readonly #arrivals: Call[] = [];
  readonly #phoned: PhoneCall[] = [];
  readonly #adoptions: { call: Call; memory: string }[] = [];
  #wake = Promise.withResolvers<void>();

  arrived(call: Call): void {
    this.#arrivals.push(call);
    this.#tell();
  }

  phoned(phone: PhoneCall): void {
    this.#phoned.push(phone);
    this.#tell();
  }

  adopted(call: Call, memory: string): void {
    this.#adoptions.push({ call, memory });
    this.#tell();
  }

  phoneCall = (): Promise<PhoneCall> => this.#next(this.#phoned);
  arrival = (): Promise<Call> => this.#next(this.#arrivals);
  adoption = (): Promise<{ call: Call; memory: string }> => this.#next(this.#adoptions);

  #tell(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async #next<T>(from: T[]): Promise<T> {
    for (;;) {
      const first = from.shift();
      if (first !== undefined) return first;
      await this.#wake.promise;
    }
  }
}
