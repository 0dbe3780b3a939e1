/** What a caller dials is a number to FreeSWITCH's dialplan, and never a place in it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FreeSwitchTestLab, leftoversOf, openFreeSwitchTestLab } from './test-lab.ts';

const home = process.env.FREESWITCH_HOME;

/** A context of the fallback where 12333 rings the seats in Xiamen at once, whatever the routing table says. */
const ELSEWHERE = 'hotline-fallback-in-xiamen';

describe.skipIf(home === undefined)('a caller who dials words of the dialplan (needs FREESWITCH_HOME)', () => {
  let testLab: FreeSwitchTestLab;

  beforeAll(async () => {
    testLab = await openFreeSwitchTestLab(home ?? '');
    testLab.lab.exchange.setAgents({ do: 'answer', afterMs: 200 });
  }, 120_000);

  afterAll(async () => {
    await testLab?.lab.stop();
  });

  afterEach(async () => {
    await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
  });

  it.each([
    `12333 XML ${ELSEWHERE}`,
    `12333%20XML%20${ELSEWHERE}`,
    `12333%09XML%09${ELSEWHERE}`,
    `12333'%20XML%20${ELSEWHERE}%20'`,
    `12333%0a%20XML%20${ELSEWHERE}`,
    '12333%24%7Buuid%7D',
    '12333,12301',
    '1'.repeat(41),
  ])('gets SIP 404 for %s, and reaches nobody', async (dialled) => {
    const placed = await testLab.lab.exchange.placeCall({ dialled, record: false, limitMs: 8_000 });
    expect(placed).toMatchObject({ cause: 1, answeredMs: null, agents: [] });
  });

  it.each(['12333', '+8659212333'])('is let in with the number %s', async (dialled) => {
    const call = { dialled, record: false, limitMs: 20_000, hangup: { after: 'talk', ms: 200 } } as const;
    expect((await testLab.lab.exchange.placeCall(call)).agents).not.toEqual([]);
  });
});
