/** Error replies: `{ code, message }`, and the problems of a table when it has some. */
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { HotlineError, TableRefused, TooManyRequests } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { CallRefused } from '../requests/refusals.ts';

const STATUS: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORISED: 401,
  FORBIDDEN: 403,
  NO_SUCH_REVISION: 404,
  NO_SUCH_CALL: 404,
  CONFLICT: 409,
  CHANGE_TOO_LARGE: 409,
  NO_CANARY: 409,
  TABLE_REFUSED: 422,
  FILE_UNREADABLE: 422,
  TOO_MANY_REQUESTS: 429,
  SERVICE_UNREACHABLE: 503,
  TABLE_NOT_KEPT: 507,
};

const statusOf = (error: HotlineError, request: FastifyRequest): number => {
  if (error.code === 'CONFLICT' && request.headers['if-match'] !== undefined) return 412;
  return error instanceof CallRefused ? error.status : (STATUS[error.code] ?? 500);
};

/** Said instead of a schema's pattern, which nobody wants to read. */
const FORMS: Readonly<Record<string, string>> = {
  revision: 'a revision, or the beginning of one: digits and letters a to f',
  limit: 'a whole number from 1 to 999',
};

/** What the validator says, except of patterns. */
const messageOf = ({ message, validation, validationContext }: FastifyError): string => {
  const [first] = validation ?? [];
  if (first?.keyword !== 'pattern') return message;
  const key = first.instancePath.slice(first.instancePath.lastIndexOf('/') + 1);
  return `${validationContext ?? 'body'}${first.instancePath} is not ${FORMS[key] ?? 'written as it has to be'}`;
};

/** A refusal by the server itself: of a body that is too large, of another content type, or against its schema. */
const ofServer = (error: FastifyError): { status: number; message: string } | undefined => {
  const { statusCode } = error;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? { status: statusCode, message: messageOf(error) }
    : undefined;
};

export const answerError =
  (log: Logger) =>
  (error: FastifyError | HotlineError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof HotlineError) {
      request.refusedWith = error.code;
      if (error instanceof TooManyRequests) void reply.header('retry-after', error.retryAfterSeconds);
      if (error.code === 'UNAUTHORISED') void reply.header('www-authenticate', 'Bearer');
      const { code, message } = error;
      const problems = error instanceof TableRefused ? { problems: error.problems } : {};
      return reply.code(statusOf(error, request)).send({ code, message, ...problems });
    }
    const refused = ofServer(error);
    request.refusedWith = refused ? 'BAD_REQUEST' : 'INTERNAL';
    if (refused) return reply.code(refused.status).send({ code: 'BAD_REQUEST', message: refused.message });
    log.error({ reason: String(error), url: request.url }, 'a request met a fault of ours');
    return reply.code(500).send({ code: 'INTERNAL', message: 'a fault of ours; the log says more' });
  };

/** For bytes that are not HTTP, or a head that is too large: there is no request yet, so the socket is answered. */
export const answerGarbage = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  if (!socket.writable) return;
  const [status, message] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'the path or the headers are too long']
      : ['400 Bad Request', 'this is not an HTTP request'];
  const body = JSON.stringify({ code: 'BAD_REQUEST', message });
  const head = [`HTTP/1.1 ${status}`, 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`];
  socket.end(`${[...head, 'connection: close'].join('\r\n')}\r\n\r\n${body}`);
};

export const answerUnknown = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply.code(404).send({ code: 'BAD_REQUEST', message: `there is no ${request.method} ${request.url.split('?')[0]}` });

/** Schema of every error reply. */
export const errorSchema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    problems: { type: 'array', items: { type: 'object', additionalProperties: true } },
  },
} as const;
