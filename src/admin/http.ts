/** The HTTP side of the service: whether it lives and is ready, and what operators do. On loopback unless the settings say otherwise. */
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { PortTaken } from '../errors.ts';
import type { Logger } from '../log.ts';
import { answerError, answerUnknown } from './answers.ts';
import { type ReloadCounts, scrape } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import type { TableControl } from './table-api.ts';
import { addTableRoutes } from './table-routes.ts';
import { type Caller, identifier, type Token } from './tokens.ts';

export interface AdminOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly readiness: () => Readiness;
  readonly reloads: () => ReloadCounts;
  readonly tokens: readonly Token[];
  readonly table: TableControl;
  readonly log: Logger;
}

export interface Admin {
  /** e.g. `http://127.0.0.1:8345` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws PortTaken when the address is in use or not ours. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const { host, port, readiness, reloads, tokens, table, log } = options;
  // What a body holds is taken as it is or refused: nothing in it is dropped or turned into another kind.
  const server = fastify({
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  server.setErrorHandler(answerError(log));
  server.setNotFoundHandler(answerUnknown);
  server.get('/healthz', async () => ({ alive: true }));
  server.get('/readyz', async (_request, reply) => {
    const answer = readiness();
    return reply.code(answer.ready ? 200 : 503).send(answer);
  });
  server.get('/metrics', async (_request, reply) => {
    const { type, text } = await scrape({ readiness, reloads, table: table.show });
    return reply.type(type).send(text);
  });
  await server.register(async (api) => addApi(api, tokens, table), { prefix: '/api' });
  const url = await listen(server, host, port);
  return { url, stop: () => server.close() };
}

/** Nothing under `/api` answers to somebody it does not know, not even that a path does not exist. */
function addApi(api: FastifyInstance, tokens: readonly Token[], table: TableControl): void {
  const identify = identifier(tokens);
  const callers = new WeakMap<FastifyRequest, Caller>();
  const callerOf = (request: FastifyRequest): Caller => {
    const known = callers.get(request) ?? identify(request.headers.authorization);
    callers.set(request, known);
    return known;
  };
  api.addHook('onRequest', async (request) => void callerOf(request));
  api.setNotFoundHandler(answerUnknown);
  addTableRoutes(api, table, callerOf);
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
