/** One record of every type, of a call from Xiamen to 12333. (No one call is both answered and missed.) */
import type { CallRecord } from '../../../src/records/record.ts';

const common = {
  v: 1,
  callId: 'pbx1-1760000000.42',
  switch: 'pbx1',
  number: '12333',
  unit: '省人社厅',
  mode: 'merged',
  region: 'xiamen',
  revision: '9f3c5a7b1d2e4f60',
} as const;

const at = (seq: number, ms: number) => ({
  ...common,
  seq,
  ms,
  at: new Date(Date.UTC(2026, 9, 1, 1, 0, 0, ms)).toISOString(),
});

const waits = { networkMs: 20, promptMs: 6_000, ringMs: 14_010, queueMs: 4_470 } as const;

const arrival = { dialled: '059212333', caller: '05922001234', trunk: 'exchange' } as const;

export const sampleStory: readonly CallRecord[] = [
  { ...at(0, 0), type: 'arrived', ...arrival },
  {
    ...at(1, 1),
    type: 'routed',
    regionFrom: 'dialled-area-code',
    rule: 1,
    plan: [
      { do: 'answer' },
      { do: 'play', prompt: 'merged' },
      { do: 'connect', to: 'seats:12333-xiamen', ringSeconds: 20 },
      { do: 'connect', to: 'queue:12345-xiamen', skill: '12329', waitSeconds: 120 },
      { do: 'play', prompt: 'busy' },
      { do: 'hangup', cause: 'no-answer' },
    ],
  },
  { ...at(2, 9), type: 'ringing', to: 'seats:12333-xiamen', endpoints: ['12333-xiamen-1', '12333-xiamen-2'] },
  { ...at(3, 6_010), type: 'prompted', prompt: 'merged', result: 'done' },
  { ...at(4, 20_030), type: 'queued', to: 'queue:12345-xiamen', skill: null },
  {
    ...at(5, 24_500),
    type: 'answered',
    to: 'queue:12345-xiamen',
    agent: '12345-xiamen-1',
    agentMs: 24_480,
    waitedMs: 24_500,
    waits,
  },
  { ...at(6, 24_500), type: 'recorded', state: 'started', file: 'pbx1-1760000000.42.wav', reason: null },
  {
    ...at(7, 60_000),
    type: 'transferred',
    kind: 'blind',
    stage: 'completed',
    from: 'queue:12345-xiamen',
    to: 'seats:12350-duty',
    by: '12345-xiamen-1',
    via: 'phone',
    reason: null,
    workOrder: null,
    note: null,
  },
  {
    ...at(8, 90_000),
    type: 'missed',
    reason: 'no-answer',
    tried: ['seats:12333-xiamen'],
    caller: arrival.caller,
    callBack: true,
    waits,
  },
  {
    ...at(9, 90_001),
    type: 'ended',
    by: 'caller',
    cause: 'hung-up',
    q850: 16,
    ...arrival,
    arrivedAt: '2026-10-01T01:00:00.000Z',
    waitedMs: 24_500,
    talkedMs: 65_501,
    answeredBy: 'queue:12345-xiamen',
    agent: '12345-xiamen-1',
    tried: ['seats:12333-xiamen', 'queue:12345-xiamen'],
    takeovers: 0,
    waits,
    transfers: 1,
    recordings: [{ file: 'pbx1-1760000000.42.wav', fromMs: 24_500, toMs: 90_001 }],
  },
];
