/** mod_fifo: queues of the routing table with their members, and a wait in one of them. Pure. */
import type { Table } from '../../routing/table.ts';
import { isLeftOut, queueMembers } from '../queue-members.ts';
import { dialString, RING_SECONDS } from './endpoints.ts';
import type { QueueEngine } from './queue-engine.ts';
import { goTo } from './regions.ts';
import { comment, opening, textElement } from './text.ts';

/**
 * `ringall`, or the phone is not told whose call it is; of one member at a time (`outbound_per_cycle`), who was free for
 * the longest. Whoever did not answer is asked again after a second, as after a call.
 */
const fifoAttributes = (name: string) => ({
  name,
  importance: 0,
  outbound_strategy: 'ringall',
  outbound_per_cycle: 1,
  retry_delay: 0,
});

/** By itself mod_fifo ends the talk at the agent's `*`, and no hand-over could be asked for by keys: no key is `none`. */
const NO_KEY_ENDS_IT = 'fifo_consumer_exit_key=none';

/** One call at a time, whichever queues the endpoint serves: it has one id in all of them. */
const member = (endpoint: string): string => {
  const who = [`fifo_outbound_uuid=${endpoint}`, `fifo_consumer_id=${endpoint}`];
  const variables = [...who, NO_KEY_ENDS_IT, 'ignore_early_media=true'];
  const attributes = { timeout: RING_SECONDS, simo: 1, lag: 0 };
  return textElement('member', attributes, `{${variables}}${dialString(endpoint)}`);
};

const fifoElements = (table: Table): string[] =>
  queueMembers(table).flatMap(({ name, members, queue }) => [
    ...(isLeftOut(queue) ? [comment(`${name}: mod_fifo has no capacity and tells no position: left out`)] : []),
    opening('fifo', fifoAttributes(name)),
    ...members.map(member),
    '</fifo>',
  ]);

export const fifo: QueueEngine = {
  files: (table) => ({ 'hotline-fifos.xml': fifoElements(table) }),
  /** It shows a phone what the caller's channel is called, and heeds none of the variables that say otherwise. */
  prepare: (headers) => [
    ['set_profile_var', `caller_id_name=\${effective_caller_id_name}`],
    ['set_profile_var', `caller_id_number=\${effective_caller_id_number}`],
    ['set', `fifo_export=${headers}`],
    ['set', `fifo_music=\${hold_music}`],
  ],
  wait: ({ queue, waitSeconds, next, context }) => [
    ['set', `fifo_orbit_exten=${next}:${waitSeconds}`],
    ['set', 'fifo_orbit_dialplan=XML'],
    ['set', `fifo_orbit_context=${context}`],
    ['fifo', `${queue} in`],
    goTo(next, context),
  ],
  afterWait: [],
};
