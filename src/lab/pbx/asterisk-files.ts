/** Configuration every private Asterisk of the lab shares; what differs is handed in by `pbx.ts` and the exchange. */
import type { DestinationId, Queue, Table } from '../../routing/table.ts';
import type { AsteriskFolders } from './place.ts';
import { fillTemplate, fillTemplates } from './templates.ts';

/** An ARI user of a private Asterisk. */
export interface AriUser {
  readonly user: string;
  readonly password: string;
}

export interface InstancePlan {
  /** Folder of the instance as its own Asterisk sees it. */
  readonly folder: string;
  readonly name: string;
  readonly httpPort: number;
  readonly sipPort: number;
  readonly ari: AriUser;
}

/** Folders an instance needs under its own. */
export const INSTANCE_FOLDERS = [
  'etc',
  'run',
  'log/cdr-csv',
  'log/cdr-custom',
  'spool/recording',
  'db',
  'keys',
  'agi',
] as const;

/** What both instances have alike; file name under `etc/` → text. */
export const commonFiles = (
  { ari, ...plan }: InstancePlan,
  { modules, data }: AsteriskFolders,
): Promise<Record<string, string>> => fillTemplates('asterisk', { ...plan, ...ari, modules, data });

interface EndpointOptions {
  readonly context: string;
  /** SIP address without `sip:`. */
  readonly contact: string;
  /** A line of its `identify` section. */
  readonly identifiedBy: string;
  /** Whether a phone that holds says so to the other side. */
  readonly holdPassed?: boolean;
}

/** An endpoint at the other instance. */
export const pjsipEndpoint = (name: string, { holdPassed = false, ...options }: EndpointOptions): Promise<string> =>
  fillTemplate('pjsip-endpoint.conf', { ...options, name, holdPassed: holdPassed ? 'yes' : 'no' });

/** `pjsip.conf` of an instance with these endpoints. */
export const pjsipConf = async ({ sipPort }: InstancePlan, endpoints: readonly Promise<string>[]): Promise<string> =>
  [await fillTemplate('pjsip.conf', { sipPort }), ...(await Promise.all(endpoints))].join('\n');

const everyMember = (queue: Queue): string[] => [...queue.members, ...[...queue.skillMembers.values()].flat()];

/** Everything the table dials, once each: `agent-1` of a PBX endpoint, or `number@trunk`. */
export const endpointsOf = (table: Table): string[] => {
  const named = [
    ...[...table.queues.values()].flatMap(everyMember),
    ...[...table.seats.values()].flatMap((seats) => seats.endpoints),
  ];
  return [...new Set(named)].sort();
};

/** The user part that the far end is called by: `number` of `number@trunk`. */
export const phoneOf = (endpoint: string): string => endpoint.split('@')[0] ?? endpoint;

/** Destinations an endpoint answers for; seats before queues, for a seat may be lent to a queue. */
export const destinationsOf = (table: Table, phone: string): DestinationId[] => {
  const has = (endpoints: readonly string[]): boolean => endpoints.some((endpoint) => phoneOf(endpoint) === phone);
  return [
    ...[...table.seats.values()].filter((seats) => has(seats.endpoints)).map((seats) => seats.id),
    ...[...table.queues.values()].filter((queue) => has(everyMember(queue))).map((queue) => queue.id),
  ];
};
