/** Asks the running service, with the token of this machine. */
import { readFile } from 'node:fs/promises';
import { exitCodeOf, ServiceUnreachable } from '../base/errors.ts';
import { formatProblem, type Problem } from '../routing/problems.ts';
import { readSettings } from '../settings/settings.ts';
import { type ExitCode, type JsonFlag, print, type Terminal } from './command.ts';

/** A reload may wait for a table of 100,000 rules, and for the fleet. */
const ANSWER_WITHIN_MS = 60_000;

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly Problem[];
}

export type Answer<T> = { readonly good: T } | { readonly refusal: Refusal };

/** The service's address by the settings. One that listens on every address is reached on loopback. */
export const serviceUrl = (): string => {
  const { host, port } = readSettings(process.env).http;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};

/** `HOTLINE_TOKEN`, otherwise the token in the file that the service has written. */
const token = async (): Promise<string> => {
  const { HOTLINE_TOKEN: given } = process.env;
  if (given !== undefined && given !== '') return given;
  return (await readFile(readSettings(process.env).http.adminToken, 'utf8').catch(() => '')).trim();
};

/** @throws ServiceUnreachable */
export async function ask<T>(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  ifMatch?: string,
): Promise<Answer<T>> {
  const url = serviceUrl();
  const headers: Record<string, string> = { authorization: `Bearer ${await token()}`, 'user-agent': 'hotline-cli' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (ifMatch !== undefined) headers['if-match'] = `"${ifMatch}"`;
  const request = { method, headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
  try {
    const response = await fetch(`${url}/api${path}`, { ...request, ...(body && { body: JSON.stringify(body) }) });
    const answer: unknown = await response.json();
    return response.ok ? { good: answer as T } : { refusal: answer as Refusal };
  } catch {
    throw new ServiceUnreachable(`no controller answers at ${url}: start it with npm start`);
  }
}

/** Prints why the service refused, in place of the answer. */
export function printRefusal(
  { code, message, problems = [] }: Refusal,
  terminal: Terminal,
  { json }: JsonFlag,
): ExitCode {
  if (json) terminal.out(JSON.stringify({ code, message, problems }, null, 2));
  else {
    for (const problem of problems) terminal.err(formatProblem(problem));
    terminal.err(`error ${code}: ${message}`);
    if (code === 'UNAUTHORISED')
      terminal.err('HOTLINE_TOKEN, or the file http.adminToken of the settings, has the token');
  }
  return code === 'INTERNAL' ? 3 : exitCodeOf(code);
}

/** Prints what the service answered, or why it refused. */
export async function printAnswer<T>(
  asked: Promise<Answer<T>>,
  terminal: Terminal,
  flags: JsonFlag,
  words: (good: T) => string,
): Promise<ExitCode> {
  const answer = await asked;
  if ('refusal' in answer) return printRefusal(answer.refusal, terminal, flags);
  print(terminal, flags, answer.good, () => words(answer.good));
  return 0;
}
