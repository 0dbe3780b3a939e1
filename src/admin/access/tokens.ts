/** Who may ask for what: bearer tokens, each with a name and a role. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Unauthorised } from '../../base/errors.ts';
import type { Role } from './roles.ts';

export interface Caller {
  /** Told in the history and in the audit trail. */
  readonly name: string;
  readonly role: Role;
  /** Of an agent: the phone, as the PBX names it. */
  readonly endpoint?: string | undefined;
}

export interface Token extends Caller {
  readonly token: string;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Tells who a request comes from. Every token is compared, whole, whichever fits: the time it takes tells nothing.
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
