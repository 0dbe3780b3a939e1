/** A caller who talks with a 12345 agent of Xiamen, and what agents do then: what the tests of handing on share. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { Requests } from '../../../src/calls/requests.ts';
import type { Asker, CallAnswer, CallRequest } from '../../../src/requests/request.ts';
import type { Table } from '../../../src/routing/table.ts';
import type { MemoryCaller, MemoryLeg } from '../../../src/switch/memory/pbx.ts';
import type { Arrival } from '../../../src/switch/port.ts';
import { type Controller, PROMPT_MS, pass, Trial, useCallClock } from './trial.ts';

export const AGENT = '12345-xiamen-1';
export const ORIGIN = 'queue:12345-xiamen';

export class Talk {
  readonly trial: Trial;
  controller!: Controller;
  caller!: MemoryCaller;

  private constructor(table: Table | undefined) {
    this.trial = new Trial(table);
  }

  /** Caller and agent talk, the prompt over. @param table other than the one that ships. */
  static async begin(dialled = '059212301', arrival: Partial<Arrival> = {}, table?: Table): Promise<Talk> {
    const talk = new Talk(table);
    talk.controller = await talk.trial.start();
    talk.answers(AGENT, 1_000);
    talk.caller = await talk.trial.call(dialled, arrival);
    await pass(PROMPT_MS);
    return talk;
  }

  answers(endpoint: string, afterMs: number): void {
    this.trial.pbx.agents.set(endpoint, { does: 'answer', afterMs });
  }

  does(endpoint: string, does: 'busy' | 'reject' | 'ring'): void {
    this.trial.pbx.agents.set(endpoint, { does });
  }

  get requests(): Requests {
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

/** Begins a talk before each test of a file, and ends it after. @param given is handed the talk. */
export const talkForEach = (given: (talk: Talk) => void): void => {
  let talk: Talk;
  beforeEach(async () => {
    useCallClock();
    talk = await Talk.begin();
    given(talk);
  });
  afterEach(async () => {
    await talk.end();
    vi.useRealTimers();
  });
};
