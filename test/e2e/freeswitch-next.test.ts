/** The controller of a call dies and stays dead: FreeSWITCH's dialplan goes on to the next one, or to the fallback. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CallOptions } from '../../src/lab/exchange/placed-call.ts';
import { reportOf } from '../../src/lab/report.ts';
import { toneSpans } from '../../src/lab/sound/tones.ts';
import { readWave } from '../../src/prompts/wave.ts';
import { startController, type TestController } from './controller.ts';
import { type Service, startService } from './service.ts';
import { type FreeSwitchTestLab, leftoversOf, openFreeSwitchTestLab } from './test-lab.ts';

const home = process.env.FREESWITCH_HOME;
const from = '05912001234';

describe.skipIf(home === undefined)('a controller that dies for good (needs FREESWITCH_HOME)', () => {
  let testLab: FreeSwitchTestLab;
  let first: Service;

  beforeAll(async () => {
    testLab = await openFreeSwitchTestLab(home ?? '');
  });

  afterAll(async () => {
    await testLab?.lab.stop();
  });

  afterEach(async () => {
    await first?.stop();
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
  });

  /** Places a call with the first controller in charge, and kills it after a while. */
  const callThrough = async (options: CallOptions, killAfterMs: number) => {
    first = await startService(testLab);
    const placing = testLab.lab.exchange.placeCall({ from, hangup: { after: 'heard', ms: 4_000 }, ...options });
    await new Promise((resolve) => setTimeout(resolve, killAfterMs)); // the stage of the call is told by the clock
    await first.kill();
    const placed = await placing;
    return { placed, report: await reportOf(testLab.lab, testLab.table, placed) };
  };

  describe('with a second one', () => {
    let second: TestController;

    beforeAll(async () => {
      const listen = { ...testLab.switchSettings.listen, ...testLab.lab.pbx.controllers[1] };
      second = await startController({ ...testLab, switchSettings: { ...testLab.switchSettings, listen } });
    });

    afterAll(async () => {
      await second?.stop();
    });

    afterEach(async () => {
      await expect.poll(() => second.live.count, { timeout: 5_000 }).toBe(0);
      await expect.poll(second.held, { timeout: 2_000 }).toBe(0);
    });

    const told = () => second.records.at(-1);

    it('in the prompt: the prompt is said once, and the agent is reached', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 3_000 });
      const { report } = await callThrough({ dialled: '059212333' }, 2_000);
      expect(report.heard.map(({ prompt }) => prompt)).toEqual(['merged']);
      expect(report.reached).toBe('seats:12333-xiamen');
      await expect.poll(told).toMatchObject({ type: 'ended', by: 'caller', takeovers: 1 });
    });

    it('while seats ring: who answers is talked to', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 3_000 });
      const { report } = await callThrough({ dialled: '12366' }, 1_500);
      expect(report.reached).toBe('seats:12366-fujian');
      await expect.poll(told).toMatchObject({ type: 'ended', by: 'caller', takeovers: 1 });
    });

    it('in talk: the talk never breaks, and the second tells its end when the agent hangs up', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 500, hangupAfterMs: 5_000 });
      testLab.lab.exchange.setAgent('12366-fujian-2', { do: 'ring' });
      const { placed } = await callThrough({ dialled: '12366', hangup: { after: 'dial', ms: 20_000 } }, 2_500);
      const { wave } = readWave(await readFile(placed.recording?.file ?? ''));
      const hertz = testLab.lab.exchange.hertzOf('12366-fujian-1');
      const [span, ...more] = toneSpans(wave?.samples ?? new Int16Array(), hertz);
      expect(more).toEqual([]);
      expect((span?.toMs ?? 0) - (span?.fromMs ?? 0)).toBeGreaterThan(4_500);
      expect(placed.endedBy).toBe('agent');
      await expect.poll(told).toMatchObject({ type: 'ended', by: 'agent', takeovers: 1 });
      testLab.lab.exchange.setAgent('12366-fujian-2', undefined);
    });
  });

  describe('with no other', () => {
    it('in talk: the talk goes on, and ends when the agent hangs up', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 500, hangupAfterMs: 4_000 });
      const { placed } = await callThrough({ dialled: '12366', hangup: { after: 'dial', ms: 20_000 } }, 2_500);
      expect(placed.endedBy).toBe('agent');
      expect(placed.endedMs).toBeLessThan(6_500);
    });

    it('while phones ring: who answers is talked to, the others stop, and with the agent’s end the call is over', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 4_000, hangupAfterMs: 3_000 });
      testLab.lab.exchange.setAgent('12366-fujian-2', { do: 'ring' });
      const { placed, report } = await callThrough({ dialled: '12366', hangup: { after: 'dial', ms: 20_000 } }, 1_000);
      expect(report).toMatchObject({ reached: 'seats:12366-fujian', endedBy: 'agent' });
      expect(report.waitedMs).toBeLessThan(6_500); // a ring's end, and half a second
      expect(placed.agents).toHaveLength(2);
      expect(placed.endedMs).toBeLessThan(8_500);
      testLab.lab.exchange.setAgent('12366-fujian-2', undefined);
    });

    it.each([
      ['in the first moments of the prompt', 250],
      ['in the prompt', 2_000],
    ])('%s: it is heard once and to its end, and who answered meanwhile is talked to', async (_, killAfterMs) => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 3_000 });
      testLab.lab.exchange.setAgent('12333-xiamen-2', { do: 'ring' });
      const { placed, report } = await callThrough({ dialled: '059212333' }, killAfterMs);
      expect(report.heard.map(({ prompt }) => prompt)).toEqual(['merged']);
      expect(report.heard[0]?.match).toBeGreaterThan(0.9);
      expect(report).toMatchObject({ reached: 'seats:12333-xiamen', endedBy: 'caller' });
      expect(placed.agents).toHaveLength(2);
      testLab.lab.exchange.setAgent('12333-xiamen-2', undefined);
    });

    it('in the prompt, with nobody free in the queue yet: its music is heard, and the agent who comes is talked to', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 9_000 });
      const { report } = await callThrough({ dialled: '059112301' }, 2_000);
      expect(report).toMatchObject({ reached: 'queue:12345-fuzhou', endedBy: 'caller' });
      expect(report.waitedMs).toBeLessThan(11_000);
    });

    it('while phones ring: they stop when nobody came back for the call, and the fallback takes it', async () => {
      testLab.lab.exchange.setAgents({ do: 'ring' });
      const { placed } = await callThrough({ dialled: '12366', hangup: { after: 'dial', ms: 26_000 } }, 1_000);
      expect(placed.endedBy).toBe('caller');
      const [first, second, ...rungAgain] = placed.agents.toSorted((a, b) => a.rangMs - b.rangMs);
      for (const agent of [first, second]) expect(agent?.endedMs).toBeLessThan(22_000);
      expect(rungAgain.map(({ phone }) => phone)).toEqual(expect.arrayContaining([first?.phone, second?.phone]));
    });

    it('a new call goes to the fallback at once', async () => {
      testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 200 });
      const placed = await testLab.lab.exchange.placeCall({
        from,
        dialled: '12366',
        hangup: { after: 'talk', ms: 500 },
      });
      expect(placed).toMatchObject({ endedBy: 'caller' });
      expect(placed.answeredMs).toBeLessThan(1_000);
    });
  });
});
