/** Phones that try to have FreeSWITCH itself call an address of theirs: a socket beside the PBX says whether it did. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../src/base/log.ts';
import type { Refers } from '../../src/lab/pbx/freeswitch-files.ts';
import { connectEsl } from '../../src/switch/freeswitch/esl/events.ts';
import { listenForChannels } from '../../src/switch/freeswitch/esl/outbound-server.ts';
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

/** Refer-To, by an address that nobody may be made to call. */
type Target = (at: string) => string;

/** What FreeSWITCH by itself makes no more of than an address. */
const PLAIN: readonly (readonly [string, Target])[] = [
  ['a number at it', (at) => `sip:1@${at}`],
  ['a call there that is to be replaced', (at) => `sip:1@${at}?${REPLACES}`],
  ['the same over TCP’s parameter', (at) => `sip:1@${at};x=1?${REPLACES}`],
];

/** What it reads as a dial string; `lab` is the lab's SIP profile. */
const WRITTEN: readonly (readonly [string, Target])[] = [
  ['a } in the headers', (at) => `sip:1@127.0.0.1?${REPLACES}}sofia/lab/sip:1@${at},`],
  ['a } in the parameters', (at) => `sip:1@127.0.0.1;x=1}sofia/lab/sip:1@${at},?${REPLACES}`],
  ['a } and variables of its own', (at) => `sip:1@127.0.0.1?${REPLACES},a=b}[c=d]sofia/lab/sip:1@${at}|`],
  ['calls of many, without any }', (at) => `sip:1@127.0.0.1?${REPLACES}:_:sofia/lab/sip:1@${at}:_:`],
];

/** Refused by the controller, by FreeSWITCH on its way to nobody, or by FreeSWITCH because it takes no REFER. */
const REFUSALS = [603, 403, 405];

interface Outcome {
  /** Requests that came to the address. */
  readonly came: readonly string[];
  /** Status the phone was told; 0: none. */
  readonly told: number;
  readonly talksOn: boolean;
}

/** Somebody at an address of a phone's choosing, who is busy. */
async function openOutside(came: string[]): Promise<Socket> {
  const outside = createSocket('udp4', (message, { port }) => {
    const [request = '', ...headers] = message.toString().split('\r\n');
    came.push(request);
    if (!request.startsWith('INVITE ')) return;
    const same = headers.filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
    outside.send(['SIP/2.0 486 Busy Here', ...same, 'Content-Length: 0', '', ''].join('\r\n'), port, '127.0.0.1');
  });
  outside.bind(0, '127.0.0.1');
  await once(outside, 'listening');
  return outside;
}

const labsThat = (what: string, refers: Refers, suite: (ask: (target: Target) => Promise<Outcome>) => void): void => {
  describe.skipIf(home === undefined)(`${what} (needs FREESWITCH_HOME)`, () => {
    let rig: Rig;
    let held: FreeSwitchSwitch;
    let outside: Socket;
    const taken = new Taken();
    const came: string[] = [];

    beforeAll(async () => {
      const testLab = await openFreeSwitchTestLab(home ?? '', { refers });
      const log = createLogger('silent');
      const edges = { connect: connectEsl, listen: listenForChannels(log) };
      rig = labRig(testLab, () => new FreeSwitchSwitch(testLab.switchSettings, edges, log));
      held = new FreeSwitchSwitch(testLab.switchSettings, edges, log);
      await held.start(taken);
      outside = await openOutside(came);
    }, 120_000);

    afterEach(async () => {
      await expect.poll(() => rig.leftovers(), { timeout: 5_000 }).toEqual([]);
    });

    afterAll(async () => {
      outside?.close();
      await held?.stop();
      await rig?.close();
    });

    suite(async (target) => {
      rig.phone(phone, { do: 'answer', afterMs: 200 });
      const caller = rig.placeCall(`0592${RIG.number}`, '05922001234');
      const call = await taken.arrival();
      await call.answer();
      const leg = call.dial('o', { kind: 'seat', endpoint: phone, ringSeconds: 20 });
      await leg.outcome;
      await expect.poll(() => rig.hears('caller'), { timeout: 5_000 }).toEqual([phone]);
      came.length = 0;
      const asked = rig.inHand(phone).refer(`PJSIP/<${target(`127.0.0.1:${outside.address().port}`)}>`);
      const told = await Promise.race([asked, leg.ended.then(() => 0)]);
      await delay(QUIET_MS);
      const talksOn = await Promise.race([leg.ended.then(() => false), delay(0, true)]);
      if (talksOn) await expect.poll(() => rig.hears('caller'), { timeout: 5_000 }).toEqual([phone]);
      const outcome = { came: [...came], told, talksOn };
      caller.hangup();
      await caller.ended;
      return outcome;
    });
  });
};

const REFUSED = { came: [], told: expect.toBeOneOf(REFUSALS), talksOn: true };

labsThat('a phone that asks for an address of its own', 'guarded', (ask) => {
  it.each(PLAIN)('reaches nobody by %s, and talks on', async (_, target) => {
    expect(await ask(target)).toEqual(REFUSED);
  });

  it.each(WRITTEN)('reaches nobody by %s, and loses its call', async (_, target) => {
    expect(await ask(target)).toEqual({ came: [], told: 0, talksOn: false });
  });
});

labsThat('a phone on a PBX that refuses every REFER', 'refused', (ask) => {
  it.each([...PLAIN, ...WRITTEN])('reaches nobody by %s, and talks on', async (_, target) => {
    expect(await ask(target)).toEqual(REFUSED);
  });
});

labsThat('a PBX without the guard', 'unguarded', (ask) => {
  it.each(WRITTEN)('calls the address by %s', async (_, target) => {
    expect((await ask(target)).came).toContainEqual(expect.stringMatching(/^INVITE /));
  });
});
