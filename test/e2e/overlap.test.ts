/** Prompt and ringing overlap: the time to an agent is the longer of the two, not their sum. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportOf } from '../../src/lab/report.ts';
import { toneSpans } from '../../src/lab/sound/tones.ts';
import { CALLER_HERTZ } from '../../src/lab/sound/voices.ts';
import { readWave } from '../../src/prompts/wave.ts';
import { startController, type TestController } from './controller.ts';
import { onEachPbx } from './each-pbx.ts';
import { type AnyTestLab, leftoversOf, setPromptLength } from './test-lab.ts';

onEachPbx('a prompt of 6 s and an agent who answers after 3 s', (openLab) => {
  let testLab: AnyTestLab;
  let controller: TestController;

  beforeAll(async () => {
    testLab = await openLab();
    await setPromptLength(testLab.lab, 'merged', 6);
    controller = await startController(testLab);
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 3_000 });
    testLab.lab.exchange.setAgent('12333-xiamen-2', { do: 'ring' });
  });

  afterAll(async () => {
    await controller?.stop();
    await testLab?.lab.stop();
  });

  it.each([
    ['a seat', '059212333', 'seats:12333-xiamen'],
    ['a queue', '059112301', 'queue:12345-fuzhou'],
  ])(
    'the caller is joined to %s within 200 ms of the prompt’s end, and both hear each other',
    async (_, dialled, to) => {
      const { lab, table } = testLab;
      const placed = await lab.exchange.placeCall({
        dialled,
        from: '05922001234',
        hangup: { after: 'heard', ms: 1_500 },
        recordAgents: true,
      });
      const report = await reportOf(lab, table, placed);
      expect(report.reached).toBe(to);
      const promptEndMs = (report.heard[0]?.fromMs ?? 0) + 6_000;
      expect(report.waitedMs).toBeGreaterThan(promptEndMs - 60);
      expect(report.waitedMs).toBeLessThan(promptEndMs + 200);
      const joined = placed.agents.find(({ recording }) => recording !== null)?.recording;
      const { wave } = readWave(await readFile(joined?.file ?? ''));
      const [caller] = toneSpans(wave?.samples ?? new Int16Array(), CALLER_HERTZ);
      expect((caller?.fromMs ?? Number.NaN) + (joined?.fromMs ?? 0)).toBeLessThan(promptEndMs + 200);
      const told = controller.records.findLast(({ type }) => type === 'answered');
      expect(told).toMatchObject({ type: 'answered', to });
    },
  );

  it('an agent who comes after the prompt is joined at once', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 7_000 });
    const { lab, table } = testLab;
    const placed = await lab.exchange.placeCall({ dialled: '059112301', hangup: { after: 'heard', ms: 1_000 } });
    const report = await reportOf(lab, table, placed);
    const answeredMs = placed.agents[0]?.answeredMs ?? 0;
    expect(answeredMs).toBeGreaterThan(6_900);
    expect((report.waitedMs ?? 0) - answeredMs).toBeLessThan(200);
    await expect.poll(() => leftoversOf(lab), { timeout: 5_000 }).toEqual([]);
  });
});
