/** What a screen on the wall gets, and what a person who asks for one call gets. */
import { expect, test } from 'vitest';
import type { Role } from '../../../src/admin/access/roles.ts';
import { withoutCaller } from '../../../src/admin/board/masking.ts';
import type { CallLogShown, Delta, Snapshot } from '../../../src/admin/board/view-model.ts';
import { madeCall, wholeCall } from './calls.ts';
import { type AdminRig, adminRig, TOKENS } from './rig.ts';

interface Heard {
  readonly name: string;
  readonly data: Snapshot & Delta;
}

/** Events as they come, until the one that is asked for. */
async function* listen({ url }: AdminRig, role: Role): AsyncGenerator<Heard> {
  const stopping = new AbortController();
  const headers = { authorization: `Bearer ${TOKENS[role]}` };
  const { body, status } = await fetch(`${url}/api/events`, { headers, signal: stopping.signal });
  expect(status).toBe(200);
  let text = '';
  try {
    for await (const piece of (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      const parts = (text + piece).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name && data) yield { name, data: JSON.parse(data) as Snapshot & Delta };
      }
    }
  } finally {
    stopping.abort();
  }
}

const whenever = async (heard: AsyncGenerator<Heard>, isIt: (each: Heard) => boolean): Promise<Heard> => {
  for (;;) {
    const { value, done } = await heard.next();
    if (done) throw new Error('the events ended');
    if (isIt(value)) return value;
  }
};

test('a screen gets all there is, then each call as it comes and goes, and figures every second', async () => {
  const rig = await adminRig();
  for (const record of madeCall({ id: 'early', at: Date.now() }).records) rig.keeper.take(record);
  const heard = listen(rig, 'viewer');
  const { name, data } = await whenever(heard, () => true);
  expect([name, data.calls, data.figures.minutes.length]).toMatchObject([
    'snapshot',
    [{ id: 'early', caller: '0592****1234' }],
    360,
  ]);
  expect(data.service).toMatchObject({ drift: 0, switches: [{ name: 'pbx1', connected: true }] });
  const late = madeCall({ id: 'late', at: Date.now() });
  const cameAt = performance.now();
  for (const record of late.records) rig.keeper.take(record);
  const came = await whenever(heard, (each) => each.data.calls?.some(({ id }) => id === 'late') ?? false);
  expect(performance.now() - cameAt).toBeLessThan(900);
  expect(came.data.calls).toHaveLength(1);
  late.ended(2_000);
  for (const record of late.records) rig.keeper.take(record);
  await whenever(heard, (each) => each.data.gone?.includes('late') ?? false);
  const { data: full } = await whenever(heard, (each) => each.data.figures !== undefined);
  expect(full.figures.hour).toMatchObject({ arrived: 2, missed: 1 });
  await heard.return(undefined);
});

test("an agent sees the caller of a call of the agent's own, and of no other", async () => {
  const rig = await adminRig();
  const heard = listen(rig, 'agent');
  await whenever(heard, ({ name }) => name === 'snapshot');
  const own = madeCall({ id: 'own', at: Date.now(), agent: '12345-xiamen-1' });
  const other = madeCall({ id: 'other', at: Date.now(), agent: '12345-xiamen-2' });
  own.answered(10);
  other.answered(10);
  for (const record of [...own.records, ...other.records]) rig.keeper.take(record);
  const callers: Record<string, string> = {};
  await whenever(heard, ({ data }) => {
    for (const { id, caller } of data.calls ?? []) callers[id] = caller;
    return callers.own === '05922001234';
  });
  expect(callers.other).toBe('0592****1234');
  const shown = async (id: string) => await (await rig.ask('agent', 'GET', `/api/calls/${id}`)).text();
  expect(await shown('own')).toContain('05922001234');
  expect(await shown('other')).not.toContain('05922001234');
  const listed = (await (await rig.ask('agent', 'GET', '/api/calls')).json()) as Snapshot;
  expect(listed.calls.map(({ caller }) => caller)).toEqual(['05922001234', '0592****1234']);
  await heard.return(undefined);
});

test('the story of a call has its records and why the table sent it there', async () => {
  const rig = await adminRig();
  const table = (await (await rig.ask('viewer', 'GET', '/api/table')).json()) as { revision: string };
  const call = { id: 'a/b#1'.replace('/', '.'), at: Date.now(), number: '12301', revision: table.revision };
  for (const record of wholeCall(call, 9_000, 20_000)) rig.keeper.take(record);
  const path = `/api/calls/${encodeURIComponent(call.id)}`;
  const story = (await (await rig.ask('supervisor', 'GET', path)).json()) as CallLogShown;
  expect(story.records.map(({ type }) => type)).toEqual(['arrived', 'routed', 'queued', 'answered', 'ended']);
  expect(story.why).toMatchObject({ number: '12301', region: { from: 'caller-area-code' } });
  expect(story.isUp).toBe(false);
  const missing = await rig.ask('viewer', 'GET', '/api/calls/nobody');
  expect([missing.status, await missing.json()]).toMatchObject([404, { code: 'NO_SUCH_CALL' }]);
});

test('a caller is masked in a reason too, however the carrier wrote the number', () => {
  const { records } = madeCall({ id: 'a', at: 0, caller: '+865922001234' });
  const shown = { records, why: { because: 'caller 05922001234 is not in vip' }, note: 'lives next door' };
  expect(JSON.stringify(withoutCaller(shown, records))).not.toMatch(/5922001234|next door/);
  expect(withoutCaller(shown, records).why.because).toBe('caller 0592****1234 is not in vip');
});

test('a service that stops lets go of everybody who watches', async () => {
  const rig = await adminRig();
  const heard = listen(rig, 'viewer');
  await whenever(heard, ({ name }) => name === 'snapshot');
  await rig.admin.stop();
  await expect(whenever(heard, () => false)).rejects.toThrow();
});
