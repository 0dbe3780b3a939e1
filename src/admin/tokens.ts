/** Who may ask for what: bearer tokens, each with a name and a role. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Forbidden, Unauthorised } from '../errors.ts';

/** viewer: sees. operator: changes as well. */
export type Role = 'viewer' | 'operator';

export interface Token {
  /** Told in the history of what it asks for. */
  readonly name: string;
  readonly role: Role;
  readonly token: string;
}

export interface Caller {
  readonly name: string;
  readonly role: Role;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Tells who a request comes from. Every token is compared, whole, whichever fits: the time it takes tells nothing.
 * @throws Unauthorised
 */
export const identifier = (tokens: readonly Token[]): ((authorization: string | undefined) => Caller) => {
  const known = tokens.map(({ name, role, token }) => ({ caller: { name, role }, digest: digest(token) }));
  return (authorization) => {
    const given = digest(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    const fitting = known.filter((each) => timingSafeEqual(each.digest, given));
    const [found] = fitting;
    if (found === undefined) throw new Unauthorised('a bearer token that this service knows is asked for');
    return found.caller;
  };
};

/** @throws Forbidden */
export function mustBeOperator({ name, role }: Caller): void {
  if (role !== 'operator') throw new Forbidden(`${name} is a ${role}; this takes an operator`);
}
