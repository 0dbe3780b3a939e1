/** Calls with no controller: the PBX alone, by the dialplan that was generated from the table. */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallOptions } from '../../src/lab/exchange/placed-call.ts';
import { connectAri } from '../../src/lab/pbx/ari.ts';
import { type CallReport, callAndReport } from '../../src/lab/report.ts';
import type { Table } from '../../src/routing/table.ts';
import { onEachPbx } from './each-pbx.ts';
import { type AnyTestLab, goodTable, leftoversOf } from './test-lab.ts';

const impatientQueues = ['queue:12345-longyan', 'queue:12345-sanming', 'queue:12345-quanzhou'];

/** As the table stands, but nobody waits two minutes in three of the cities. */
const impatient = (table: Table): Table => {
  const queues = Array.from(table.queues, ([id, queue]) => {
    return [id, { ...queue, waitSeconds: impatientQueues.includes(id) ? 3 : queue.waitSeconds }] as const;
  });
  return { ...table, queues: new Map(queues) };
};

const prompted = ({ heard }: CallReport): readonly string[] => heard.map(({ prompt }) => prompt);

onEachPbx('the fallback', (openLab) => {
  let opened: AnyTestLab;

  beforeAll(async () => {
    opened = await openLab(impatient(await goodTable()));
  });

  afterAll(async () => {
    await opened?.lab.stop();
  });

  /** The lab knows whose call rings a phone by the caller's number: calls at the same time need one each. */
  const call = (dialled: string, from: string | null, more: Partial<CallOptions> = {}) =>
    callAndReport(opened.lab, opened.table, { dialled, from, hangup: { after: 'talk', ms: 1500 }, ...more });

  const place = (options: CallOptions) => opened.lab.exchange.placeCall(options);

  const busy = (...phones: readonly string[]) => {
    for (const phone of phones) opened.lab.exchange.setAgent(phone, { do: 'busy' });
  };

  describe.concurrent('without a controller', () => {
    test.for([
      ['059212333', '13900000001', 'exchange', ['merged'], 'seats:12333-xiamen'],
      ['12301', '05910000002', 'exchange', ['merged'], 'queue:12345-fuzhou'],
      ['12301', '+8659520000003', 'exchange', ['merged'], 'queue:12345-quanzhou'],
      ['+8612350', null, 'exchange', ['merged'], 'queue:12345-province'],
      ['12301', '05910000004', 'pingtan', ['merged'], 'queue:12345-pingtan'],
      ['059212301', '13900000005', 'pingtan', ['merged'], 'queue:12345-pingtan'],
      ['12366', '05920000006', 'exchange', [], 'seats:12366-xiamen'],
      ['12366', '13900000007', 'exchange', [], 'seats:12366-fujian'],
      ['008659212360', '+8613900000008', 'exchange', [], 'seats:12360-xiamen-customs'],
      ['12333', '013900000009', 'exchange', ['merged'], 'queue:12345-fuzhou'],
      ['12329', '13900000010', 'exchange', ['merged'], 'seats:12329-province'],
      ['059412329', '13900000011', 'exchange', ['merged'], 'queue:12345-putian'],
    ] as const)('a call to %s from %s over trunk %s hears %j and reaches %s', async (row, { expect }) => {
      const [dialled, from, trunk, prompts, reached] = row;
      const report = await call(dialled, from, { trunk });
      expect(prompted(report)).toEqual(prompts);
      expect(report.reached).toBe(reached);
      expect(report.agentSaw?.hotline).toBe(report.number);
    });

    test.for(['99999', '059299999', '01012345', '12333123', '05920592', '+1212301', '12350-duty'])(
      'a number outside the table, %s, gets 404 and rings nobody',
      async (dialled, { expect }) => {
        expect(await place({ dialled })).toMatchObject({ cause: 1, answeredMs: null, agents: [] });
      },
    );

    test("the agent's phone shows hotline, city and the caller's number", async ({ expect }) => {
      const placed = await place({ dialled: '12367', from: '05980000012', hangup: { after: 'talk', ms: 100 } });
      const shown = { name: '12367 三明', number: '05980000012', hotline: '12367', region: 'sanming' };
      expect(placed.agents).toEqual([expect.objectContaining(shown), expect.objectContaining(shown)]);
    });

    test('in-order seats ring one after another, and busy ones are passed over to the queue', async ({ expect }) => {
      busy('12305-1', '12305-2');
      const report = await call('059912305', '13900000013');
      expect(report.reached).toBe('queue:12345-nanping');
      expect(report.timeline.filter(({ event }) => /^12305-. rings/.test(event)).map(({ event }) => event)).toEqual([
        '12305-1 rings',
        '12305-2 rings',
      ]);
    });

    test('nobody there: the caller hears the apology and is let go', async ({ expect }) => {
      busy('12345-longyan-1', '12345-longyan-2');
      const report = await call('12301', '05970000014');
      expect(prompted(report)).toEqual(['merged', 'busy']);
      expect(report).toMatchObject({ reached: null, endedBy: 'hotline' });
    });

    test('a talk outlasts the limit of the wait', async ({ expect }) => {
      const placed = await place({ dialled: '12301', from: '05980000016', hangup: { after: 'talk', ms: 4500 } });
      expect(placed).toMatchObject({ endedBy: 'caller', agents: [{ region: 'sanming' }] });
    });

    test('the one with the skill is busy: the wait for others begins when that one has ended', async ({ expect }) => {
      busy('12329-quanzhou-1');
      const placed = await place({ dialled: '059512329', from: '13900000017', hangup: { after: 'talk', ms: 100 } });
      const answered = placed.agents.find(({ answeredMs }) => answeredMs !== null);
      expect(answered?.phone).toMatch(/^12345-quanzhou-/);
    });

    test('the agent hangs up: the call is over, and nobody else is rung', async ({ expect }) => {
      opened.lab.exchange.setAgent('12313-1', { do: 'answer', afterMs: 100, hangupAfterMs: 500 });
      const placed = await place({ dialled: '059312313', from: '13900000015' });
      expect(placed).toMatchObject({ endedBy: 'agent', agents: [{ phone: '12313-1' }] });
      expect(placed.endedMs).toBeLessThan(2000);
    });
  });

  describe('in the end', () => {
    test('the PBX has read the hand-over and the fallback as they are written', async () => {
      const { pbx } = opened.lab;
      if ('ariUrl' in pbx) {
        expect(await pbx.cli('dialplan show hotline-in')).toContain('1 extension (8 priorities) in 1 context');
        const shown = await pbx.cli('dialplan show 059212333@hotline-fallback-dialled');
        expect(shown).toContain('Gosub(hotline-fallback-found,12333,1(xiamen))');
        const agent = await pbx.cli('dialplan show hotline-agent');
        expect(agent).toContain('1 extension (13 priorities) in 1 context');
      } else {
        expect(await pbx.cli('xml_locate dialplan context name hotline-fallback-in-xiamen')).toContain('p19 XML');
        const queue = '12345-xiamen-skill-12329';
        const tiers = await pbx.cli(`callcenter_config queue list tiers ${queue}`);
        expect(tiers + (await pbx.cli(`fifo list ${queue}`))).toContain('12329-xiamen-1');
      }
    });

    test('a controller that died and left its application behind does not stand in the way', async ({ skip }) => {
      const { pbx } = opened.lab;
      if (!('ariUrl' in pbx)) return skip('an event socket leaves nothing behind');
      (await connectAri(pbx.ariUrl, pbx.ari, 'hotline')).close();
      expect((await call('12366', '05920000020')).reached).toBe('seats:12366-xiamen');
    });

    test('a call that a controller gives back is carried on', async () => {
      const controller = await startGivingBack(opened);
      expect((await call('059212366', '13900000021')).reached).toBe('seats:12366-xiamen');
      controller.close();
    });

    test('a prompt whose file is gone costs the caller the prompt, not the call', async () => {
      await rm(join(opened.lab.promptsDir, 'merged.wav'));
      await rm(join(opened.lab.promptsDir, 'merged.wav16'));
      expect(await call('12301', '05910000022')).toMatchObject({ heard: [], reached: 'queue:12345-fuzhou' });
    });

    test('nothing is left over', async () => {
      await expect.poll(() => leftoversOf(opened.lab)).toEqual([]);
    });
  });
});

/** A channel that its controller leaves while it is still being handed over would stay with nobody (FreeSWITCH 1.10). */
const HELD_MS = 200;

/** A controller that answers each call and gives it back to the dialplan. */
const startGivingBack = async ({ lab: { pbx }, switchSettings }: AnyTestLab): Promise<{ close(): void }> => {
  if (switchSettings.kind === 'freeswitch') {
    const server = createServer((socket) => {
      socket.once('data', () => setTimeout(() => socket.destroy(), HELD_MS));
      socket.write('connect\n\nsendmsg\ncall-command: execute\nexecute-app-name: answer\n\n');
    });
    const { port, host } = switchSettings.listen;
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return server;
  }
  if (!('ariUrl' in pbx)) throw new Error('an Asterisk without ARI');
  const ari = await connectAri(pbx.ariUrl, pbx.ari, 'hotline');
  ari.on(async ({ type, channel }) => {
    if (type !== 'StasisStart') return;
    await ari.send('POST', `channels/${channel?.id}/answer`);
    const fallback = { context: 'hotline-fallback', extension: '059212366', priority: 1 };
    await ari.send('POST', `channels/${channel?.id}/continue`, fallback);
  });
  return ari;
};
