/** What both kinds of connection have in common of the npm package `esl` 11. */
import { FreeSwitchError, FreeSwitchResponse } from 'esl';
import { EslError } from './client.ts';

const quiet = (): void => undefined;

/** The library tells at `error` what is normal after a hang-up; what matters it rejects too, and that is told by us. */
export const SILENT = { debug: quiet, info: quiet, error: quiet };

/** What FreeSWITCH said, or null where it said nothing in time, out of the library's several errors. */
export function toEslError(command: string, cause: unknown): EslError {
  if (!(cause instanceof FreeSwitchError)) return new EslError(command, null);
  const { res } = cause;
  const body = typeof res?.body === 'string' ? res.body : undefined;
  return new EslError(command, (body || res?.headers['Reply-Text'] || 'the connection is gone').trim());
}

export { FreeSwitchResponse };
