/** What the HTTP side asks of a call that talks. Main hands it in. */
import type { Caller } from './access/tokens.ts';

export type CallAsked =
  | {
      readonly do: 'transfer';
      readonly kind: 'blind' | 'attended' | 'three-way';
      readonly to: string;
      readonly workOrder?: string;
      readonly note?: string;
    }
  | { readonly do: 'complete' | 'return' | 'pull-back' | 'hold' | 'resume' | 'mute' | 'unmute' | 'unsupervise' }
  | { readonly do: 'supervise'; readonly as: 'listen' | 'whisper' | 'barge'; readonly endpoint: string };

export type CallRefusal =
  | 'UNKNOWN_TARGET'
  | 'NOT_ALLOWED'
  | 'AMBIGUOUS_TARGET'
  | 'TARGET_CLOSED'
  | 'NOT_NOW'
  | 'NOT_YOUR_CALL'
  | 'NOTHING_TO_TAKE_BACK';

/** `stage`: where the call stands then. `to`: the destination that was meant. */
export type CallAnswered =
  | { readonly stage: string; readonly to: string | null }
  | { readonly refused: CallRefusal; readonly to: string | null };

export interface CallAsking {
  readonly caller: Caller;
  readonly via: 'api' | 'cli';
  /** The same key of the same token gets the same answer, from another controller even. */
  readonly key: string | undefined;
}

export interface CallControl {
  /** Undefined: no such call is up, here or in the fleet. */
  ask(call: string, asked: CallAsked, asking: CallAsking): Promise<CallAnswered | undefined>;
}
