/**
 * Queues of the routing table in FreeSWITCH, which has two modules that queue callers: mod_callcenter and mod_fifo. Each is
 * one `QueueEngine`: the lists it includes, and a wait in one of its queues. Pure.
 */
import type { Table } from '../../routing/table.ts';
import { isLeftOut, queueMembers } from '../queue-members.ts';
import { type Action, comment, dialString, element, goTo, opening, params, textElement } from './text.ts';

/** A caller's wait in a queue, as a plan has it. */
export interface Wait {
  /** The queue's name on the PBX. */
  readonly queue: string;
  readonly waitSeconds: number;
  /** What follows when nobody came: an extension, and its context. */
  readonly next: string;
  readonly context: string;
}

export interface QueueEngine {
  /** File name → what it includes. */
  files(table: Table): Readonly<Record<string, readonly string[]>>;
  /** What has to be set on a caller before any wait. @param headers variables that an agent's phone is to be sent. */
  prepare(headers: readonly string[]): readonly Action[];
  wait(wait: Wait): readonly Action[];
  /** What comes first of what follows. */
  readonly afterWait: readonly Action[];
}

/** An agent's phone rings this long before a queue asks the next. */
const RING_SECONDS = 15;

/** Seconds that the queue's own limit lies beyond the controller's: it counts only while nobody controls the call. */
const UNCONTROLLED_MARGIN_SECONDS = 5;

/** The longest that any rule lets a call wait in a queue. */
const longestWait = (table: Table): number =>
  Math.max(
    0,
    ...Array.from(table.queues.values(), ({ waitSeconds }) => waitSeconds),
    ...[...table.numbers.values()].flatMap(({ rules }) =>
      rules.flatMap(({ connect }) => connect.map(({ seconds = 0 }) => seconds)),
    ),
  );

/**
 * Each caller's limit is the controller's, or the dialplan's where nobody controls the call. The queue's own, the same for
 * all who wait in it, is for who was put there by a controller that died. Who waits hears `hold_music`, a variable of
 * FreeSWITCH's own `vars.xml`.
 */
const queueElement = (name: string, mostSeconds: number): string[] => [
  opening('queue', { name }),
  ...params({
    strategy: 'round-robin',
    'moh-sound': '$${hold_music}',
    'time-base-score': 'queue',
    'max-wait-time': mostSeconds,
    'max-wait-time-with-no-agent': 0,
    'tier-rules-apply': 'false',
    'discard-abandoned-after': 60,
    'abandoned-resume-allowed': 'false',
  }),
  '</queue>',
];

/** Whoever did not answer is asked again after a second: the others were asked meanwhile. */
const agent = (endpoint: string): string =>
  element('agent', {
    name: endpoint,
    type: 'callback',
    contact: `[leg_timeout=${RING_SECONDS}]${dialString(endpoint)}`,
    status: 'Available',
    'max-no-answer': 0,
    'wrap-up-time': 0,
    'reject-delay-time': 1,
    'busy-delay-time': 1,
    'no-answer-delay-time': 1,
  });

const tiers = (name: string, members: readonly string[]): string[] =>
  members.map((member, index) => element('tier', { agent: member, queue: name, level: 1, position: index + 1 }));

const queueElements = (table: Table): string[] => {
  const mostSeconds = longestWait(table) + UNCONTROLLED_MARGIN_SECONDS;
  return queueMembers(table).flatMap(({ name, queue: of }) => [
    ...(isLeftOut(of) ? [comment(`${name}: mod_callcenter has no capacity and tells no position: left out`)] : []),
    ...queueElement(name, mostSeconds),
  ]);
};

/** An agent may serve several queues, and is written once. */
const agentElements = (table: Table): string[] =>
  [...new Set(queueMembers(table).flatMap(({ members }) => members))].map(agent);

const tierElements = (table: Table): string[] =>
  queueMembers(table).flatMap(({ name, members }) => tiers(name, members));

/** The limit of a wait, ended by itself when an agent is there, or in what follows. */
const TIMER = `hotline-wait-\${uuid}`;
const END_OF_WAIT = `sched_cancel ${TIMER}`;

const callcenter: QueueEngine = {
  files: (table) => ({
    'hotline-queues.xml': queueElements(table),
    'hotline-agents.xml': agentElements(table),
    'hotline-tiers.xml': tierElements(table),
  }),
  prepare: (headers) => [
    ['set', `cc_export_vars=${headers}`],
    ['set', `execute_on_pre_bridge=${END_OF_WAIT}`],
  ],
  /** mod_callcenter's own limit is one for all who wait in a queue, and a plan may have another. */
  wait: ({ queue: name, waitSeconds, next, context }) => [
    ['set', `hotline_wait=\${sched_api(+${waitSeconds} ${TIMER} uuid_transfer \${uuid} ${next} XML ${context})}`],
    ['callcenter', name],
    goTo(next, context),
  ],
  afterWait: [['sched_cancel', TIMER]],
};

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
const fifoMember = (endpoint: string): string => {
  const who = [`fifo_outbound_uuid=${endpoint}`, `fifo_consumer_id=${endpoint}`];
  const variables = [...who, NO_KEY_ENDS_IT, 'ignore_early_media=true'];
  const attributes = { timeout: RING_SECONDS, simo: 1, lag: 0 };
  return textElement('member', attributes, `{${variables}}${dialString(endpoint)}`);
};

const fifoElements = (table: Table): string[] =>
  queueMembers(table).flatMap(({ name, members, queue }) => [
    ...(isLeftOut(queue) ? [comment(`${name}: mod_fifo has no capacity and tells no position: left out`)] : []),
    opening('fifo', fifoAttributes(name)),
    ...members.map(fifoMember),
    '</fifo>',
  ]);

const fifo: QueueEngine = {
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

/** By the name that the settings have for them. */
export const QUEUE_ENGINES = { callcenter, fifo } as const satisfies Record<string, QueueEngine>;

export type QueueEngineName = keyof typeof QUEUE_ENGINES;
