/**
 * The gate of `/api`. Without a known token nothing behind it is answered, not even that a path does not exist. A route
 * that names no roles stops the service from starting.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Forbidden } from '../../base/errors.ts';
import { errorSchema } from '../error-replies.ts';
import { type AuditTrail, shortened } from './audit.ts';
import { RateLimit } from './rate-limit.ts';
import type { Role } from './roles.ts';
import { type Caller, identifier, type Token } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set for every request that has passed the gate. */
    caller: Caller;
    /** Code of the error reply. */
    refusedWith: string | undefined;
  }
  interface FastifyContextConfig {
    /** Who may; one of the lists of `MAY`. */
    roles?: readonly Role[];
  }
}

/** Adds its routes, each with `config: { roles: MAY.… }` and a schema with `operationId`. */
export type ApiRoutes = (api: FastifyInstance) => void;

export interface Limits {
  /** Requests of one token. */
  readonly perMinute: number;
  /** Of these, requests that change something. */
  readonly changesPerMinute: number;
}

export interface GateOptions {
  readonly tokens: readonly Token[];
  readonly limits: Limits;
  readonly audit: AuditTrail;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Wrong tokens from one address; nobody mistypes so often. */
const WRONG_TOKENS_PER_MINUTE = 60;

const isChange = (method: string): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

const isCommand = ({ headers }: FastifyRequest): boolean => headers['user-agent']?.startsWith('hotline-cli') === true;

/** Whether a command or any other program asks. */
export const askedFrom = (request: FastifyRequest): 'cli' | 'http' => (isCommand(request) ? 'cli' : 'http');

function mustHaveRole({ caller: { name, role }, routeOptions }: FastifyRequest): void {
  const { roles } = routeOptions.config;
  if (roles === undefined || roles.includes(role)) return;
  throw new Forbidden(
    `${name} is a ${role}; this takes an ${roles.join(' or ')}`.replace('an supervisor', 'a supervisor'),
  );
}

/** Adds what the gate does to the route's OpenAPI entry. */
function documentAccess(route: RouteOptions): void {
  const { roles } = route.config ?? {};
  if (roles === undefined) throw new Error(`${route.method} ${route.url} does not say which roles it asks for`);
  const { response, ...schema } = route.schema ?? {};
  const refusals = Object.fromEntries([400, 401, 403, 404, 413, 415, 429].map((status) => [status, errorSchema]));
  route.schema = {
    ...schema,
    security: [{ token: [] }],
    ...{ 'x-roles': roles },
    response: { ...refusals, ...(response as object) },
  };
}

const auditOf = (request: FastifyRequest, reply: FastifyReply) => ({
  at: new Date().toISOString(),
  who: request.caller.name,
  role: request.caller.role,
  address: request.ip,
  from: askedFrom(request),
  what: request.routeOptions.schema?.operationId ?? `${request.method} of no route`,
  path: request.url.slice(0, 500),
  asked: shortened(request.body ?? null),
  status: reply.statusCode,
  ...(request.refusedWith !== undefined && { code: request.refusedWith }),
});

/** Call this before any route is added. */
export function addGate(api: FastifyInstance, { tokens, limits, audit, now }: GateOptions): void {
  const identify = identifier(tokens);
  const all = new RateLimit(limits.perMinute, now);
  const changes = new RateLimit(limits.changesPerMinute, now);
  const strangers = new RateLimit(WRONG_TOKENS_PER_MINUTE, now);
  const callerOf = ({ headers, ip }: FastifyRequest): Caller => {
    try {
      return identify(headers.authorization);
    } catch (error) {
      strangers.take(ip);
      throw error;
    }
  };
  api.addHook('onRoute', documentAccess);
  api.addHook('onRequest', async (request) => {
    request.caller = callerOf(request);
    all.take(request.caller.name);
    if (isChange(request.method)) changes.take(request.caller.name);
    mustHaveRole(request);
  });
  api.addHook('onSend', async (request, reply) => {
    if (!isChange(request.method) || !request.caller || request.refusedWith === 'TOO_MANY_REQUESTS') return;
    await audit.add(auditOf(request, reply));
  });
}
