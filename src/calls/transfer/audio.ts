/** Who hears whom at each stage of a conversation. Pure: the PBX is told, and told again by whoever takes the call over. */
import type { Seat, Seating } from '../../switch/port.ts';
import { originLegs, presentLeg, ringingLegs, type SupervisorRole, type TransferState } from './state.ts';

/**
 * Where a leg that is dialled at this stage goes when it answers. A queue's plays music before any agent is there: apart,
 * it is not heard over the talk of caller and agent.
 */
export const seatOfRinging = (state: TransferState): Seat => {
  if (state.stage === 'joining' && state.asked.to.startsWith('queue:')) return 'apart';
  return state.stage === 'attended' ? 'aside' : 'with-caller';
};

const seatOfOrigin = (state: TransferState): Seat => {
  if (state.stage === 'talk') return state.held ? 'apart' : 'with-caller';
  return state.stage === 'attended' || state.stage === 'consult' ? 'aside' : 'with-caller';
};

export const seatOfSupervisor = (as: SupervisorRole, present: string | undefined): Seat => {
  if (present === undefined) return 'apart';
  if (as === 'barge') return 'with-caller';
  return as === 'listen' ? { listensTo: present } : { whispersTo: present };
};

/** A phone with a consultation leg has its first call on hold. */
const seatsOfOrigin = (state: TransferState): Record<string, Seat> => {
  const [first, consultation] = originLegs(state);
  if (first === undefined) return {};
  if (consultation === undefined) return { [first]: seatOfOrigin(state) };
  return { [first]: 'apart', [consultation]: seatOfOrigin(state) };
};

const isMusic = ({ stage }: TransferState): boolean =>
  stage === 'talk' || stage === 'attended' || stage === 'consult' || stage === 'rescue';

export function seatingOf(state: TransferState): Seating {
  const legs = seatsOfOrigin(state);
  if ('target' in state) legs[state.target.leg] = state.stage === 'consult' ? 'aside' : 'with-caller';
  for (const leg of ringingLegs(state)) legs[leg] = seatOfRinging(state);
  const { supervisor } = state;
  if (supervisor) legs[supervisor.leg] = seatOfSupervisor(supervisor.as, presentLeg(state));
  return { legs, meanwhile: isMusic(state) ? 'music' : 'ringing', muted: state.muted };
}
