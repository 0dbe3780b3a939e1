/** `/api/me` and `/api/audit`: who asks, and who changed what. */
import type { FastifyInstance } from 'fastify';
import type { AuditTrail } from '../access/audit.ts';
import { MAY, permissionsOf, ROLES } from '../access/roles.ts';
import { anyObject, type LimitQuery, limitOf, limitQuery, listOf, strictObject } from './shape.ts';

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
