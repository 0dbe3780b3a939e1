/** Who hears whom at each stage of a conversation. Pure: the PBX is told, and told again by whoever takes the call over. */
import type { AudioPlan, AudioRole } from '../../switch/port.ts';
import { originLegs, presentLeg, ringingLegs, type SupervisorRole, type TransferState } from './state.ts';

/**
 * Where a leg that is dialled at this stage goes when it answers. A queue's plays music before any agent is there: apart,
 * it is not heard over the talk of caller and agent.
 */
export const roleOfRinging = (state: TransferState): AudioRole => {
  if (state.stage === 'joining' && state.asked.to.startsWith('queue:')) return 'apart';
  return state.stage === 'attended' ? 'aside' : 'with-caller';
};

const roleOfOrigin = (state: TransferState): AudioRole => {
  if (state.stage === 'talk') return state.held ? 'apart' : 'with-caller';
  return state.stage === 'attended' || state.stage === 'consult' ? 'aside' : 'with-caller';
};

export const roleOfSupervisor = (as: SupervisorRole, present: string | undefined): AudioRole => {
  if (present === undefined) return 'apart';
  if (as === 'barge') return 'with-caller';
  return as === 'listen' ? { listensTo: present } : { whispersTo: present };
};

/** A phone with a consultation leg has its first call on hold. */
const rolesOfOrigin = (state: TransferState): Record<string, AudioRole> => {
  const [first, consultation] = originLegs(state);
  if (first === undefined) return {};
  if (consultation === undefined) return { [first]: roleOfOrigin(state) };
  return { [first]: 'apart', [consultation]: roleOfOrigin(state) };
};

const isMusic = ({ stage }: TransferState): boolean =>
  stage === 'talk' || stage === 'attended' || stage === 'consult' || stage === 'rescue';

export function audioPlanOf(state: TransferState): AudioPlan {
  const legs = rolesOfOrigin(state);
  if ('target' in state) legs[state.target.leg] = state.stage === 'consult' ? 'aside' : 'with-caller';
  for (const leg of ringingLegs(state)) legs[leg] = roleOfRinging(state);
  const { supervisor } = state;
  if (supervisor) legs[supervisor.leg] = roleOfSupervisor(supervisor.as, presentLeg(state));
  return { legs, waitTone: isMusic(state) ? 'music' : 'ringing', muted: state.muted };
}
