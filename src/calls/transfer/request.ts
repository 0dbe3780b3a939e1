/** What may be asked of a call that talks: by a phone, a desktop, or the command line. */

import type { DestinationId } from '../../routing/table.ts';
import type { HandOverWord } from '../../routing/transfer-prompts.ts';
import type { Refusal } from './machine.ts';
import type { Asked, Stage, SupervisorRole } from './state.ts';

export type CallRequest =
  | {
      readonly do: 'transfer';
      readonly kind: Exclude<Asked['kind'], 'pull-back'>;
      /** As sent: not to be trusted with anything. */
      readonly to: string;
      readonly workOrder?: string;
      readonly note?: string;
    }
  | { readonly do: 'complete' | 'return' | 'pull-back' | 'hold' | 'resume' | 'mute' | 'unmute' | 'unsupervise' }
  | { readonly do: 'supervise'; readonly as: SupervisorRole; readonly endpoint: string };

export interface Asker {
  /** Told in the records. */
  readonly by: string;
  readonly via: Asked['via'];
  /** Whose agent asks. `any`: a supervisor or operator, who may speak for the agent on the call. */
  readonly as: { readonly leg: string } | { readonly endpoint: string } | 'any';
  /** The asker's own phone, as the settings have it. */
  readonly phone?: string;
  /** The same key gets the same answer. */
  readonly key?: string;
}

/** `stage`: where the call stands then. `to`: the destination that was meant. */
export type CallAnswer =
  | { readonly stage: Stage; readonly to: DestinationId | null }
  | { readonly refused: Refusal; readonly to: DestinationId | null };

const WORDS: Readonly<Record<Refusal, HandOverWord>> = {
  UNKNOWN_TARGET: 'unknown-target',
  NOT_ALLOWED: 'not-allowed',
  AMBIGUOUS_TARGET: 'ambiguous-target',
  TARGET_CLOSED: 'closed',
  NOT_NOW: 'not-now',
  NOT_YOUR_CALL: 'refused',
  NOTHING_TO_TAKE_BACK: 'nothing-to-take-back',
};

/** What an agent's phone says of a refusal. */
export const refusalWord = (refused: Refusal): HandOverWord => WORDS[refused];
