/** `/api/calls`: those that are up, the story of one, and why it was routed so. `/api/events`: the board as it moves. */
import type { FastifyInstance } from 'fastify';
import { NoSuchCall } from '../../base/errors.ts';
import type { PastRecord } from '../../records/record.ts';
import { route } from '../../routing/plan.ts';
import type { Routing } from '../../routing/routing.ts';
import type { Table } from '../../routing/table.ts';
import { MAY } from '../access/roles.ts';
import type { Broadcast } from '../board/broadcast.ts';
import type { BoardKeeper } from '../board/keeper.ts';
import { maskedCallFor, maskingOfRecords, withoutCaller } from '../board/masking.ts';
import type { CallLogShown } from '../board/view-model.ts';
import { anyObject, callId, type LimitQuery, limitOf, limitQuery, listOf, strictObject } from './schema.ts';

export interface CallRouteParts {
  readonly keeper: BoardKeeper;
  readonly broadcast: Broadcast;
  /** A revision that a call was routed by; undefined: it is not kept any more. */
  readonly tableOf: (revision: string) => Promise<Table | undefined>;
}

/** Routes the call once more, by the revision that routed it: routing is pure, so the reasons are the same. */
async function whyOf(story: readonly PastRecord[], tableOf: CallRouteParts['tableOf']): Promise<Routing | null> {
  const arrived = story.find((record) => record.type === 'arrived');
  if (arrived === undefined) return null;
  const table = await tableOf(arrived.revision);
  return table === undefined ? null : route(table, arrived, new Date(arrived.at));
}

export function addCallRoutes(api: FastifyInstance, { keeper, broadcast, tableOf }: CallRouteParts): void {
  const { board } = keeper;
  const list = { operationId: 'listCalls', summary: 'Calls that are up, the longest first', tags: ['calls'] };
  const listed = strictObject({ total: { type: 'integer' }, calls: listOf(anyObject) }, ['total', 'calls']);
  api.get<{ Querystring: LimitQuery }>(
    '/calls',
    { config: { roles: MAY.see }, schema: { ...list, querystring: limitQuery, response: { 200: listed } } },
    async ({ query, caller }) => ({
      total: board.size,
      calls: Array.from(board.calls.take(limitOf(query, 100)), (call) => maskedCallFor(caller, call)),
    }),
  );

  const show = { operationId: 'showCall', summary: 'The story of a call, and why it was routed so', tags: ['calls'] };
  const params = strictObject({ id: callId }, ['id']);
  api.get<{ Params: { id: string } }>(
    '/calls/:id',
    { config: { roles: MAY.see }, schema: { ...show, params, response: { 200: anyObject } } },
    async ({ params: { id }, caller }): Promise<CallLogShown> => {
      const records = await keeper.callLog(id);
      if (records === undefined || records.length === 0) throw new NoSuchCall(`no records of a call ${id}`);
      const why = await whyOf(records, tableOf);
      const shown = { id, isUp: board.call(id) !== undefined, records, why };
      return maskingOfRecords(caller, records) === 'whole' ? shown : withoutCaller(shown, records);
    },
  );

  const watch = {
    operationId: 'watchBoard',
    summary: 'Server-sent events: `snapshot` once, then `delta` with what has changed',
    tags: ['calls'],
    produces: ['text/event-stream'],
    response: { 200: { type: 'string' } },
  };
  api.get('/events', { config: { roles: MAY.see }, schema: watch }, async ({ caller }, reply) =>
    reply.type('text/event-stream; charset=utf-8').send(await broadcast.watch(caller)),
  );
}
