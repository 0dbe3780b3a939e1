/**
 * {@link ConnectAri} on the npm package `ari-client` 2.2, which is used for what it does well: every operation, from
 * Asterisk's own API description. It sends through `http.ts`; events come over `events.ts`.
 */
import ariClient, { type RawClient } from 'ari-client';
import { SwitchRefused } from '../../../base/errors.ts';
import { AriError, type AriSettings, type ConnectAri } from './client.ts';
import { openSocket } from './events.ts';
import { AriHttp, type AriRefusal, basicAuth, REQUEST_TIMEOUT_MS } from './http.ts';

/** The descriptions are a dozen documents; a PBX that has not handed them out by then is tried anew. */
const DESCRIBED_WITHIN_MS = 15_000;

/** Asks plainly first, so that a wrong password is told as such. */
async function probe(settings: AriSettings): Promise<void> {
  const { url, user } = settings;
  const response = await fetch(new URL('/ari/asterisk/info?only=system', url), {
    headers: { authorization: basicAuth(settings) },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new SwitchRefused(`${url} refused the ARI user "${user}" or its password (HTTP ${response.status})`);
  }
  if (!response.ok) throw new AriError('probe', response.status, `${url} does not answer as ARI`);
}

type Operation = (params: Record<string, unknown>) => PromiseLike<unknown>;

function findOperation(raw: RawClient, name: string): Operation {
  const [resource = '', nickname = ''] = name.split('.');
  const operation = (raw[resource] as Record<string, Operation> | undefined)?.[nickname];
  if (operation === undefined) throw new AriError(name, 501, 'this Asterisk has no such operation');
  return operation;
}

const isRefusal = (cause: unknown): cause is AriRefusal =>
  typeof cause === 'object' && cause !== null && 'statusText' in cause;

async function request(raw: RawClient, name: string, params: Record<string, unknown>): Promise<unknown> {
  const operation = findOperation(raw, name);
  try {
    return await operation(params);
  } catch (cause) {
    if (isRefusal(cause)) throw new AriError(name, cause.status, cause.statusText);
    throw new AriError(name, 400, String(cause)); // the library lacks a parameter: an error of ours, not the PBX's
  }
}

/** The library keeps its passwords and its log in places all its clients share; so do we, once, in one object. */
class AriLibrary {
  readonly #http = new AriHttp();
  /** By address. Loaded once: an API description does not change while the PBX is away for a moment. */
  readonly #described = new Map<string, RawClient>();

  constructor() {
    Object.assign(globalThis, { log: () => undefined }); // its logger, which prints a notice at every connect
  }

  async describe(settings: AriSettings): Promise<RawClient> {
    this.#http.use(settings);
    const known = this.#described.get(settings.url);
    if (known !== undefined) return known;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new AriError('api-docs', 0, 'the PBX does not hand out its API description')),
      DESCRIBED_WITHIN_MS,
    );
    try {
      const raw = await Promise.race([ariClient.connect(settings.url, settings.user, settings.password), late.promise]);
      this.#described.set(settings.url, raw);
      return raw;
    } finally {
      clearTimeout(timer);
    }
  }
}

const library = new AriLibrary();

export const connectAri: ConnectAri = async (settings, onEvent) => {
  await probe(settings);
  const raw = await library.describe(settings);
  const socket = await openSocket(settings, onEvent);
  return {
    request: (operation, params) => request(raw, operation, { ...params }),
    closed: socket.closed,
    close: socket.close,
  };
};
