/** `/api/me`, `/api/audit` and `/api/numbers`: who asks, who changed what, and what the live table has. */
import type { FastifyInstance } from 'fastify';
import type { Table } from '../../routing/table.ts';
import type { AuditTrail } from '../access/audit.ts';
import { MAY, permissionsOf, ROLES } from '../access/roles.ts';
import type { NumbersShown } from '../table-api.ts';
import { anyObject, type LimitQuery, limitOf, limitQuery, listOf, strictObject } from './schema.ts';

const me = strictObject(
  {
    name: { type: 'string' },
    role: { type: 'string', enum: ROLES },
    endpoint: { type: ['string', 'null'], description: "An agent's phone" },
    may: listOf({ type: 'string', enum: Object.keys(MAY) }),
  },
  ['name', 'role', 'endpoint', 'may'],
);

export function addServiceRoutes(api: FastifyInstance, audit: AuditTrail): void {
  const ofMe = { operationId: 'showMe', summary: 'Who asks, and what they may do', tags: ['service'] };
  api.get('/me', { config: { roles: MAY.see }, schema: { ...ofMe, response: { 200: me } } }, async ({ caller }) => ({
    name: caller.name,
    role: caller.role,
    endpoint: caller.endpoint ?? null,
    may: permissionsOf(caller.role),
  }));

  const ofAudit = {
    operationId: 'listAudit',
    summary: 'Changes that were asked for, the newest first',
    tags: ['service'],
  };
  const schema = { ...ofAudit, querystring: limitQuery, response: { 200: listOf(anyObject) } };
  api.get<{ Querystring: LimitQuery }>('/audit', { config: { roles: MAY.readAudit }, schema }, async ({ query }) =>
    audit.last(limitOf(query, 100)),
  );
}

const numbersShown = ({ revision, clock, numbers, regions, queues, seats }: Table): NumbersShown => ({
  revision,
  timeZone: clock.timeZone,
  numbers: Array.from(numbers.values(), ({ number, unit, mode }) => ({ number, unit, mode })),
  regions: Array.from(regions.values(), ({ id, name }) => ({ id, name })),
  destinations: [
    ...Array.from(queues.values(), ({ id, label, members, skillMembers }) => ({
      id,
      label,
      phones: members.length + [...skillMembers.values()].flat().length,
    })),
    ...Array.from(seats.values(), ({ id, label, endpoints }) => ({ id, label, phones: endpoints.length })),
  ],
});

export function addNumbersRoute(api: FastifyInstance, table: () => Table): void {
  const schema = { operationId: 'listNumbers', summary: 'Numbers, regions, queues and seats of the live table' };
  const shown = { ...schema, tags: ['service'], response: { 200: anyObject } };
  api.get('/numbers', { config: { roles: MAY.see }, schema: shown }, async () => numbersShown(table()));
}
