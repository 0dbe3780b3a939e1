/**
 * The HTTP beneath `ari-client`. The library builds each operation's request from Asterisk's own API description; its own
 * way of sending one (shred 0.8) opens a connection a request, tells nobody of one that was reset, never settles one that
 * is not answered, and throws out of reach on an answer it cannot read. So the sending is ours: kept-alive connections,
 * a time limit, and every request ends in exactly one of the two callbacks.
 */
import { Agent, type IncomingMessage, request as sendHttp } from 'node:http';
import swagger, { type SwaggerRequest } from 'swagger-client';
import type { AriSettings } from './client.ts';

export const REQUEST_TIMEOUT_MS = 5_000;
/** Below Asterisk's `sessionlimit` (100 by default), past which it answers 503. */
const MAX_SOCKETS = 32;

/** Why an operation was not done, as the error callback gets it. `status` 0: no answer, or none that can be read. */
export interface AriRefusal {
  readonly status: number;
  readonly statusText: string;
}

interface Account {
  readonly authorization: string;
  readonly agent: Agent;
}

export const basicAuth = ({ user, password }: Pick<AriSettings, 'user' | 'password'>): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Asterisk says why in `{"message": …}`; its HTTP server by itself says it in HTML, which helps nobody. */
function reasonIn(body: string, response: IncomingMessage): string {
  try {
    return (JSON.parse(body) as { message: string }).message;
  } catch {
    return response.statusMessage ?? '';
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

/** Accounts of every PBX, by `host:port`: the library keeps one password for all, in a place all its clients share. */
export class AriHttp {
  readonly #accounts = new Map<string, Account>();

  /** Makes the library send through us from now on. */
  constructor() {
    swagger.SwaggerHttp.prototype.execute = (request) => void this.#execute(request);
  }

  use(settings: AriSettings): void {
    const { host } = new URL(settings.url);
    const agent = this.#accounts.get(host)?.agent ?? new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#accounts.set(host, { authorization: basicAuth(settings), agent });
  }

  async #execute(request: SwaggerRequest): Promise<void> {
    const refuse = (refusal: AriRefusal): void => {
      try {
        request.on.error(refusal);
      } catch {
        // While it loads descriptions, the library reports a failure and then throws it besides.
      }
    };
    try {
      const response = await this.#send(request);
      const body = await textOf(response);
      const status = response.statusCode ?? 0;
      if (status >= 400) refuse({ status, statusText: reasonIn(body, response) });
      else request.on.response({ status, data: body });
    } catch (error) {
      refuse({ status: 0, statusText: describe(error) });
    }
  }

  #send({ url, method, headers, body }: SwaggerRequest): Promise<IncomingMessage> {
    const account = this.#accounts.get(new URL(url).host);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const sent = sendHttp(url, {
      method: method.toUpperCase(),
      headers: { ...headers, ...(account && { authorization: account.authorization }) },
      ...(account && { agent: account.agent }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    sent.once('response', resolve);
    sent.on('error', reject);
    sent.end(body);
    return promise;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer' : error.message;
}
