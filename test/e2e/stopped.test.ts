/** The service is told to stop while calls are up, and nothing comes after it: nobody is left in silence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallOptions } from '../../src/lab/exchange/placed-call.ts';
import { callAndReport } from '../../src/lab/report.ts';
import { startService } from './service.ts';
import { leftoversOf, openTestLab, setPromptLength, type TestLab } from './test-lab.ts';

describe('a service that is stopped with calls up', () => {
  let testLab: TestLab;

  beforeAll(async () => {
    testLab = await openTestLab();
    await setPromptLength(testLab.lab, 'merged', 3);
  });

  afterAll(async () => {
    await testLab?.lab.stop();
  });

  const call = (options: CallOptions) => callAndReport(testLab.lab, testLab.table, { limitMs: 25_000, ...options });

  const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)); // stages of a call are told by the clock

  const expectNothingLeft = () => expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);

  it('gives a caller whose seats ring to the fallback, which overflows to the queue', async () => {
    const { exchange } = testLab.lab;
    const service = await startService(testLab, { stop: { drainSeconds: 0 } });
    exchange.setAgents({ do: 'answer', afterMs: 500 });
    for (const phone of ['12320-1', '12320-2']) exchange.setAgent(phone, { do: 'ring' });
    const calling = call({ dialled: '12320', from: '05910000031', hangup: { after: 'heard', ms: 1_000 } });
    await pass(1_500);
    for (const phone of ['12320-1', '12320-2']) exchange.setAgent(phone, { do: 'busy' });
    await service.stop();
    expect((await calling).reached).toBe('queue:12345-fuzhou');
    const [last] = (await service.records()).slice(-1);
    expect(last).toMatchObject({ type: 'ended', by: 'hotline', cause: 'given-back' });
    await expectNothingLeft();
  });

  it('lets calls come to their end first, and sends new ones to the fallback meanwhile', async () => {
    const { exchange } = testLab.lab;
    const service = await startService(testLab, { stop: { drainSeconds: 20 } });
    exchange.setAgents({ do: 'answer', afterMs: 200, hangupAfterMs: 3_000 });
    const first = call({ dialled: '12366', from: '05910000032', hangup: { after: 'heard', ms: 10_000 } });
    await pass(1_500);
    const stopped = service.stop();
    await pass(300);
    const second = await call({ dialled: '059112301', from: '05910000033' });
    expect(second.reached).toBe('queue:12345-fuzhou');
    expect(second.heard.map(({ prompt }) => prompt)).toEqual(['merged']);
    expect(await first).toMatchObject({ reached: 'seats:12366-fujian', endedBy: 'agent' });
    await stopped;
    const records = await service.records();
    expect(new Set(records.map(({ callId }) => callId)).size).toBe(1);
    expect(records.at(-1)).toMatchObject({ type: 'ended', by: 'agent' });
    await expectNothingLeft();
  });

  it('leaves who talks to talk on', async () => {
    const { exchange } = testLab.lab;
    const service = await startService(testLab, { stop: { drainSeconds: 0 } });
    exchange.setAgents({ do: 'answer', afterMs: 200 });
    const calling = call({ dialled: '12366', from: '05910000034', hangup: { after: 'heard', ms: 4_000 } });
    await pass(2_000);
    await service.stop();
    const report = await calling;
    expect(report).toMatchObject({ reached: 'seats:12366-fujian', endedBy: 'caller' });
  });
});
