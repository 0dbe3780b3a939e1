/**
 * The controller killed with -9 while callers are handed on by phone, sent back, rescued or taken back, and while a phone asks.
 * An attended transfer by API is killed in `transfers.test.ts`, in CI; these take a minute and run where HOTLINE_LONG is set.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentBehaviour } from '../../src/lab/exchange/agents.ts';
import { onEachPbx } from './each-pbx.ts';
import { type Service, startService } from './service.ts';
import { QUEUES, SLOTS, Talk, type TalkParts, tokenOf } from './talk.ts';
import { type AnyTestLab, goodTable, impatientTableFile, leftoversOf, setPromptLength } from './test-lab.ts';

const SOON: AgentBehaviour = { do: 'answer', afterMs: 300 };
/** Answers when the next controller is there. */
const LATE: AgentBehaviour = { do: 'answer', afterMs: 4_000 };
const BUSY: AgentBehaviour = { do: 'busy' };

async function blindByRefer(talk: Talk): Promise<void> {
  expect(await talk.phone(talk.o).refer(talk.slot.hotline)).toBe(200);
}

async function consultingByKeys(talk: Talk, keys: '*3' | '*4'): Promise<void> {
  talk.seatsDo(SOON);
  await talk.phone(talk.o).press(`${keys}${talk.slot.hotline}#`);
}

/** What brings a call to its stage before the kill; what is done, and has to be heard, after it. */
type Stage = readonly [name: string, before: (talk: Talk) => Promise<void>, after: (talk: Talk) => Promise<void>];

const STAGES: readonly Stage[] = [
  [
    'T’s phone rings for a REFER: T has the caller',
    async (talk) => {
      talk.seatsDo(LATE);
      await blindByRefer(talk);
      await talk.expectHeard('caller', ['ringing']);
    },
    (talk) => talk.expectTogether(talk.t),
  ],
  [
    'T was busy, and O’s phone rings again: O has the caller',
    async (talk) => {
      talk.seatsDo({ do: 'busy', afterMs: 300 });
      await blindByRefer(talk);
      talk.does(talk.o, LATE);
      await talk.expectTold('returned busy');
    },
    (talk) => talk.expectTogether(talk.o),
  ],
  [
    'T and O were busy, and the queue rings its other agent: that one has the caller',
    async (talk) => {
      talk.seatsDo({ do: 'busy', afterMs: 300 });
      await blindByRefer(talk);
      talk.does(talk.o, BUSY);
      talk.does(talk.o2, LATE);
      await talk.expectTold('failed busy');
    },
    (talk) => talk.expectTogether(talk.o2),
  ],
  [
    'O consults by keys: O completes by keys',
    async (talk) => {
      await consultingByKeys(talk, '*3');
      await talk.expectHeard(talk.o, [talk.t]);
      await talk.expectHeard('caller', ['music']);
    },
    async (talk) => {
      await talk.phone(talk.o).press('*1');
      await talk.expectTogether(talk.t);
      await talk.expectGone(talk.o);
    },
  ],
  [
    'three talk by keys: O leaves by keys',
    async (talk) => {
      await consultingByKeys(talk, '*4');
      await talk.expectTogether(talk.o, talk.t);
    },
    async (talk) => {
      await talk.phone(talk.o).press('*1');
      await talk.expectTogether(talk.t);
    },
  ],
  [
    'O takes the caller back, and O’s phone rings: O has the caller',
    async (talk) => {
      talk.seatsDo(SOON);
      await blindByRefer(talk);
      await talk.expectTogether(talk.t);
      talk.does(talk.o, LATE);
      expect(await talk.ask('pull-back')).toBe(200);
    },
    async (talk) => {
      await talk.expectTogether(talk.o);
      await talk.expectGone(talk.t);
    },
  ],
];

describe.skipIf(process.env.HOTLINE_LONG === undefined)('the long form (set HOTLINE_LONG)', () => {
  onEachPbx('a controller that is killed', (openLab) => {
    let testLab: AnyTestLab;
    let service: Service;
    let parts: TalkParts;

    beforeAll(async () => {
      const table = await impatientTableFile(8, 20);
      testLab = await openLab(await goodTable(table));
      await setPromptLength(testLab.lab, 'merged', 1);
      const agents = QUEUES.flatMap(({ region }) => [`12345-${region}-1`, `12345-${region}-2`]);
      const tokens = agents.map((endpoint) => ({ name: endpoint, role: 'agent', endpoint, token: tokenOf(endpoint) }));
      service = await startService(testLab, { table, http: { port: 0, tokens } });
      const look = async () => (await leftoversOf(testLab.lab)).join('\n');
      parts = { exchange: testLab.lab.exchange, service: () => service, look };
      testLab.lab.exchange.setAgents(BUSY);
    });

    afterAll(async () => {
      await service?.stop();
      await testLab?.lab.stop();
    });

    it('at each stage: everybody comes to where they belong', { timeout: 120_000 }, async () => {
      const talks = await Promise.all(SLOTS.slice(0, STAGES.length).map((slot) => Talk.begin(parts, slot)));
      const each = talks.map((talk, i) => ({ talk, stage: STAGES[i] as Stage }));
      await Promise.all(each.map(({ talk, stage: [, before] }) => before(talk)));
      await service.killAndRestart();
      const outcomes = await Promise.allSettled(each.map(({ talk, stage: [, , after] }) => after(talk)));
      const failed = outcomes.flatMap((outcome, i) =>
        outcome.status === 'rejected' ? [`${STAGES[i]?.[0]}: ${outcome.reason}`] : [],
      );
      for (const talk of talks) talk.hangup();
      await Promise.all(talks.map(({ placed }) => placed));
      expect(failed).toEqual([]);
      await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    });

    it('before a phone asks by REFER: the phone is told no, or nothing, and both talk on', {
      timeout: 60_000,
    }, async () => {
      const talk = await Talk.begin(parts, SLOTS[0] as (typeof SLOTS)[number]);
      await service.kill();
      void talk
        .phone(talk.o)
        .refer(talk.slot.hotline)
        .catch(() => undefined); // told nothing by an Asterisk that nobody controls
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await talk.expectHeard('caller', [talk.o]);
      await service.killAndRestart();
      await talk.expectHeard('caller', [talk.o]);
      talk.hangup();
      await talk.placed;
      await expect.poll(() => leftoversOf(testLab.lab), { timeout: 10_000 }).toEqual([]);
    });
  });
});
