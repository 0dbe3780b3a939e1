/**
 * The HTTP side of the service: whether it lives and is ready, metrics, and `/api` behind its gate. On loopback unless the
 * settings say otherwise.
 */
import { type FastifyInstance, fastify } from 'fastify';
import { PortTaken } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { FeedHealth } from '../feed/health.ts';
import type { MissedCalls } from '../feed/missed/missed.ts';
import type { CallControl } from '../requests/request.ts';
import type { Table } from '../routing/table.ts';
import { type ApiRoutes, addGate, type Limits } from './access/access.ts';
import { AuditTrail } from './access/audit.ts';
import type { Token } from './access/tokens.ts';
import { addCallRoutes } from './api/call-routes.ts';
import { addFeedRoute, addMissedRoutes } from './api/feed-routes.ts';
import { addOpenApiRoute, collectOpenApi } from './api/openapi.ts';
import { addNumbersRoute, addServiceRoutes } from './api/service-routes.ts';
import { addTableRoutes } from './api/table-routes.ts';
import { addTransferRoutes } from './api/transfer-routes.ts';
import { Broadcast } from './board/broadcast.ts';
import type { BoardKeeper } from './board/keeper.ts';
import { serviceShown } from './board/view-model.ts';
import { answerError, answerGarbage, answerUnknown } from './error-replies.ts';
import { EventLoopDelay, type Readiness } from './health.ts';
import { type ReloadCounts, scrape } from './metrics.ts';
import { addPage } from './page-files.ts';
import type { TableControl } from './table-api.ts';

/** What a browser may do with an answer: load nothing from elsewhere, frame it nowhere, guess nothing. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

/** Only the body of a table is longer. */
const LARGEST_BODY = 64 * 1024;

export interface AdminOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly readiness: () => Readiness;
  readonly reloads: () => ReloadCounts;
  readonly tokens: readonly Token[];
  readonly limits: Limits;
  /** File of the audit trail. */
  readonly audit: string;
  readonly table: TableControl;
  readonly liveTable: () => Table;
  readonly feed: () => FeedHealth;
  readonly missed: MissedCalls;
  readonly calls: CallControl;
  readonly keeper: BoardKeeper;
  /** The revision that a call was routed by; undefined: it is no longer kept. */
  readonly tableOf: (revision: string) => Promise<Table | undefined>;
  /** Routes of other parts, below `/api`. */
  readonly routes?: readonly ApiRoutes[];
  readonly log: Logger;
}

export interface Admin {
  /** e.g. `http://127.0.0.1:8345` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws PortTaken when the address is in use or not ours. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { host, port, log } = options;
  // A body is accepted as it is or refused: no field is dropped, and no value is converted to another type.
  const server = fastify({
    forceCloseConnections: true,
    bodyLimit: LARGEST_BODY,
    clientErrorHandler: answerGarbage,
    frameworkErrors: (error, request, reply) => void answerError(log)(error, request, reply.headers(SECURITY_HEADERS)),
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  takeEmptyBodies(server);
  server.decorateRequest('caller');
  server.decorateRequest('refusedWith', undefined);
  server.setErrorHandler(answerError(log));
  server.setNotFoundHandler(answerUnknown);
  addSecurityHeaders(server);
  const broadcast = broadcastOf(options);
  const eventLoop = new EventLoopDelay();
  server.addHook('onClose', async () => eventLoop.stop());
  server.addHook('preClose', async () => broadcast.stop());
  addProbes(server, options);
  addMetrics(server, options, broadcast, eventLoop);
  await addPage(server);
  await collectOpenApi(server);
  await server.register(async (api) => addApi(api, options, broadcast), { prefix: '/api' });
  const url = await listen(server, host, port);
  return { url, stop: () => server.close() };
}

/** No cache may keep who called whom. The page's own files set another `cache-control`. */
function addSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', async (_request, reply) => {
    void reply.headers(SECURITY_HEADERS).header('cache-control', 'no-store');
  });
}

/** An empty body counts as no body, whatever its content type; the route's schema says whether it needs one. */
function takeEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, undefined);
    else void parse(request, body, done);
  });
}

const broadcastOf = ({ keeper, table, readiness, feed, log }: AdminOptions): Broadcast =>
  new Broadcast({
    board: keeper.board,
    service: async () => serviceShown(await table.show(), readiness(), feed()),
    now: Date.now,
    log,
  });

/** Probes need no token. */
function addProbes(server: FastifyInstance, { readiness }: AdminOptions): void {
  server.get('/healthz', async () => ({ alive: true }));
  server.get('/readyz', async (_request, reply) => {
    const answer = readiness();
    return reply.code(answer.ready ? 200 : 503).send(answer);
  });
}

/** Prometheus has no token either; the metrics hold no caller's number. */
function addMetrics(
  server: FastifyInstance,
  { readiness, reloads, table, keeper, feed }: AdminOptions,
  broadcast: Broadcast,
  eventLoop: EventLoopDelay,
): void {
  const { board, totals } = keeper;
  const of = { readiness, reloads, table: table.show, board, totals, feed };
  const here = { eventLoop: () => eventLoop.now, watchers: () => broadcast.watchers, now: Date.now };
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await scrape({ ...of, ...here });
    return reply.type(type).send(text);
  });
}

function addApi(api: FastifyInstance, options: AdminOptions, broadcast: Broadcast): void {
  const { tokens, limits, table, liveTable, feed, missed, calls, keeper, tableOf, routes = [], log } = options;
  const audit = new AuditTrail(options.audit, log);
  addGate(api, { tokens, limits, audit, now: () => performance.now() });
  api.setNotFoundHandler(answerUnknown);
  addOpenApiRoute(api);
  addServiceRoutes(api, audit);
  addNumbersRoute(api, liveTable);
  addCallRoutes(api, { keeper, broadcast, tableOf });
  addTransferRoutes(api, calls);
  addFeedRoute(api, feed);
  addMissedRoutes(api, missed);
  addTableRoutes(api, table);
  for (const addRoutes of routes) addRoutes(api);
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error;
    throw new PortTaken(
      `${host}:${port} cannot be listened on (${code}); set http.port or HOTLINE_HTTP_PORT to another`,
    );
  }
}
