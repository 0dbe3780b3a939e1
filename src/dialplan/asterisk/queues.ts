/** `queues.conf` of an Asterisk PBX, generated from the routing table. Pure. */
import type { Queue, Table } from '../../routing/table.ts';
import { type QueueMembers, queueMembers } from '../queue-members.ts';

/** Agent and waits are left on the caller's channel for the controller to read. */
const OPTIONS = [
  'strategy = rrmemory',
  'musicclass = default',
  'setinterfacevar = yes',
  'setqueuevar = yes',
  'setqueueentryvar = yes',
  'autofill = yes',
  'ringinuse = no',
  'timeout = 15',
  'retry = 1',
  'joinempty = unavailable,invalid,unknown',
  'leavewhenempty = unavailable,invalid,unknown',
];

const member = (endpoint: string): string => `member => PJSIP/${endpoint},0,${endpoint},PJSIP/${endpoint}`;

/** What who waits is told, and how many may wait. */
const limits = ({ announce, capacity }: Queue): readonly string[] => [
  `announce-frequency = ${announce?.everySeconds ?? 0}`,
  ...(announce === undefined
    ? []
    : [
        `announce-position = ${announce.position ? 'yes' : 'no'}`,
        `announce-holdtime = ${announce.estimate ? 'yes' : 'no'}`,
      ]),
  ...(capacity === undefined ? [] : [`maxlen = ${capacity}`]),
];

const section = ({ name, members, queue }: QueueMembers): string =>
  [`[${name}]`, ...OPTIONS, ...limits(queue), ...members.map(member), ''].join('\n');

/** A section per queue, and one per skill of a queue: to be included in a `queues.conf` that has its own [general]. */
export const queueSections = (table: Table): string => queueMembers(table).map(section).join('\n');

/** The whole file, for a PBX of our own. */
export const queuesConf = (table: Table): string =>
  [
    '; Generated from the routing table; changes made here are lost.',
    '[general]',
    'persistentmembers = no',
    'shared_lastcall = no',
    '',
    queueSections(table),
  ].join('\n');
