/** Handing on over HTTP: who may ask for what, in which shape, and what a refusal says. */
import { describe, expect, test, vi } from 'vitest';
import type { Refusal } from '../../../src/requests/refusals.ts';
import type { CallControl } from '../../../src/requests/request.ts';
import { adminRig, TOKENS, talkingCalls } from './rig.ts';

const transfer = { to: '12366', kind: 'blind' } as const;

const send = async (url: string, role: keyof typeof TOKENS, path: string, body: object, headers: object = {}) => {
  const sent = { authorization: `Bearer ${TOKENS[role]}`, 'content-type': 'application/json', ...headers };
  const answer = await fetch(`${url}/api/calls/${path}`, { method: 'POST', headers: sent, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as { code?: string; message?: string } };
};

describe('a request to hand a caller on', () => {
  test('reaches the call with who asks, by what, and under which key', async () => {
    const asked: object[] = [];
    const { url } = await adminRig({ calls: talkingCalls(asked) });
    const body = { ...transfer, note: '市民已登记👨‍👩‍👧❤️', workOrder: 'WO-1' };
    const answer = await send(url, 'agent', 'call-1/transfer', body, { 'idempotency-key': 'k1' });
    expect(answer).toEqual({ status: 200, body: { call: 'call-1', stage: 'talk', to: null } });
    await send(url, 'operator', 'call-1/transfer', transfer, { 'user-agent': 'hotline-cli' });
    expect(asked).toMatchObject([
      { do: 'transfer', ...body, key: 'k1', via: 'api', caller: { role: 'agent', endpoint: '12345-xiamen-1' } },
      { do: 'transfer', ...transfer, via: 'cli', caller: { name: 'duty', role: 'operator' } },
    ]);
  });

  test.each([
    [{}],
    [{ to: '12366' }],
    [{ to: '', kind: 'blind' }],
    [{ to: '1'.repeat(129), kind: 'blind' }],
    [{ to: '12366', kind: 'warm' }],
    [{ ...transfer, note: 'x'.repeat(201) }],
    [{ ...transfer, note: 'a\r\nX-Evil: 1' }],
    [{ ...transfer, note: 'a\u2028b' }],
    [{ ...transfer, note: '\ud800' }],
    [{ ...transfer, note: '\u0085' }],
    [{ ...transfer, note: 'a\u202eb' }],
    [{ ...transfer, note: 'a\u200bb' }],
    [{ ...transfer, note: 'a\u200db' }],
    [{ ...transfer, workOrder: 'WO\u2066-1' }],
    [{ ...transfer, note: '𠮷'.repeat(200) }],
    [{ ...transfer, workOrder: '' }],
    [{ ...transfer, workOrder: 'x'.repeat(33) }],
    [{ ...transfer, workOrder: 'a\nb' }],
    [{ ...transfer, by: 'somebody else' }],
  ])('is refused when it is not in shape: %j', async (body) => {
    const ask = vi.fn<CallControl['ask']>();
    const { url } = await adminRig({ calls: { ask } });
    expect(await send(url, 'agent', 'call-1/transfer', body)).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST' },
    });
    expect(ask).not.toHaveBeenCalled();
  });

  test.each([
    ['UNKNOWN_TARGET', 422],
    ['NOT_ALLOWED', 403],
    ['AMBIGUOUS_TARGET', 422],
    ['TARGET_CLOSED', 409],
    ['NOT_NOW', 409],
    ['NOT_YOUR_CALL', 403],
    ['NOTHING_TO_TAKE_BACK', 409],
  ] as const satisfies readonly (readonly [Refusal, number])[])(
    'that is refused says so: %s',
    async (refused, status) => {
      const { url } = await adminRig({ calls: { ask: async () => ({ refused, to: null }) } });
      expect(await send(url, 'agent', 'call-1/transfer', transfer)).toMatchObject({ status, body: { code: refused } });
    },
  );

  test('for a call that is not up here says so', async () => {
    const { url } = await adminRig();
    expect(await send(url, 'agent', 'call-9/transfer', transfer)).toMatchObject({
      status: 404,
      body: { code: 'NO_SUCH_CALL' },
    });
  });
});

test('every other thing that can be done with a call reaches it by its name', async () => {
  const asked: object[] = [];
  const { url } = await adminRig({ calls: talkingCalls(asked) });
  const paths = ['complete', 'leave', 'return', 'pull-back', 'hold', 'resume', 'mute', 'unmute'];
  expect((await send(url, 'supervisor', 'call-1/unsupervise', {})).status).toBe(200);
  expect(asked.splice(0)).toMatchObject([{ do: 'unsupervise' }]);
  for (const path of paths) expect((await send(url, 'agent', `call-1/${path}`, {})).status).toBe(200);
  expect(asked.map((each) => (each as { do: string }).do)).toEqual(
    paths.map((path) => path.replace('leave', 'complete')),
  );
});

describe('supervision', () => {
  test('is not for agents or viewers', async () => {
    const { url } = await adminRig();
    for (const role of ['viewer', 'agent'] as const) {
      expect((await send(url, role, 'call-1/supervise', { as: 'listen', endpoint: 'x' })).status).toBe(403);
      expect((await send(url, role, 'call-1/unsupervise', {})).status).toBe(403);
    }
  });

  test('rings the phone that is named, or the token’s own; a token without one must name it', async () => {
    const asked: object[] = [];
    const { url } = await adminRig({ calls: talkingCalls(asked) });
    expect((await send(url, 'supervisor', 'call-1/supervise', { as: 'whisper', endpoint: 'p1' })).status).toBe(200);
    expect(asked).toMatchObject([{ do: 'supervise', as: 'whisper', endpoint: 'p1' }]);
    expect((await send(url, 'supervisor', 'call-1/supervise', { as: 'listen' })).status).toBe(400);
    expect((await send(url, 'supervisor', 'call-1/supervise', { as: 'spy', endpoint: 'p1' })).status).toBe(400);
  });
});

test('a viewer may do nothing with a call', async () => {
  const { url } = await adminRig();
  for (const path of ['transfer', 'complete', 'hold']) {
    expect((await send(url, 'viewer', `call-1/${path}`, path === 'transfer' ? transfer : {})).status).toBe(403);
  }
});
