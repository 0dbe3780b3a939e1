/** What happens to a conversation, and what has to be done about it: the machine's two vocabularies. */

import type { Refusal } from '../../requests/refusals.ts';
import type { DestinationId } from '../../routing/table.ts';
import type { TransferWord } from '../../routing/whispers.ts';
import type { LegEndCause } from '../../switch/port.ts';
import type { Asked, Party, SupervisorRole, TransferState } from './state.ts';

/** `leg`: of the agent who asks. `at`: Unix milliseconds. */
export type Event =
  | {
      readonly is: 'asked';
      readonly leg: string;
      readonly kind: Exclude<Asked['kind'], 'pull-back'>;
      readonly to: DestinationId;
      readonly by: string;
      readonly via: Asked['via'];
      readonly workOrder?: string;
      readonly note?: string;
      /** The phone consults by a call of its own, taken in as this leg. */
      readonly consultation?: string;
      readonly at: number;
    }
  | {
      readonly is: 'complete' | 'return' | 'hold' | 'resume' | 'mute' | 'unmute';
      readonly leg: string;
      readonly at: number;
    }
  | {
      readonly is: 'pull-back';
      /** Endpoint; null: whoever transferred the caller last. */
      readonly agent: string | null;
      /** The phone's own call, to be taken in as this leg. */
      readonly leg?: string;
      readonly by: string;
      readonly via: Asked['via'];
      readonly at: number;
    }
  | { readonly is: 'supervise'; readonly leg: string; readonly as: SupervisorRole; readonly endpoint: string }
  | { readonly is: 'supervising' }
  | { readonly is: 'unsupervise' }
  /** A round is about to be dialled. */
  | { readonly is: 'rings'; readonly round: number; readonly legs: readonly string[] }
  | { readonly is: 'answered'; readonly leg: string; readonly agent: string | null; readonly at: number }
  /** Every round has rung in vain. */
  | { readonly is: 'unanswered'; readonly cause: LegEndCause }
  /** The caller has had this agent for a moment. */
  | { readonly is: 'heard'; readonly leg: string }
  | { readonly is: 'gone'; readonly leg: string; readonly at: number };

export type Told = 'asked' | 'consulting' | 'completed' | 'returned' | 'failed';

export type Effect =
  /** Dial whom the state seeks. */
  | { readonly do: 'ring' }
  /** Whom the state before sought is sought no more. */
  | { readonly do: 'stop-ringing' }
  | { readonly do: 'hang-up'; readonly legs: readonly string[] }
  | { readonly do: 'take-in'; readonly leg: string }
  | { readonly do: 'dial-supervisor' }
  | { readonly do: 'join'; readonly leg: string }
  | { readonly do: 'whisper'; readonly leg: string; readonly word: TransferWord }
  /** Says why, then hangs up. */
  | { readonly do: 'dismiss'; readonly leg: string; readonly word: TransferWord }
  | {
      readonly do: 'tell';
      readonly stage: Told;
      readonly of: Asked;
      readonly reason: string | null;
      readonly workOrder?: string;
    }
  /** The caller has another agent than before. */
  | { readonly do: 'tell-answered'; readonly party: Party }
  | { readonly do: 'apologise' }
  | { readonly do: 'end' };

export interface Taken {
  readonly state: TransferState;
  readonly effects: readonly Effect[];
  readonly refused?: Refusal;
}
