/**
 * The running lab's door for `hotline call`: a loopback HTTP server, and a file that tells where it is. The file holds
 * a token, so that only who can read the project's folder can place calls.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { LabUnavailable } from '../base/errors.ts';
import type { Table } from '../routing/table.ts';
import type { CallOptions } from './exchange/placed-call.ts';
import type { Lab } from './lab.ts';
import { labHome } from './pbx/open-place.ts';
import { isAlive, LOOPBACK } from './pbx/process.ts';
import { type CallReport, callAndReport } from './report.ts';

/** What may be asked of a running lab. */
const request = z.strictObject({
  dialled: z.string().min(1).max(64),
  from: z.string().max(64).nullable().optional(),
  trunk: z.string().max(64).optional(),
  hangup: z
    .strictObject({
      after: z.enum(['dial', 'ringing', 'prompt', 'queue', 'talk', 'heard']),
      ms: z.int().min(0).max(3_600_000),
    })
    .optional(),
  limitMs: z.int().min(1).max(3_600_000).optional(),
});

export type CallRequest = Pick<CallOptions, 'dialled' | 'from' | 'trunk' | 'hangup' | 'limitMs'>;

const door = z.object({
  pid: z.int(),
  port: z.int(),
  token: z.string(),
  revision: z.string(),
  trunks: z.array(z.string()),
});

type Door = z.infer<typeof door>;

const doorFile = (home: string): string => join(home, 'running.json');

/** The door that stands open now; undefined: none, or its lab is gone. */
const openDoor = async (home: string): Promise<Door | undefined> => {
  const text = await readFile(doorFile(home), 'utf8').catch(() => 'null');
  const found = door.safeParse(JSON.parse(text));
  return found.success && isAlive(found.data.pid) ? found.data : undefined;
};

const withoutUndefined = <T extends object>(given: T): CallRequest =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as CallRequest;

const bodyOf = async (incoming: IncomingMessage): Promise<unknown> => {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return JSON.parse(Buffer.concat(pieces).toString('utf8'));
};

const isAllowed = (incoming: IncomingMessage, token: string): boolean => {
  const given = Buffer.from(incoming.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};

export interface Control {
  /** Process of the lab whose door was open already and stays the one that `hotline call` finds; undefined: this one. */
  readonly other: number | undefined;
  stop(): Promise<void>;
}

/** Opens the door of a lab. @param home the folder of the lab's state file; default the project's `.lab`. */
export const serveControl = async (lab: Lab, table: Table, home = labHome()): Promise<Control> => {
  const token = randomBytes(24).toString('hex');
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isAllowed(incoming, token)) return answer(response, 401, { error: 'wrong token' });
    const asked = request.safeParse(await bodyOf(incoming));
    if (!asked.success) return answer(response, 400, { error: z.prettifyError(asked.error) });
    answer(response, 200, await callAndReport(lab, table, withoutUndefined(asked.data)));
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => answer(response, 500, { error: String(error) }));
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const trunks = [...table.trunks.keys()];
  const mine: Door = { pid: process.pid, port, token, revision: table.revision, trunks };
  const other = (await openDoor(home))?.pid;
  if (other === undefined) await writeFile(doorFile(home), JSON.stringify(mine), { mode: 0o600 });
  return {
    other,
    stop: async () => {
      if (other === undefined) await rm(doorFile(home), { force: true });
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** A running lab, to place calls in. */
export interface RunningLab {
  /** Revision of the table it serves. */
  readonly revision: string;
  readonly trunks: readonly string[];
  call(asked: CallRequest): Promise<CallReport>;
}

const notRunning = (): LabUnavailable =>
  new LabUnavailable('no lab is running here: run npm start first, and call again from another terminal');

/** @throws {LabUnavailable} when none runs. */
export const findRunningLab = async (home = labHome()): Promise<RunningLab> => {
  const found = await openDoor(home);
  if (found === undefined) throw notRunning();
  const { port, token, revision, trunks } = found;
  return {
    revision,
    trunks,
    call: async (asked) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const response = await fetch(`http://${LOOPBACK}:${port}/call`, {
        method: 'POST',
        headers,
        body: JSON.stringify(asked),
      }).catch(() => {
        throw new LabUnavailable('the lab ended while the call was up; what the caller heard is lost with it');
      });
      const body = (await response.json()) as CallReport & { readonly error?: string };
      if (!response.ok) throw new LabUnavailable(`the running lab refused: ${body.error}`);
      return body;
    },
  };
};
