/** Q.850 cause codes, both ways. Source: ITU-T Q.850; every PBX maps them to SIP. */
import type { HangupCause, LegEndCause } from '../port.ts';

/** What we hang a caller up with; `unallocated` reaches SIP as 404, `no-answer` of an answered call as BYE. */
export const Q850: Readonly<Record<HangupCause, number>> = {
  normal: 16,
  'no-answer': 19,
  unallocated: 1,
  failure: 38,
};

const UNREACHABLE = new Set([
  1, 2, 3, 20, 22, 25, 27, 28, 29, 34, 38, 41, 42, 44, 50, 57, 58, 63, 65, 66, 69, 79, 88, 127,
]);

/** Why a leg that we did not hang up ended. A time-out of the PBX's own has been seen with cause 0. */
export function legEndCause(q850: number, answered: boolean): LegEndCause {
  if (answered) return 'hung-up';
  if (q850 === 17) return 'busy';
  if (q850 === 21) return 'rejected';
  return UNREACHABLE.has(q850) ? 'unreachable' : 'no-answer';
}
