/** What inbound and outbound connections both use of the npm package `esl` 11. */
import type { Socket } from 'node:net';
import { FreeSwitchError, FreeSwitchResponse } from 'esl';
import { type ApiCommand, type EslCommands, EslError, type Execution } from './client.ts';

const quiet = (): void => undefined;

/** The library logs as errors what is normal after a hang-up. What matters it rejects as well, and we log that. */
export const SILENT = { debug: quiet, info: quiet, error: quiet };

/** What FreeSWITCH answered, or why it did not, from the library's several errors. */
export function toEslError(command: string, cause: unknown): EslError {
  if (!(cause instanceof FreeSwitchError)) return new EslError(command, null);
  const { res } = cause;
  if (res === undefined) return new EslError(command, null, 'the connection is gone');
  const body = typeof res.body === 'string' ? res.body : undefined;
  return new EslError(command, (body || res.headers['Reply-Text'] || '').trim());
}

/** Events of the library for a message that does not belong to the protocol. */
const NO_MESSAGE = [
  'error.invalid-json',
  'error.missing-content-type',
  'error.missing-event-name',
  'error.unhandled-content-type',
] as const;

/** Calls `tell` on the first such message: from then on nobody knows what was missed. */
export function onGarbage(raw: FreeSwitchResponse, tell: () => void): void {
  for (const kind of NO_MESSAGE) raw.once(kind, tell);
}

/**
 * Calls `tooLong` when a message's headers are longer than FreeSWITCH's ever are: the library would buffer them without end.
 * To be called before the library gets the socket. A body may be long, as a list of many channels is.
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
 * Commands over one connection of the library, with its faults worked around. It writes values unchecked, and a line end in one
 * would begin a new header: such a command is not sent. It takes a late answer for the next command's: a time-out ends the
 * connection.
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
