/** What both kinds of connection have in common of the npm package `esl` 11. */
import type { Socket } from 'node:net';
import { FreeSwitchError, FreeSwitchResponse } from 'esl';
import { type ApiCommand, type EslCommands, EslError, type Execution } from './client.ts';

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

export const COMMAND_TIMEOUT_MS = 5_000;

/**
 * Commands over one connection of the library's, covered where it fails: it writes values as they are, and a line end
 * in one would be a header of its own, so such a command is not sent; it has one command under way, and takes an answer
 * that comes after its time for the next one's, so a time-out ends the connection.
 */
export class LibraryCommands implements EslCommands {
  readonly #raw: FreeSwitchResponse;
  readonly #unanswered: () => void;

  constructor(raw: FreeSwitchResponse, unanswered: () => void) {
    this.#raw = raw;
    this.#unanswered = unanswered;
  }

  async api(command: ApiCommand, args: readonly string[]): Promise<string> {
    const line = [command, ...args].join(' ');
    const { body } = await this.command(line, () => this.#raw.api(line, COMMAND_TIMEOUT_MS));
    return body.trim();
  }

  async originate(jobId: string, dialString: string): Promise<void> {
    const line = `bgapi originate ${dialString}`;
    await this.command(line, () => this.#raw.send(line, { 'Job-UUID': jobId }, COMMAND_TIMEOUT_MS));
  }

  async execute(channelId: string, { application, argument, id, locked = false }: Execution): Promise<void> {
    const values = {
      'call-command': 'execute',
      'execute-app-name': application,
      'execute-app-arg': argument,
      ...(id !== undefined && { 'Event-UUID': id }),
      ...(locked && { 'event-lock': 'true' }),
    };
    const line = `sendmsg ${channelId}`;
    const text = [line, ...Object.values(values)].join(' ');
    await this.command(text, () => this.#raw.send(line, values, COMMAND_TIMEOUT_MS));
  }

  /** @param text everything that will be written. */
  protected async command<T>(text: string, send: () => Promise<T>): Promise<T> {
    if (/[\r\n]/.test(text)) throw new EslError(text, 'not sent: a line end would be a command of its own');
    try {
      return await send();
    } catch (cause) {
      const error = toEslError(text, cause);
      if (error.isUnanswered) this.#unanswered();
      throw error;
    }
  }
}

export { FreeSwitchResponse };
