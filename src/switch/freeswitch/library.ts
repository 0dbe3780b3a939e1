/** What both kinds of connection have in common of the npm package `esl` 11. */
import { FreeSwitchError, FreeSwitchResponse } from 'esl';
import { type ApiCommand, type EslCommands, EslError, type Execution } from './client.ts';

const quiet = (): void => undefined;

/** The library tells at `error` what is normal after a hang-up; what matters it rejects too, and that is told by us. */
export const SILENT = { debug: quiet, info: quiet, error: quiet };

/** What FreeSWITCH said, or null where it said nothing in time, out of the library's several errors. */
export function toEslError(command: string, cause: unknown): EslError {
  if (!(cause instanceof FreeSwitchError)) return new EslError(command, null);
  const { res } = cause;
  const body = typeof res?.body === 'string' ? res.body : undefined;
  const reply = body || res?.headers['Reply-Text'];
  return new EslError(command, reply?.trim() ?? null);
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
