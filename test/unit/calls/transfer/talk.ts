/** A caller who talks with a 12345 agent of Xiamen, and what agents do then: what the tests of transfers share. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { RequestHandler } from '../../../../src/calls/request-handler.ts';
import type { Asker, CallAnswer, CallRequest } from '../../../../src/requests/request.ts';
import type { Table } from '../../../../src/routing/table.ts';
import type { MemoryCaller, MemoryLeg } from '../../../../src/switch/memory/pbx.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from '../trial.ts';

export const AGENT = '12345-xiamen-1';
export const ORIGIN = 'queue:12345-xiamen';
/** The seats of 12348. */
export const TARGET = '12348-1';
export const OTHER_TARGET = '12348-2';
/** Another agent of the caller's queue. */
export const QUEUE_AGENT = '12345-xiamen-2';

export class Talk {
  trial!: Trial;
  controller!: Controller;
  caller!: MemoryCaller;

  /** Caller and agent talk, the prompt over. @param table other than the one that ships. */
  async begin(table?: Table): Promise<void> {
    this.trial = new Trial(table);
    this.controller = await this.trial.start();
    this.answers(AGENT, 1_000);
    this.caller = await this.trial.call('059212301');
    await pass(PROMPT_MS);
  }

  /** Ends what the test has begun with, and begins with another table. */
  async beginAnew(table: Table): Promise<void> {
    await this.end();
    await this.begin(table);
  }

  answers(endpoint: string, afterMs: number): void {
    this.trial.pbx.agents.set(endpoint, { does: 'answer', afterMs });
  }

  does(endpoint: string, does: 'busy' | 'reject' | 'ring'): void {
    this.trial.pbx.agents.set(endpoint, { does });
  }

  seatsDo(does: 'busy' | 'reject' | 'ring'): void {
    for (const seat of [TARGET, OTHER_TARGET]) this.does(seat, does);
  }

  /** The agent talks with the one to be transferred to, over music for the caller. */
  async consult(): Promise<void> {
    this.answers(TARGET, 1_000);
    this.does(OTHER_TARGET, 'ring');
    await this.transfer('attended');
    await this.pass(1_000);
  }

  get requests(): RequestHandler {
    const [session] = this.controller.live.sessions;
    if (session?.requests === undefined) throw new Error('nobody talks');
    return session.requests;
  }

  /** By the desktop of an agent. */
  async ask(request: CallRequest, endpoint = AGENT, more: Partial<Asker> = {}): Promise<CallAnswer> {
    const answer = this.requests.ask(request, { by: endpoint, via: 'api', as: { endpoint }, ...more });
    await pass(0);
    return answer;
  }

  transfer(kind: 'blind' | 'attended' | 'three-way', to = '12348', more: { workOrder?: string; note?: string } = {}) {
    return this.ask({ do: 'transfer', kind, to, ...more });
  }

  /** The leg of an endpoint, the latest where it has had several. */
  leg(endpoint: string): MemoryLeg {
    const found = [...this.caller.legs.values()].findLast((leg) => leg.endpoint === endpoint);
    if (found === undefined) throw new Error(`${endpoint} is not on the call: ${this.who.join(', ')}`);
    return found;
  }

  /** Endpoints that are on the call or rung for it. */
  get who(): string[] {
    return [...this.caller.legs.values()].map(({ endpoint }) => endpoint);
  }

  /** What somebody hears, by endpoint instead of by leg. */
  hears(who: string): string[] {
    const id = who === 'caller' ? who : this.leg(who).id;
    return this.caller
      .hears(id)
      .map((heard) => this.caller.legs.get(heard)?.endpoint ?? heard)
      .toSorted();
  }

  async hangUp(who: string): Promise<void> {
    if (who === 'caller') this.caller.hangup();
    else this.leg(who).hangup();
    await pass(0);
  }

  /** `kind stage reason` of each hand-over told, a repeat left out as a consumer does. */
  get told(): string[] {
    const bySeq = new Map(this.trial.records.map((record) => [record.seq, record]));
    return [...bySeq.values()].flatMap((record) =>
      record.type === 'transferred' ? [[record.kind, record.stage, record.reason ?? ''].join(' ').trim()] : [],
    );
  }

  /** Time goes by, and at no moment of it does the caller hear nothing. */
  async pass(ms: number): Promise<void> {
    const STEP_MS = 100;
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.expectHeard();
      await pass(Math.min(left, STEP_MS));
    }
    this.expectHeard();
  }

  expectHeard(): void {
    if (!this.caller.gone.signal.aborted) expect(this.caller.hears('caller')).not.toEqual([]);
  }

  /** Caller and an agent hear each other, and nobody else is on the call. */
  expectTalk(endpoint: string): void {
    expect(this.who).toEqual([endpoint]);
    expect(this.hears('caller')).toEqual([endpoint]);
    expect(this.hears(endpoint)).toEqual(['caller']);
  }

  /** Nothing is left of the call, and its records have neither gap nor another end than one. */
  async end(): Promise<void> {
    this.caller.hangup();
    await pass(0);
    expect([...this.trial.pbx.callers.keys()]).toEqual([]);
    expect(this.controller.live.count).toBe(0);
    expect(this.trial.errors).toEqual([]);
    const said = new Map<number, string>();
    for (const { seq, at: _, ms: __, ...record } of this.trial.records) {
      expect(said.get(seq) ?? JSON.stringify(record)).toBe(JSON.stringify(record)); // a repeat says the same
      said.set(seq, JSON.stringify(record));
    }
    expect([...said.keys()].toSorted((a, b) => a - b)).toEqual([...said.keys()].map((_, index) => index));
    expect(this.trial.records.filter(({ type }) => type === 'ended')).toHaveLength(1);
    expect(this.trial.records.at(-1)?.type).toBe('ended');
  }

  /** The controller dies, and another starts after so long. */
  async takeOver(awayMs = 500): Promise<void> {
    await this.controller.die();
    await pass(awayMs);
    this.controller = await this.trial.start();
    await pass(0);
  }
}

/** A talk that is begun before each test, and ended after. @param endsWhole false: its records may have gaps. */
export const talkForEach = ({
  prepare = () => undefined,
  endsWhole = true,
}: {
  readonly prepare?: (talk: Talk) => void;
  readonly endsWhole?: boolean;
} = {}): Talk => {
  const talk = new Talk();
  beforeEach(async () => {
    useCallClock();
    await talk.begin();
    prepare(talk);
  });
  afterEach(async () => {
    if (endsWhole) await talk.end();
    vi.useRealTimers();
  });
  return talk;
};
