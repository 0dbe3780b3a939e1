/** `/api/table`: the live table, its history, and changing it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { askedFrom } from '../access/access.ts';
import { MAY } from '../access/roles.ts';
import { errorSchema } from '../error-replies.ts';
import type { Asking, ReloadBody, TableControl } from '../table-api.ts';
import { anyObject, type LimitQuery, limitOf, limitQuery, listOf, strictObject } from './schema.ts';

/** Room for the largest table allowed, with the JSON around it. */
const LARGEST_BODY = 72 * 1024 * 1024;

const revision = { type: 'string', pattern: '^[0-9a-f]{1,64}$' } as const;
const text = { type: 'string' } as const;
const givenTable = strictObject({ name: { type: 'string', maxLength: 1000 }, text, prefixList: text }, ['text']);
const reloadProperties = { yes: { type: 'boolean' }, table: givenTable } as const;

const changeMade = {
  type: 'object',
  required: ['outcome', 'revision', 'before', 'summary', 'canary', 'problems'],
  additionalProperties: true,
  properties: {
    outcome: { type: 'string', enum: ['accepted', 'unchanged'] },
    revision,
    before: revision,
    summary: text,
  },
} as const;

const answers = (success: object) => ({ 200: success, '4xx': errorSchema, '5xx': errorSchema });
/** A request without a body is the same as one with `{}`. */
const orEmpty = async (request: FastifyRequest): Promise<void> => {
  request.body ??= {};
};

const changing = (operationId: string, summary: string, accepts: object) => ({
  preValidation: orEmpty,
  config: { roles: MAY.changeTable },
  schema: { operationId, summary, tags: ['table'], body: accepts, response: answers(changeMade) },
});
const showing = (operationId: string, summary: string, success: object, more: object = {}) => ({
  config: { roles: MAY.see },
  schema: { operationId, summary, tags: ['table'], ...more, response: answers(success) },
});

/** The revision of a quoted `If-Match`; undefined: any, which `*` also means. */
const ifMatchOf = ({ headers }: FastifyRequest): string | undefined => {
  const given = headers['if-match']?.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
  return given === '*' ? undefined : given;
};

const asking = (request: FastifyRequest): Asking => ({
  who: request.caller.name,
  from: askedFrom(request),
  ifMatch: ifMatchOf(request),
});

export function addTableRoutes(api: FastifyInstance, table: TableControl): void {
  addShowing(api, table);
  addChanging(api, table);
}

function addShowing(api: FastifyInstance, table: TableControl): void {
  api.get('/table', showing('showTable', 'The live table, and who runs it', anyObject), async (_request, reply) => {
    const shown = await table.show();
    return reply.header('etag', `"${shown.revision}"`).send(shown);
  });

  const candidate = showing('checkCandidate', "The service's table file, checked, and what it would move", anyObject);
  api.get('/table/candidate', candidate, async () => table.candidate());

  const historySchema = showing('listTableHistory', 'Changes and refusals, the newest first', listOf(anyObject), {
    querystring: limitQuery,
  });
  api.get<{ Querystring: LimitQuery }>('/table/history', historySchema, async ({ query }) =>
    table.history(limitOf(query, 50)),
  );

  const textSchema = showing('showRevision', 'The text of a revision', anyObject, {
    params: { type: 'object', required: ['revision'], properties: { revision } },
  });
  api.get<{ Params: { revision: string } }>('/table/revisions/:revision', textSchema, async ({ params }) =>
    table.textOf(params.revision),
  );
}

function addChanging(api: FastifyInstance, table: TableControl): void {
  const large = { bodyLimit: LARGEST_BODY };
  const reload = changing(
    'reloadTable',
    "Makes the service's table file live, or the table given",
    strictObject(reloadProperties),
  );
  api.post<{ Body: ReloadBody }>('/table/reload', { ...large, ...reload }, async (request) =>
    table.reload(request.body, asking(request)),
  );

  const canary = changing(
    'tryTable',
    'Gives some calls to a table first: `10%`, `region:xiamen` or `number:12333`',
    strictObject({ ...reloadProperties, calls: { type: 'string', maxLength: 1000 } }, ['calls']),
  );
  api.post<{ Body: ReloadBody & { calls: string } }>('/table/canary', { ...large, ...canary }, async (request) => {
    const { calls, ...rest } = request.body;
    return table.canary(calls, rest, asking(request));
  });

  const rollback = changing(
    'rollBackTable',
    'Ends a canary, else goes back to the revision before, or to a named one',
    strictObject({ revision }),
  );
  api.post<{ Body: { revision?: string } }>('/table/rollback', rollback, async (request) =>
    table.rollback(request.body.revision, asking(request)),
  );

  const promote = changing('promoteTable', 'Makes the canary live for all calls', strictObject({}));
  api.post('/table/promote', promote, async (request) => table.promote(asking(request)));
}
