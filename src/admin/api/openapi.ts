/** The OpenAPI document. It is made of the routes' own schemas, so the two cannot differ. */
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { MAY } from '../access/roles.ts';

const INFO = {
  title: 'hotline-merger',
  version: '1',
  description:
    'The running controller: calls, numbers, the feed, the table and its changes. Every operation asks for a bearer token; `x-roles` says whose.',
};

const TAGS = [
  { name: 'calls', description: 'Calls, live and past' },
  { name: 'missed', description: 'Callers who reached nobody' },
  { name: 'feed', description: 'Where records go, and how far they are' },
  { name: 'table', description: 'The routing table and its changes' },
  { name: 'service', description: 'Who asks, what there is, who changed what' },
];

/** Await this before any route is added. */
export async function collectOpenApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      tags: TAGS,
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });
}

export const addOpenApiRoute = (api: FastifyInstance): void => {
  const schema = { operationId: 'showOpenApi', summary: 'This document', tags: ['service'] };
  const response = { 200: { type: 'object', additionalProperties: true } };
  api.get('/openapi.json', { config: { roles: MAY.see }, schema: { ...schema, response } }, async () => api.swagger());
};
