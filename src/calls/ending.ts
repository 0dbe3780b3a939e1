/** How a session ends its call. */
import type { HangupCause, LegEnd } from '../switch/port.ts';

export interface Ending {
  readonly by: 'caller' | 'agent' | 'hotline';
  readonly cause: string;
  readonly q850: number;
  /** What the caller's leg is hung up with. */
  readonly hangup: HangupCause;
}

export const endedByAgent = (end: LegEnd | undefined): Ending => ({
  by: 'agent',
  cause: 'hung-up',
  q850: end?.q850 ?? 0,
  hangup: 'normal',
});
