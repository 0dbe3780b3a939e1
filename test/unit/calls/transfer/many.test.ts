/** Twenty callers handed on at once by agents who share phones and queues, in any order: each ends in one defined state. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { CallRequest } from '../../../../src/requests/request.ts';
import type { MemoryCaller } from '../../../../src/switch/memory/pbx.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from '../trial.ts';

const CALLS = 20;
/** Four queues of two agents each cannot serve twenty callers, so some wait, some are busy, some are lost. */
const REGIONS = ['0591', '0592', '0594', '0598'];
const TARGETS = ['12348', '12366', '12350', '12345', '12320', '12301', 'seats:12305', '110'];

afterEach(() => void vi.useRealTimers());

type Step =
  | { readonly do: 'ask'; readonly call: number; readonly request: CallRequest }
  | { readonly do: 'pull-back'; readonly call: number }
  | { readonly do: 'keys'; readonly call: number; readonly keys: string }
  | { readonly do: 'refer'; readonly call: number; readonly to: string }
  | { readonly do: 'phone'; readonly call: number; readonly dialled: string }
  | { readonly do: 'leg-gone'; readonly call: number; readonly which: number }
  | { readonly do: 'caller-gone'; readonly call: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'take-over'; readonly ms: number };

const call = fc.nat(CALLS - 1);
const to = fc.constantFrom(...TARGETS);
const asking: fc.Arbitrary<CallRequest> = fc.oneof(
  fc.record({ do: fc.constant('transfer' as const), kind: fc.constantFrom('blind', 'attended', 'three-way'), to }),
  fc.record({ do: fc.constantFrom('complete', 'return', 'hold', 'resume', 'mute', 'unmute') }),
  fc.record({
    do: fc.constant('supervise' as const),
    as: fc.constantFrom('listen', 'whisper', 'barge'),
    endpoint: fc.constantFrom('12348-2', '12320-2'),
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('ask' as const), call, request: asking }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pull-back' as const), call }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('keys' as const),
      call,
      keys: fc.constantFrom('*312348#', '*1', '*0', '*6', '*2'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refer' as const), call, to }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('phone' as const), call, dialled: fc.constantFrom('*0', '12348', '12366') }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leg-gone' as const), call, which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('caller-gone' as const), call }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 300, 2_500, 21_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take-over' as const), ms: fc.constantFrom(0, 500, 5_000) }) },
);

class Many {
  readonly trial = new Trial();
  readonly callers: MemoryCaller[] = [];
  controller!: Controller;

  async begin(): Promise<void> {
    const { pbx } = this.trial;
    pbx.hasOneLineEach = true;
    this.controller = await this.trial.start();
    for (let n = 0; n < CALLS; n += 1) this.callers.push(await this.trial.call(`${REGIONS[n % 4]}12301`));
    await pass(PROMPT_MS);
    this.expectHeard();
  }

  /** Whoever has not hung up, and is not muted away, hears somebody or something. */
  expectHeard(): void {
    for (const caller of this.callers) {
      if (caller.gone.signal.aborted) continue;
      const everybody = [...caller.legs.values()].filter(({ isAnswered }) => isAnswered);
      const isMuted = everybody.some(({ id }) => caller.muted.has(id));
      if (caller.hears('caller').length === 0 && !isMuted) {
        throw new Error(`dead air on ${caller.id}: ${caller.memory}`);
      }
    }
  }

  async take(each: Step): Promise<void> {
    if (each.do === 'wait') return pass(each.ms);
    if (each.do === 'take-over') {
      await this.controller.die();
      await pass(each.ms);
      this.controller = await this.trial.start();
      return;
    }
    const caller = this.callers[each.call];
    const session = this.controller.live.sessions.find(({ call }) => call.id === `pbx1-${caller?.id}`);
    const requests = session?.requests;
    if (caller === undefined || requests === undefined) return;
    const { origin } = requests.state;
    if (each.do === 'ask') void requests.ask(each.request, { by: 'x', via: 'api', as: 'any' });
    if (each.do === 'pull-back') void requests.ask({ do: 'pull-back' }, { by: 'x', via: 'api', as: 'any' });
    if (each.do === 'keys') caller.press(origin.leg, each.keys);
    if (each.do === 'refer') caller.refer(origin.leg, each.to);
    if (each.do === 'phone') this.trial.pbx.placePhoneCall(origin.agent ?? '', each.dialled);
    if (each.do === 'leg-gone') [...caller.legs.values()][each.which]?.hangup();
    if (each.do === 'caller-gone') caller.hangup();
  }

  /** Nothing is under way any more: who is still up talks, is held, or is talked about. */
  expectSettled(): void {
    this.expectHeard();
    for (const { requests } of this.controller.live.sessions) {
      expect(['talk', 'consult', 'together']).toContain(requests?.state.stage);
    }
    for (const caller of this.callers) {
      expect([...caller.legs.values()].every(({ isAnswered }) => isAnswered)).toBe(true);
    }
  }

  async end(): Promise<void> {
    for (const caller of this.callers) caller.hangup();
    await pass(0);
    expect([...this.trial.pbx.callers.keys()]).toEqual([]);
    expect(this.callers.flatMap(({ legs }) => [...legs.keys()])).toEqual([]);
    expect(this.controller.live.count).toBe(0);
    expect(this.trial.errors).toEqual([]);
    for (const { id } of this.callers) this.#expectStory(`pbx1-${id}`);
  }

  /** One end, no gap, a repeat says the same; and no transfer is told to have ended that was not asked for. */
  #expectStory(id: string): void {
    const bySeq = new Map<number, string>();
    const records = this.trial.records.filter(({ callId }) => callId === id);
    for (const record of records) {
      const { ms: _, at: __, ...said } = record;
      const text = JSON.stringify(said);
      if (bySeq.has(record.seq)) expect(bySeq.get(record.seq)).toBe(text);
      bySeq.set(record.seq, text);
    }
    expect([...bySeq.keys()]).toEqual([...bySeq.keys()].map((_, index) => index));
    expect(records.filter(({ type }) => type === 'ended')).toHaveLength(1);
    expect(records.at(-1)?.type).toBe('ended');
  }
}

describe('twenty calls whose agents hand them on in any order', () => {
  test('end each in one defined state, and no caller ever hears nothing', async () => {
    const told = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
        useCallClock();
        const many = new Many();
        const behaviours = ['answer', 'answer', 'answer', 'busy', 'reject', 'ring'] as const;
        const endpoints = [...many.trial.table.seats.values()].flatMap((seats) => seats.endpoints);
        for (const [n, endpoint] of endpoints.entries()) {
          const does = behaviours[n % behaviours.length] ?? 'ring';
          many.trial.pbx.agents.set(endpoint, does === 'answer' ? { does, afterMs: 1_000 + n * 10 } : { does });
        }
        for (const member of [...many.trial.table.queues.values()].flatMap(({ members }) => members)) {
          many.trial.pbx.agents.set(member, { does: 'answer', afterMs: 1_000 });
        }
        await many.begin();
        for (const each of steps) {
          await many.take(each);
          await pass(0);
          many.expectHeard();
        }
        await pass(30_000);
        many.expectHeard();
        await pass(250_000); // every phone has rung out, every queue has been waited in
        many.expectSettled();
        await many.end();
        for (const record of many.trial.records) if (record.type === 'transferred') told.add(record.stage);
      }),
      { numRuns: Number(process.env.HOTLINE_TRANSFER_RUNS ?? 20) },
    );
    // Or nothing was tried.
    expect([...told]).toEqual(expect.arrayContaining(['asked', 'completed', 'refused']));
  }, 60_000);
});
