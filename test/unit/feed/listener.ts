/** A log that is kept: each line its message, then its facts as JSON. */
import type { Logger } from '../../../src/base/log.ts';

export const listener = (): { readonly lines: string[]; readonly log: Logger } => {
  const lines: string[] = [];
  const tell = (facts: object, message: string) => void lines.push(`${message} ${JSON.stringify(facts)}`);
  const log: Logger = { debug: tell, info: tell, warn: tell, error: tell, child: () => log };
  return { lines, log };
};
