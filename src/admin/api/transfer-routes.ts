/** `POST /api/calls/{id}/…`: what agents' desktops, supervisors and the command line do with a call that talks. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  AmbiguousTarget,
  BadRequest,
  type HotlineError,
  NoSuchCall,
  NothingToTakeBack,
  NotNow,
  NotYourCall,
  TargetClosed,
  TransferNotAllowed,
  UnknownTarget,
} from '../../base/errors.ts';
import { askedFrom } from '../access/access.ts';
import { MAY, type Role } from '../access/roles.ts';
import type { CallAsked, CallControl, CallRefusal } from '../transfer-api.ts';
import { callId, strictObject } from './shape.ts';

/**
 * One line that says what it shows, whatever a phone or a header makes of it: no control character, no half of a character,
 * nothing without a width or that turns the direction of writing; but what joins two emoji to one.
 */
const oneLine =
  '^(?:[^\\p{Cc}\\p{Cf}\\p{Cs}\\u2028\\u2029]|(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic}))*$';

const transferBody = strictObject(
  {
    to: { type: 'string', minLength: 1, maxLength: 128 },
    kind: { type: 'string', enum: ['blind', 'attended', 'three-way'] },
    workOrder: { type: 'string', minLength: 1, maxLength: 32, pattern: oneLine },
    note: { type: 'string', maxLength: 200, pattern: oneLine },
  },
  ['to', 'kind'],
);

const superviseBody = strictObject(
  {
    as: { type: 'string', enum: ['listen', 'whisper', 'barge'] },
    endpoint: { type: 'string', minLength: 1, maxLength: 64 },
  },
  ['as'],
);

/** 200 Chinese characters; what a call remembers of it on the PBX has no room for more. */
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

const REFUSALS: Readonly<Record<CallRefusal, (call: string) => HotlineError>> = {
  UNKNOWN_TARGET: () => new UnknownTarget('the table has nothing of that name'),
  NOT_ALLOWED: () => new TransferNotAllowed('the table does not let this agent hand on to that'),
  AMBIGUOUS_TARGET: () => new AmbiguousTarget("several seats have that number, and none is for the caller's region"),
  TARGET_CLOSED: () => new TargetClosed('it is outside its service hours'),
  NOT_NOW: (call) => new NotNow(`${call} does not stand so that this could be done`),
  NOT_YOUR_CALL: (call) => new NotYourCall(`${call} is not this agent's`),
  NOTHING_TO_TAKE_BACK: (call) => new NothingToTakeBack(`nobody has handed ${call} on`),
};

/** Each with what it says in the OpenAPI document. */
const PLAIN = {
  complete: 'Hands the caller over whom the agents talk about, or leaves the two together',
  leave: 'The same as `complete`: of a call of three',
  return: 'Comes back to the caller, letting go of the one who was consulted',
  'pull-back': 'Takes the caller back whom the agent handed on last',
  hold: 'The caller hears music, and nobody else',
  resume: 'Agent and caller hear each other again',
  mute: "The agent's microphone is off",
  unmute: "The agent's microphone is on",
} as const;

type Plain = keyof typeof PLAIN;

const operationOf = (path: string): string =>
  `${path.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}Call`;

export function addTransferRoutes(api: FastifyInstance, control: CallControl): void {
  const ask = async (request: FastifyRequest<{ Params: { id: string } }>, asked: CallAsked) => {
    const { id } = request.params;
    const key = request.headers['idempotency-key'];
    const via = askedFrom(request) === 'cli' ? 'cli' : 'api';
    const one = Array.isArray(key) ? key[0] : key;
    const answer = await control.ask(id, asked, { caller: request.caller, via, key: one });
    if (answer === undefined) throw new NoSuchCall(`no call ${id} is up`);
    if ('refused' in answer) throw REFUSALS[answer.refused](id);
    return { call: id, ...answer };
  };
  const schemaOf = (operationId: string, summary: string, body: object, roles: readonly Role[] = MAY.handleCalls) => ({
    config: { roles },
    schema: { operationId, summary, tags: ['calls'], params, headers, body, response: { 200: done } },
  });

  const transfer = schemaOf(
    'transferCall',
    'Hands the caller on; the same `Idempotency-Key` gets the same answer',
    transferBody,
  );
  api.post<{ Params: { id: string }; Body: Omit<Extract<CallAsked, { do: 'transfer' }>, 'do'> }>(
    '/calls/:id/transfer',
    transfer,
    async (request) => {
      mustFit(request.body.note);
      return ask(request, { do: 'transfer', ...request.body });
    },
  );

  for (const [path, summary] of Object.entries(PLAIN) as [Plain, string][]) {
    const schema = schemaOf(operationOf(path), summary, strictObject({}));
    api.post<{ Params: { id: string } }>(`/calls/:id/${path}`, schema, async (request) =>
      ask(request, { do: path === 'leave' ? 'complete' : path }),
    );
  }

  const unsupervise = schemaOf('unsuperviseCall', 'Lets go whoever supervises', strictObject({}), MAY.supervise);
  api.post<{ Params: { id: string } }>('/calls/:id/unsupervise', unsupervise, async (request) =>
    ask(request, { do: 'unsupervise' }),
  );

  const supervise = schemaOf('superviseCall', "A supervisor's phone is rung and listens", superviseBody, MAY.supervise);
  api.post<{ Params: { id: string }; Body: { as: 'listen' | 'whisper' | 'barge'; endpoint?: string } }>(
    '/calls/:id/supervise',
    supervise,
    async (request) => {
      const { as, endpoint = request.caller.endpoint } = request.body;
      if (endpoint === undefined) throw new BadRequest('name the phone to ring as `endpoint`; this token has none');
      return ask(request, { do: 'supervise', as, endpoint });
    },
  );
}
