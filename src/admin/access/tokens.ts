/** Bearer tokens, each with a name and a role: those of the settings, and one for commands on this machine. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Unauthorised } from '../../base/errors.ts';
import { writeWhole } from '../../base/files.ts';
import type { Logger } from '../../base/log.ts';
import type { Role } from './roles.ts';

export interface Caller {
  /** Shown in the history and in the audit trail. */
  readonly name: string;
  readonly role: Role;
  /** An agent's phone, as the PBX names it. */
  readonly endpoint?: string | undefined;
}

export interface Token extends Caller {
  readonly token: string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Finds out who asks. Every token is compared in full, so that the time it takes reveals nothing.
 * @throws Unauthorised
 */
export const identifier = (tokens: readonly Token[]): ((authorization: string | undefined) => Caller) => {
  const known = tokens.map(({ token, ...caller }) => ({ caller: Object.freeze(caller), digest: digest(token) }));
  return (authorization) => {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    const fitting = known.filter((each) => timingSafeEqual(each.digest, given));
    const [found] = fitting;
    if (found === undefined) throw new Unauthorised('a bearer token that this service knows is asked for');
    return found.caller;
  };
};

const whole = /^[0-9a-f]{64}$/;
const OWN_ONLY = 0o600;

/** A token that is there and that nobody else can read is kept: several controllers of one folder share it. */
const existing = async (file: string): Promise<string | undefined> => {
  try {
    const { mode, uid } = await stat(file);
    const text = (await readFile(file, 'utf8')).trim();
    return (mode & 0o777) === OWN_ONLY && uid === process.getuid?.() && whole.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The token that commands on this machine use. It is in a file that only the user of the service can read; made when
 * missing. Rejects when it cannot be written.
 */
export async function openAdminToken(file: string): Promise<string> {
  const found = await existing(file);
  if (found !== undefined) return found;
  const token = randomBytes(32).toString('hex');
  await writeWhole(file, `${token}\n`, { mode: OWN_ONLY });
  return (await existing(file)) ?? token;
}

/** The tokens of the settings, and one for commands on this machine. */
export async function allTokens(
  { tokens, adminToken: file }: { readonly tokens: readonly Token[]; readonly adminToken: string },
  log: Logger,
): Promise<readonly Token[]> {
  try {
    return [...tokens, { name: 'admin-token', role: 'operator', token: await openAdminToken(file) }];
  } catch (error) {
    log.warn({ file, reason: String(error) }, 'no token for commands on this machine');
    return tokens;
  }
}
