/** The controller lives, but its connection to the PBX is cut for a while: what it missed meanwhile is caught up with. */
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callAndReport } from '../../src/lab/report.ts';
import { startController, type TestController } from './controller.ts';
import { leftoversOf, openTestLab, setPromptLength, type TestLab } from './test-lab.ts';

/** A cable to the PBX that can be cut. */
async function openCable(to: URL) {
  const ends = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.destroy();
    const far = dial(Number(to.port), to.hostname);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end);
      end.pipe(other);
      end.on('error', () => other.destroy());
      end.once('close', () => ends.delete(end));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutFor: (ms: number) => {
      isCut = true;
      for (const end of ends) end.destroy();
      setTimeout(() => {
        isCut = false;
      }, ms);
    },
    close: () => server.close(),
  };
}

describe('a controller cut off from its PBX for a second', () => {
  let testLab: TestLab;
  let cable: Awaited<ReturnType<typeof openCable>>;
  let controller: TestController;

  beforeAll(async () => {
    testLab = await openTestLab();
    await setPromptLength(testLab.lab, 'merged', 3);
    cable = await openCable(new URL(testLab.switchSettings.url));
    controller = await startController({
      ...testLab,
      switchSettings: { ...testLab.switchSettings, url: cable.url },
    });
  });

  afterAll(async () => {
    await controller?.stop();
    cable?.close();
    await testLab?.lab.stop();
  });

  it.each([
    ['an agent answers', '12366', 1_500, { do: 'answer', afterMs: 2_000 }],
    ['the prompt ends', '059112301', 2_500, { do: 'answer', afterMs: 4_500 }],
    ['the prompt ends with an agent there', '059212333', 2_500, { do: 'answer', afterMs: 1_000 }],
  ] as const)('and %s meanwhile: they talk', async (_, dialled, cutAtMs, behaviour) => {
    const { lab, table } = testLab;
    lab.exchange.setAgents(behaviour);
    setTimeout(() => cable.cutFor(1_000), cutAtMs);
    const options = { dialled, from: '05922001234', limitMs: 20_000 };
    const report = await callAndReport(lab, table, { ...options, hangup: { after: 'heard', ms: 3_000 } });
    expect(report.reached).not.toBeNull();
    await expect.poll(() => controller.live.count, { timeout: 5_000 }).toBe(0);
    expect(controller.held()).toBe(0);
    expect(await leftoversOf(lab)).toEqual([]);
    const told = controller.records.slice(-6).map(({ type }) => type);
    expect(told).toContain('answered');
    expect(told.at(-1)).toBe('ended');
  });

  it('and the caller hangs up meanwhile: nothing is left', async () => {
    const { lab } = testLab;
    lab.exchange.setAgents({ do: 'ring' });
    setTimeout(() => cable.cutFor(1_000), 1_000);
    await lab.exchange.placeCall({ dialled: '12366', record: false, hangup: { after: 'dial', ms: 1_300 } });
    await expect.poll(() => controller.live.count, { timeout: 10_000 }).toBe(0);
    await expect.poll(() => leftoversOf(lab), { timeout: 5_000 }).toEqual([]);
    expect(controller.held()).toBe(0);
  });
});
