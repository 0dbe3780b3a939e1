/** `callcenter.conf` of a FreeSWITCH PBX, generated from the routing table. Pure. */
import type { Queue, Table } from '../routing/table.ts';
import { skillQueueName } from './asterisk.ts';

/** An agent's phone rings this long before the queue asks the next. */
const RING_SECONDS = 15;

const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** An element without content. */
export const element = (name: string, attributes: Readonly<Record<string, string | number>>): string => {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${written.join('')}/>`;
};

export const params = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).map(([name, value]) => element('param', { name, value }));

/** What FreeSWITCH dials for an endpoint: `name` is a user of its directory, `number@trunk` goes over a gateway. */
const dialString = (endpoint: string): string => {
  const [number = '', trunk] = endpoint.split('@');
  return trunk === undefined ? `user/${number}` : `sofia/gateway/${trunk}/${number}`;
};

/** Seconds that the queue's own limit lies beyond the controller's: it counts only while nobody controls the call. */
const UNCONTROLLED_MARGIN_SECONDS = 5;

/** The longest that any rule lets a call wait in a queue. */
const longestWait = (table: Table): number =>
  Math.max(
    ...[...table.queues.values()].map(({ waitSeconds }) => waitSeconds),
    ...[...table.numbers.values()].flatMap(({ rules }) =>
      rules.flatMap(({ connect }) => connect.map(({ seconds = 0 }) => seconds)),
    ),
  );

/** Who waits hears the music of the PBX. */
const queue = (name: string, music: string, waitSeconds: number): string[] => [
  `<queue name="${escapeXml(name)}">`,
  ...params({
    strategy: 'round-robin',
    'moh-sound': music,
    'time-base-score': 'queue',
    'max-wait-time': waitSeconds,
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

const membersOf = (each: Queue): [string, readonly string[]][] => [
  [each.name, each.members],
  ...each.skills.map((skill): [string, readonly string[]] => [
    skillQueueName(each.name, skill),
    each.skillMembers.get(skill) ?? [],
  ]),
];

/** The whole `callcenter.conf`. @param music what who waits hears, e.g. `local_stream://moh` */
export const callcenterConf = (table: Table, music = 'local_stream://moh'): string => {
  const queues = [...table.queues.values()].flatMap(membersOf);
  const waitSeconds = longestWait(table) + UNCONTROLLED_MARGIN_SECONDS;
  const endpoints = [...new Set(queues.flatMap(([, members]) => members))];
  return [
    '<configuration name="callcenter.conf">',
    '<settings/>',
    '<queues>',
    ...queues.flatMap(([name]) => queue(name, music, waitSeconds)),
    '</queues>',
    '<agents>',
    ...endpoints.map(agent),
    '</agents>',
    '<tiers>',
    ...queues.flatMap(([name, members]) => tiers(name, members)),
    '</tiers>',
    '</configuration>',
    '',
  ].join('\n');
};
