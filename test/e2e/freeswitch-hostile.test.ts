/** Phones that try to have FreeSWITCH itself call an address of theirs: a socket beside the PBX says whether it did. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl-client.ts';
import { listenForChannels } from '../../src/switch/freeswitch/hand-over-server.ts';
import { FreeSwitchSwitch } from '../../src/switch/freeswitch/switch.ts';
import { labRig } from '../contract/lab-rig.ts';
import { RIG, type Rig, Taken } from '../contract/rig.ts';
import { openFreeSwitchTestLab } from './test-lab.ts';

const home = process.env.FREESWITCH_HOME;
const [phone] = RIG.seats;

/** A call that FreeSWITCH does not have. */
const REPLACES = 'Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db';

/** An INVITE that is sent at all is sent within some 50 ms. */
const QUIET_MS = 1_500;

describe.skipIf(home === undefined)('a phone that asks for an address of its own (needs FREESWITCH_HOME)', () => {
  let rig: Rig;
  let held: FreeSwitchSwitch;
  let outside: Socket;
  const taken = new Taken();
  const came: string[] = [];

  beforeAll(async () => {
    const testLab = await openFreeSwitchTestLab(home ?? '');
    const log = createLogger('silent');
    const edges = { connect: connectEsl, listen: listenForChannels(log) };
    rig = labRig(testLab, () => new FreeSwitchSwitch(testLab.switchSettings, edges, log));
    held = new FreeSwitchSwitch(testLab.switchSettings, edges, log);
    await held.start(taken);
    outside = createSocket('udp4', (message) => came.push(message.toString().split('\r\n', 1)[0] ?? ''));
    outside.bind(0, '127.0.0.1');
    await once(outside, 'listening');
  }, 120_000);

  afterEach(async () => {
    await expect.poll(() => rig.leftovers(), { timeout: 5_000 }).toEqual([]);
  });

  afterAll(async () => {
    outside?.close();
    await held?.stop();
    await rig?.close();
  });

  it.skip('reaches nobody by a } in the headers of its REFER: FreeSWITCH 1.10.12 calls what stands behind it (docs/pbx-freeswitch.md)', () =>
    undefined);

  it.each([
    ['a number at it', (at: string) => `sip:1@${at}`],
    ['a call there that is to be replaced', (at: string) => `sip:1@${at}?${REPLACES}`],
    ['the same over TCP’s parameter', (at: string) => `sip:1@${at};x=1?${REPLACES}`],
  ])('reaches nobody by %s', async (_, targetAt) => {
    rig.phone(phone, { do: 'answer', afterMs: 200 });
    const caller = rig.placeCall(`0592${RIG.number}`, '05922001234');
    const call = await taken.arrival();
    await call.answer();
    await call.dial('o', { kind: 'seat', endpoint: phone, ringSeconds: 20 }).outcome;
    await expect.poll(() => rig.hears('caller'), { timeout: 5_000 }).toEqual([phone]);
    came.length = 0;
    const told = await Promise.race([
      rig.inHand(phone).refer(`PJSIP/${targetAt(`127.0.0.1:${outside.address().port}`)}`),
      new Promise((resolve) => setTimeout(resolve, 8_000, 'nothing')),
    ]);
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    expect({ came, told }).toEqual({ came: [], told: expect.toSatisfy((status) => status === 403 || status === 603) });
    await expect.poll(() => rig.hears('caller'), { timeout: 5_000 }).toEqual([phone]);
    caller.hangup();
    await caller.ended;
  });
});
