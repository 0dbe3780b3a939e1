/** `/api/feed`: where records go, and how far they are. `/api/missed`: callers to call back. */
import type { FastifyInstance } from 'fastify';
import { NoSuchCall } from '../../base/errors.ts';
import type { FeedHealth } from '../../feed/health.ts';
import type { MissedCalls, MissedEntry } from '../../feed/missed/missed.ts';
import { masked } from '../../routing/numbering.ts';
import { MAY, may } from '../access/roles.ts';
import { anyObject, callId, listOf, strictObject } from './schema.ts';

/** @param feed undefined: not known yet. */
export function addFeedRoute(api: FastifyInstance, feed: () => FeedHealth): void {
  const schema = { operationId: 'showFeed', summary: 'Every sink, the spool, the link to Redis', tags: ['feed'] };
  api.get('/feed', { config: { roles: MAY.see }, schema: { ...schema, response: { 200: anyObject } } }, async () =>
    feed(),
  );
}

export function addMissedRoutes(api: FastifyInstance, missed: MissedCalls): void {
  const list = { operationId: 'listMissed', summary: 'Callers who reached nobody, and are to be called back' };
  const showing = { ...list, tags: ['missed'], response: { 200: listOf(anyObject) } };
  api.get('/missed', { config: { roles: MAY.see }, schema: showing }, async ({ caller }) => {
    // Whoever calls back needs the number.
    const shown = (entry: MissedEntry): MissedEntry =>
      may(caller.role, 'handleCalls') ? entry : { ...entry, caller: masked(entry.caller) };
    return (await missed.list()).map(shown);
  });

  const close = { operationId: 'closeMissed', summary: 'Takes a caller off the list: reached, or not to be called' };
  const params = strictObject({ id: callId }, ['id']);
  const closed = strictObject({ closed: { type: 'boolean' } }, ['closed']);
  const closing = { ...close, tags: ['missed'], params, body: strictObject({}), response: { 200: closed } };
  api.post<{ Params: { id: string } }>(
    '/missed/:id/close',
    { config: { roles: MAY.handleCalls }, schema: closing },
    async ({ params: { id }, caller }) => {
      if (!(await missed.close(id, caller.name))) throw new NoSuchCall(`no missed call ${id} is open`);
      return { closed: true };
    },
  );
}
