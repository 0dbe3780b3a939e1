/** `POST /api/calls/{id}/…`: what agents' desktops, supervisors and the command line do with a call that talks. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BadRequest, NoSuchCall } from '../../base/errors.ts';
import { CallRefused } from '../../requests/refusals.ts';
import {
  ACTIONS,
  bodySchemas,
  type CallControl,
  type CallRequest,
  type SuperviseBody,
  type TransferBody,
  verbOf,
} from '../../requests/request.ts';
import { askedFrom } from '../access/access.ts';
import { MAY, type Role } from '../access/roles.ts';
import { callId, strictObject } from './schema.ts';

/** 200 Chinese characters; a call's checkpoint on the PBX has no room for more. */
const LONGEST_NOTE_BYTES = 600;

const mustFit = (note = ''): void => {
  if (Buffer.byteLength(note) > LONGEST_NOTE_BYTES)
    throw new BadRequest(`a note has ${LONGEST_NOTE_BYTES} bytes at most`);
};

const params = strictObject({ id: callId }, ['id']);
const headers = {
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', minLength: 1, maxLength: 128 } },
} as const;
const text = { type: 'string' } as const;
const done = strictObject({ call: text, stage: text, to: { type: ['string', 'null'] } }, ['call', 'stage', 'to']);

interface Action {
  /** What the OpenAPI document says of it. */
  readonly summary: string;
  /** Else whoever may handle calls. */
  readonly roles?: readonly Role[];
}

const actions: Readonly<Record<(typeof ACTIONS)[number], Action>> = {
  complete: { summary: 'Hands the caller over whom the agents talk about, or leaves the two together' },
  leave: { summary: 'The same as `complete`: of a call of three' },
  return: { summary: 'Comes back to the caller, letting go of the one who was consulted' },
  'pull-back': { summary: 'Takes the caller back whom the agent handed on last' },
  hold: { summary: 'The caller hears music, and nobody else' },
  resume: { summary: 'Agent and caller hear each other again' },
  mute: { summary: "The agent's microphone is off" },
  unmute: { summary: "The agent's microphone is on" },
  unsupervise: { summary: 'Lets go whoever supervises', roles: MAY.supervise },
};

const operationOf = (path: string): string =>
  `${path.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Call`;

const schemaOf = (operationId: string, summary: string, body: object, roles: readonly Role[] = MAY.handleCalls) => ({
  config: { roles },
  schema: { operationId, summary, tags: ['calls'], params, headers, body, response: { 200: done } },
});

export function addTransferRoutes(api: FastifyInstance, control: CallControl): void {
  const ask = async (request: FastifyRequest<{ Params: { id: string } }>, asked: CallRequest) => {
    const { id } = request.params;
    const key = request.headers['idempotency-key'];
    const via = askedFrom(request) === 'cli' ? 'cli' : 'api';
    const one = Array.isArray(key) ? key[0] : key;
    const answer = await control.ask(id, asked, { caller: request.caller, via, key: one });
    if (answer === undefined) throw new NoSuchCall(`no call ${id} is up`);
    if ('refused' in answer) throw new CallRefused(answer.refused, id);
    return { call: id, ...answer };
  };

  const transfer = schemaOf(
    'transferCall',
    'Hands the caller on; the same `Idempotency-Key` gets the same answer',
    bodySchemas.transfer,
  );
  api.post<{ Params: { id: string }; Body: TransferBody }>('/calls/:id/transfer', transfer, async (request) => {
    mustFit(request.body.note);
    return ask(request, { do: 'transfer', ...request.body });
  });

  for (const action of ACTIONS) {
    const { summary, roles } = actions[action];
    const schema = schemaOf(operationOf(action), summary, strictObject({}), roles);
    api.post<{ Params: { id: string } }>(`/calls/:id/${action}`, schema, async (request) =>
      ask(request, { do: verbOf(action) }),
    );
  }

  const supervise = schemaOf(
    'superviseCall',
    "A supervisor's phone is rung and listens",
    bodySchemas.supervise,
    MAY.supervise,
  );
  api.post<{ Params: { id: string }; Body: SuperviseBody }>('/calls/:id/supervise', supervise, async (request) => {
    const { as, endpoint = request.caller.endpoint } = request.body;
    if (endpoint === undefined) throw new BadRequest('name the phone to ring as `endpoint`; this token has none');
    return ask(request, { do: 'supervise', as, endpoint });
  });
}
