/** The phones of a table: every endpoint it names, and where each belongs. Pure. */
import type { DestinationId, Queue, Table } from '../../routing/table.ts';

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
