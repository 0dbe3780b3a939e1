/** An outbound socket that is refused: the connection is taken and closed, and FreeSWITCH's dialplan goes on with the call. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reportOf } from '../../src/lab/report.ts';
import { PIECE_MS } from '../../src/switch/freeswitch/ringback.ts';
import { startController } from './controller.ts';
import { type FreeSwitchTestLab, leftoversOf, openFreeSwitchTestLab } from './test-lab.ts';

const home = process.env.FREESWITCH_HOME;

/** Nothing in the dialplan waits: beyond the ring that a caller hears as the controller goes, it is looks at a busy PBX. */
const GONE_ON_WITHIN_MS = PIECE_MS + 1_000;

describe.skipIf(home === undefined)('an outbound socket that is refused (needs FREESWITCH_HOME)', () => {
  let testLab: FreeSwitchTestLab;

  beforeAll(async () => {
    testLab = await openFreeSwitchTestLab(home ?? '');
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 200 });
  });

  afterAll(async () => {
    await testLab?.lab.stop();
  });

  afterEach(async () => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
  });

  const call = async (from: string) => {
    const options = { dialled: '12366', from, hangup: { after: 'talk', ms: 1_000 }, limitMs: 20_000 } as const;
    return reportOf(testLab.lab, testLab.table, await testLab.lab.exchange.placeCall(options));
  };

  const expectFallback = async (from: string) => {
    const report = await call(from);
    expect(report).toMatchObject({ reached: 'seats:12366-fujian', endedBy: 'caller' });
    expect(report.waitedMs).toBeLessThan(5_000);
  };

  const listening = async (server: Server): Promise<Server> => {
    const { host, port } = testLab.switchSettings.listen;
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  };

  it.each([
    ['at once', undefined],
    ['as soon as it has asked for the channel', 'connect\n\n'],
  ])('closed %s: the fallback takes each of ten callers', async (_, said) => {
    const server = await listening(
      createServer((socket) => {
        socket.on('error', () => undefined); // told by its close
        if (said === undefined) socket.destroy();
        else socket.write(said, () => socket.destroy());
      }),
    );
    for (let caller = 10; caller < 20; caller += 1) await expectFallback(`139000000${caller}`);
    server.close();
  });

  it('from an address that is no PBX of ours: the fallback takes the call', async () => {
    const { listen } = testLab.switchSettings;
    const switchSettings = { ...testLab.switchSettings, listen: { ...listen, accept: ['127.0.0.9'] } };
    const controller = await startController({ ...testLab, switchSettings });
    await expectFallback('13900000021');
    await controller.stop();
  });

  /** Callers whom nobody controls, and who have not gone on. */
  const heldUp = async (): Promise<readonly unknown[]> => {
    const { rows = [] } = JSON.parse(await testLab.lab.pbx.cli('show channels as json'));
    return rows
      .filter(({ context }: Record<string, string>) => context === 'hotline-in')
      .map(({ cid_num, state, application }: Record<string, string>) => `${cid_num} ${state} ${application}`);
  };

  it('while the controller stops: no caller is left behind', async () => {
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 100, hangupAfterMs: 500 });
    const placed: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round += 1) {
      const controller = await startController(testLab);
      const options = { dialled: '12366', from: `1390000003${round}`, limitMs: 10_000, record: false };
      placed.push(testLab.lab.exchange.placeCall(options));
      await new Promise((resolve) => setTimeout(resolve, 10 * round)); // before, while and after the socket is taken
      await controller.stop();
    }
    await expect.poll(heldUp, { timeout: GONE_ON_WITHIN_MS }).toEqual([]);
    await Promise.all(placed);
  });
});
