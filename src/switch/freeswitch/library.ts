/** What both kinds of connection have in common of the npm package `esl` 11. */
import type { Socket } from 'node:net';
import { FreeSwitchError, FreeSwitchResponse } from 'esl';
import { EslError } from './client.ts';

const quiet = (): void => undefined;

/** The library tells at `error` what is normal after a hang-up; what matters it rejects too, and that is told by us. */
export const SILENT = { debug: quiet, info: quiet, error: quiet };

/** What FreeSWITCH said, or why it said nothing, out of the library's several errors. */
export function toEslError(command: string, cause: unknown): EslError {
  if (!(cause instanceof FreeSwitchError)) return new EslError(command, null);
  const { res } = cause;
  if (res === undefined) return new EslError(command, null, 'the connection is gone');
  const body = typeof res.body === 'string' ? res.body : undefined;
  return new EslError(command, (body || res.headers['Reply-Text'] || '').trim());
}

/** What the library tells of a message that is none of the protocol's. */
const NO_MESSAGE = [
  'error.invalid-json',
  'error.missing-content-type',
  'error.missing-event-name',
  'error.unhandled-content-type',
] as const;

/** Tells of the first message that is none: from then on nobody knows what was missed. */
export function onGarbage(raw: FreeSwitchResponse, tell: () => void): void {
  for (const kind of NO_MESSAGE) raw.once(kind, tell);
}

/**
 * Tells when a message's headers are longer than any of FreeSWITCH's: the library would keep them, without an end. To be
 * called before the library sees the socket. A body may be long: a list of many channels is.
 */
export function limitHeaders(socket: Socket, mostBytes: number, tooLong: () => void): void {
  let headers: Buffer = Buffer.alloc(0);
  let bodyLeft = 0;
  socket.on('data', (data: Buffer) => {
    for (let rest = data; rest.length > 0; ) {
      const ofBody = Math.min(bodyLeft, rest.length);
      bodyLeft -= ofBody;
      headers = Buffer.concat([headers, rest.subarray(ofBody)]);
      const end = headers.indexOf('\n\n');
      if (end < 0) break;
      bodyLeft = Number(/^Content-Length: (\d+)$/m.exec(headers.toString('latin1', 0, end))?.[1] ?? 0);
      rest = headers.subarray(end + 2);
      headers = Buffer.alloc(0);
    }
    if (headers.length > mostBytes) tooLong();
  });
}

export { FreeSwitchResponse };
