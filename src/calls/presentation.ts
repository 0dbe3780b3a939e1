/** What an agent's phone shows of a call: hotline, city, and what the agent before had to say. */
import type { Table } from '../routing/table.ts';
import type { Call, HandedOn, Presentation } from '../switch/port.ts';
import type { CallMemory } from './checkpoint.ts';
import type { HandOver } from './transfer/state.ts';

/** Withheld numbers have no digits. */
const callerNumber = (raw: string | null): string | null => (raw !== null && /\d/.test(raw) ? raw : null);

/** Undefined for a call to a number outside the table: nobody is rung for it. */
export function presentationOf(call: Call, table: Table, memory: CallMemory): Presentation | undefined {
  const { number: hotline, region } = memory;
  if (hotline === null || region === null) return undefined;
  const name = `${hotline} ${table.regions.get(region)?.name ?? region}`;
  const shown = { name, number: callerNumber(call.arrival.caller), hotline, region };
  const handedOn = memory.hand && handedOnOf(memory.hand);
  return handedOn === undefined ? shown : { ...shown, handedOn };
}

function handedOnOf(state: HandOver): HandedOn | undefined {
  if (!('asked' in state)) return undefined;
  const { asked, workOrder = null, origin } = state;
  const giver = state.stage === 'pull-back' ? state.target : origin;
  return { from: asked.from, agent: giver.agent, workOrder, note: asked.note ?? null };
}
