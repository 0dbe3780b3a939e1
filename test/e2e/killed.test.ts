/** The controller is killed with -9 at each stage of a call, and started again: the call goes on as if nothing was. */

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallMoment, CallOptions } from '../../src/lab/exchange/placed-call.ts';
import { type CallReport, reportOf } from '../../src/lab/report.ts';
import { toneSpans } from '../../src/lab/sound/tones.ts';
import { readWave } from '../../src/prompts/wave.ts';
import type { CallRecord } from '../../src/records/record.ts';
import { onEachPbx } from './each-pbx.ts';
import { type Service, startService } from './service.ts';
import { type AnyTestLab, leftoversOf, setMemory } from './test-lab.ts';

onEachPbx('a controller that is killed and started again', (openLab) => {
  let testLab: AnyTestLab;
  let service: Service;

  beforeAll(async () => {
    testLab = await openLab();
    service = await startService(testLab);
  });

  afterAll(async () => {
    await service?.stop();
    await testLab?.lab.stop();
  });

  /** @param meanwhile done while no controller runs. */
  const callThrough = async (options: CallOptions, killAfterMs: number, meanwhile?: () => Promise<void>) => {
    const placing = testLab.lab.exchange.placeCall({ hangup: { after: 'heard', ms: 4_000 }, ...options });
    await new Promise((resolve) => setTimeout(resolve, killAfterMs)); // the stage of the call is told by the clock
    await service.killAndRestart(meanwhile);
    const placed = await placing;
    const report = await reportOf(testLab.lab, testLab.table, placed);
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => service.calls(), { timeout: 5_000 }).toBe(0);
    const callId = (await service.records()).at(-1)?.callId;
    const records = (await service.records()).filter((record) => record.callId === callId);
    return { placed, report, records };
  };

  const timesHeard = (report: CallReport, prompt: string): number =>
    report.heard.filter((heard) => heard.prompt === prompt).length;

  /** A consumer that drops repeats sees every number once, up to the end. */
  const expectWholeStory = (records: readonly CallRecord[]): void => {
    const seqs = [...new Set(records.map(({ seq }) => seq))].toSorted((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, i) => i));
    expect(records.at(-1)?.type).toBe('ended');
  };

  it('in the prompt: the prompt is said once, and the agent is reached', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 9_000 });
    const { report, records } = await callThrough({ dialled: '059212333', from: '05922001234' }, 2_000);
    expect(timesHeard(report, 'merged')).toBe(1);
    expect(report.reached).toBe('seats:12333-xiamen');
    expectWholeStory(records);
  });

  it('in the prompt with the agent already there: they talk when the prompt ends', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 1_000 });
    const { report, records } = await callThrough({ dialled: '059112301', from: '05912001234' }, 2_500);
    expect(timesHeard(report, 'merged')).toBe(1);
    expect(report.reached).toBe('queue:12345-fuzhou');
    expect(report.waitedMs).toBeLessThan(7_500);
    expectWholeStory(records);
  });

  it('while seats ring: who answers meanwhile is talked to', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 2_500 });
    const { report, records } = await callThrough({ dialled: '12366', from: '05922001234' }, 1_500);
    expect(report.reached).toBe('seats:12366-xiamen');
    expectWholeStory(records);
  });

  it('while seats ring that nobody answers: the call overflows to the queue', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 1_000 });
    for (const seat of ['12366-xiamen-1', '12366-xiamen-2'])
      testLab.lab.exchange.setAgent(seat, { do: 'busy', afterMs: 4_000 });
    const { report, records } = await callThrough({ dialled: '12366', from: '05922001234' }, 2_000);
    expect(report.reached).toBe('queue:12345-xiamen');
    expectWholeStory(records);
  });

  it('in the queue: the agent who comes is talked to', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 10_000 });
    const { report, records } = await callThrough({ dialled: '059112301', from: '05912001234' }, 8_000);
    expect(timesHeard(report, 'merged')).toBe(1);
    expect(report.reached).toBe('queue:12345-fuzhou');
    expectWholeStory(records);
  });

  it.each(['059112301', '12366'])('in talk of a call to %s: the talk never breaks', async (dialled) => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 500 });
    testLab.lab.exchange.setAgent('12366-fujian-2', { do: 'ring' });
    const options = { dialled, from: '05912001234', hangup: { after: 'heard' as CallMoment, ms: 6_000 } };
    const { placed, report, records } = await callThrough(options, dialled === '12366' ? 2_000 : 8_000);
    expect(placed.endedBy).toBe('caller');
    const { wave } = readWave(await readFile(placed.recording?.file ?? ''));
    const phone = placed.agents.find(({ answeredMs }) => answeredMs !== null)?.phone ?? '';
    const spans = toneSpans(wave?.samples ?? new Int16Array(), testLab.lab.exchange.hertzOf(phone));
    expect(spans).toHaveLength(1);
    expect(report.reached).not.toBeNull();
    expectWholeStory(records);
    expect(records.filter(({ type }) => type === 'answered')).toHaveLength(1);
  });

  it('in talk, and its memory cannot be read: the talk never breaks, and its end is told', async () => {
    testLab.lab.exchange.setAgent('12366-xiamen-1', { do: 'answer', afterMs: 500 });
    testLab.lab.exchange.setAgent('12366-xiamen-2', { do: 'ring' });
    const options = { dialled: '12366', from: '05922001234', hangup: { after: 'heard' as CallMoment, ms: 6_000 } };
    const { placed, records } = await callThrough(options, 2_000, () => setMemory(testLab.lab, 'of-another-version'));
    expect(placed.endedBy).toBe('caller');
    const { wave } = readWave(await readFile(placed.recording?.file ?? ''));
    const phone = placed.agents.find(({ answeredMs }) => answeredMs !== null)?.phone ?? '';
    expect(toneSpans(wave?.samples ?? new Int16Array(), testLab.lab.exchange.hertzOf(phone))).toHaveLength(1);
    expect(placed.agents.filter(({ answeredMs }) => answeredMs !== null)).toHaveLength(1);
    expectWholeStory(records);
    expect(records.slice(-2).map(({ type }) => type)).toEqual(['answered', 'ended']);
    expect(records.at(-1)).toMatchObject({
      number: '12366',
      answeredBy: 'seats:12366-xiamen',
      by: 'caller',
      takeovers: 1,
    });
  });

  it('in talk, and the agent hangs up meanwhile: the caller is let go', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 500, hangupAfterMs: 1_550 });
    const options = {
      dialled: '12366',
      from: '05912001234',
      limitMs: 20_000,
      hangup: { after: 'dial' as const, ms: 15_000 },
    };
    const { placed } = await callThrough(options, 2_000);
    expect(placed.endedBy).not.toBe('caller');
  });

  it('with twenty calls up at every stage: each goes on to an agent, and nothing is left over', async () => {
    const { exchange } = testLab.lab;
    exchange.setAgents({ do: 'answer', afterMs: 3_000 });
    const dialled = ['12301', '12333', '12366', '12305', '12329'].flatMap((number) =>
      ['0591', '0592', '0595', '0598'].map((area) => area + number),
    );
    const calls = dialled.map(async (number, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 400)); // spreads the calls over the stages
      const from = `138${String(index).padStart(8, '0')}`;
      return exchange.placeCall({ dialled: number, from, record: false, hangup: { after: 'dial', ms: 16_000 } });
    });
    await new Promise((resolve) => setTimeout(resolve, 8_500));
    await service.killAndRestart();
    const placed = await Promise.all(calls);
    expect(placed.filter(({ agents }) => agents.every(({ answeredMs }) => answeredMs === null))).toEqual([]);
    expect(placed.map(({ endedBy }) => endedBy)).toEqual(placed.map(() => 'caller'));
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    await expect.poll(() => service.calls(), { timeout: 5_000 }).toBe(0);
    const numbers = placed.map(({ from }) => from);
    const all = await service.records();
    for (const from of numbers) {
      const callId = all.find((record) => record.type === 'arrived' && record.caller === from)?.callId;
      expectWholeStory(all.filter((record) => record.callId === callId));
    }
  });
});
