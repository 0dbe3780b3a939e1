/** Records of calls that nobody made, as the file sink would have written them by a table. */
import { type CallRecord, makeRecord } from '../../src/records/record.ts';
import { route } from '../../src/routing/plan.ts';
import type { CallFacts, Routing } from '../../src/routing/routing.ts';
import type { Table } from '../../src/routing/table.ts';

const arrivedAt = Date.UTC(2026, 9, 1);
const callEverySeconds = 7;
const waits = { networkMs: 10, promptMs: 6_000, ringMs: 0, queueMs: 0 } as const;

const common = (routing: Routing, callId: string, seq: number, at: number) => ({
  v: 1 as const,
  callId,
  seq,
  at: new Date(at + seq * 1000).toISOString(),
  ms: seq * 1000,
  switch: 'pbx1',
  number: routing.number,
  unit: routing.number === null ? null : routing.unit,
  mode: routing.number === null ? null : routing.mode,
  region: routing.number === null ? null : routing.region.id,
  revision: routing.revision,
});

/** The six records of a call that a queue answers. */
export const recordsOf = (table: Table, facts: CallFacts, callId: string, at: Date): readonly CallRecord[] => {
  const routing = route(table, facts, at);
  const of = (seq: number) => common(routing, callId, seq, at.getTime());
  const { considered, region } = routing.number === null ? { considered: [], region: null } : routing;
  const to = 'queue:12345-fuzhou';
  return [
    makeRecord('arrived', of(0), { ...facts }),
    makeRecord('routed', of(1), {
      regionFrom: region?.from ?? null,
      rule: considered.find(({ matched }) => matched)?.rule ?? null,
      plan: [...routing.plan],
    }),
    makeRecord('queued', of(2), { to, skill: null }),
    makeRecord('prompted', of(3), { prompt: 'merged', result: 'done' }),
    makeRecord('answered', of(4), {
      to,
      agent: '12345-fuzhou-1',
      agentMs: 1_020,
      waitedMs: 6_010,
      waits: { ...waits },
    }),
    makeRecord('ended', of(5), {
      by: 'caller',
      cause: 'hung-up',
      q850: 16,
      ...facts,
      arrivedAt: at.toISOString(),
      waitedMs: 6_010,
      talkedMs: 61_000,
      answeredBy: to,
      agent: '12345-fuzhou-1',
      tried: [to],
      takeovers: 0,
      waits: { ...waits },
      transfers: 0,
      recordings: [],
    }),
  ];
};

/** Any number of calls, each number from each area in turn, mobile callers among them. */
export function* manyCalls(table: Table, calls: number): Generator<readonly CallRecord[]> {
  const numbers = [...table.numbers.keys()];
  const areaCodes = [...table.regions.values()].flatMap(({ areaCode }) => areaCode ?? []);
  for (let index = 0; index < calls; index++) {
    const areaCode = areaCodes[index % areaCodes.length] ?? '';
    const local = String(20_000_000 + (index % 10_000_000));
    const caller = index % 3 === 0 ? `138${local}` : `${areaCode}${local.slice(1)}`;
    const facts = { dialled: numbers[index % numbers.length] ?? '', caller, trunk: 'exchange' };
    const at = new Date(arrivedAt + index * callEverySeconds * 1000);
    yield recordsOf(table, facts, `pbx1-${1_795_000_000 + index}.${index}`, at);
  }
}
