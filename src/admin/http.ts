/** The HTTP side of the service: whether it lives and is ready. On loopback unless the settings say otherwise. */
import { type FastifyInstance, fastify } from 'fastify';
import { PortTaken } from '../errors.ts';

/** What `/readyz` shows. */
export interface Readiness {
  /** Every switch is connected. */
  readonly ready: boolean;
  readonly revision: string;
  readonly switches: readonly { readonly name: string; readonly connected: boolean }[];
  /** Calls up at this moment. */
  readonly calls: number;
}

export interface AdminOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly readiness: () => Readiness;
}

export interface Admin {
  /** e.g. `http://127.0.0.1:8345` */
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws PortTaken when the address is in use or not ours. */
export async function startAdmin({ host, port, readiness }: AdminOptions): Promise<Admin> {
  const server = fastify({ forceCloseConnections: true });
  server.get('/healthz', async () => ({ alive: true }));
  server.get('/readyz', async (_request, reply) => {
    const answer = readiness();
    return reply.code(answer.ready ? 200 : 503).send(answer);
  });
  const url = await listen(server, host, port);
  return { url, stop: () => server.close() };
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
