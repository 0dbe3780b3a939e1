/** mod_callcenter of a FreeSWITCH PBX: queues, agents and tiers of the routing table. Pure. */
import type { Queue, Table } from '../routing/table.ts';
import { comment, element, opening, params } from './freeswitch-text.ts';
import { queueMembers } from './queue-members.ts';

/** An agent's phone rings this long before the queue asks the next. */
const RING_SECONDS = 15;

/** What FreeSWITCH dials for an endpoint: `name` is a user of its directory, `number@trunk` goes over a gateway. */
export const dialString = (endpoint: string): string => {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
};

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

const leftOut = ({ announce, capacity }: Queue): boolean => announce !== undefined || capacity !== undefined;

export const queueElements = (table: Table): string[] => {
  const mostSeconds = longestWait(table) + UNCONTROLLED_MARGIN_SECONDS;
  return queueMembers(table).flatMap(({ name, queue: of }) => [
    ...(leftOut(of) ? [comment(`${name}: mod_callcenter has no capacity and tells no position: left out`)] : []),
    ...queue(name, mostSeconds),
  ]);
};

/** An agent may serve several queues, and is written once. */
export const agentElements = (table: Table): string[] =>
  [...new Set(queueMembers(table).flatMap(({ members }) => members))].map(agent);

export const tierElements = (table: Table): string[] =>
  queueMembers(table).flatMap(({ name, members }) => tiers(name, members));
