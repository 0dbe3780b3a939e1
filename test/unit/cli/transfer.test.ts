/** `hotline calls`, `transfer` and `call-control`, asked of a service. */
import { describe, expect, test } from 'vitest';
import type { CallControl } from '../../../src/requests/request.ts';
import { wholeCall } from '../admin/calls.ts';
import { adminRig, TOKENS, talkingCalls } from '../admin/rig.ts';
import { type Ended, hotline, setEnvironment } from './hotline.ts';

const command = (url: string, words: readonly string[]): Promise<Ended> => {
  setEnvironment({ HOTLINE_HTTP_PORT: new URL(url).port, HOTLINE_TOKEN: TOKENS.operator });
  return hotline(...words);
};

describe('hotline transfer', () => {
  test('hands on for the agent who talks, told as a command of the machine', async () => {
    const asked: object[] = [];
    const { url } = await adminRig({ calls: talkingCalls(asked) });
    const words = ['call-1', '12366', '--kind', 'attended', '--note', '发票', '--work-order', 'GD-1'];
    expect(await command(url, ['transfer', ...words])).toEqual({ code: 0, out: 'call-1: talk\n', err: '' });
    expect(asked).toMatchObject([
      { do: 'transfer', to: '12366', kind: 'attended', note: '发票', workOrder: 'GD-1', via: 'cli' },
    ]);
    const { out } = await command(url, ['transfer', 'call-1', '12366', '--json']);
    expect(JSON.parse(out)).toEqual({ call: 'call-1', stage: 'talk', to: null });
    expect(asked[1]).toMatchObject({ kind: 'blind' });
  });

  test('that is refused says why, and ends with 1; of wrong usage, with 2', async () => {
    const refusing: CallControl = { ask: async () => ({ refused: 'NOT_ALLOWED', to: null }) };
    const { url } = await adminRig({ calls: refusing });
    expect(await command(url, ['transfer', 'call-1', '110'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('error NOT_ALLOWED: '),
    });
    expect((await command(url, ['transfer', 'call-1', '12366', '--kind', 'warm'])).code).toBe(2);
    expect((await command(url, ['call-control', 'call-1', 'explode'])).code).toBe(2);
  });

  test('with no service to ask ends with 3', async () => {
    expect((await command('http://127.0.0.1:1', ['transfer', 'call-1', '12366'])).code).toBe(3);
  });
});

test('hotline call-control does the rest', async () => {
  const asked: object[] = [];
  const { url } = await adminRig({ calls: talkingCalls(asked) });
  expect((await command(url, ['call-control', 'call-1', 'pull-back'])).code).toBe(0);
  expect(asked).toMatchObject([{ do: 'pull-back', via: 'cli' }]);
});

test('hotline calls prints those that are up, with the ids the other commands take', async () => {
  const rig = await adminRig();
  expect((await command(rig.url, ['calls'])).out).toBe('no call is up\n');
  for (const record of wholeCall({ id: 'call-1', at: Date.now() }, 9_000, 20_000).slice(0, -1)) rig.keeper.take(record);
  const { code, out } = await command(rig.url, ['calls']);
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^call-1 {2}12333 xiamen {2}from 05922001234 {2}talking/),
  });
  expect(JSON.parse((await command(rig.url, ['calls', '--json'])).out)).toMatchObject({
    total: 1,
    calls: [{ id: 'call-1' }],
  });
});
