/** mod_callcenter: queues, agents and tiers of the routing table, and a wait in one of them. Pure. */
import type { Table } from '../../routing/table.ts';
import { isLeftOut, queueMembers } from '../queue-members.ts';
import { dialString, RING_SECONDS } from './endpoints.ts';
import type { QueueEngine } from './queue-engine.ts';
import { goTo } from './regions.ts';
import { comment, element, opening, params } from './text.ts';

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
const queue = (name: string, mostSeconds: number): string[] => [
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
    ...queue(name, mostSeconds),
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

export const callcenter: QueueEngine = {
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
