/** Numbers of records after a kill that fell between a record and the PBX's memory of it. */
import { expect, test } from 'vitest';
import { CallLog, type Telling } from '../../../src/calls/call-log.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import type { Call } from '../../../src/switch/port.ts';

const call = {
  id: 'pbx1-1',
  arrival: { dialled: '12301', caller: null, trunk: null },
  remember: async () => undefined,
};
const memory = {
  ...({ v: 1, number: '12301', unit: 'u', mode: 'merged', region: 'fuzhou', revision: 'r' } as const),
  ...{ plan: [], arrived: 0, seq: 3, cursor: 0, round: 0, takeovers: 1 },
};

/** As former controllers told them, numbered from 0. */
const tellingAfter = (...told: (readonly [type: string, more?: object])[]) => {
  const records: CallRecord[] = [];
  const alreadyEmitted = () => told.map(([type, more], seq) => ({ type, seq, ...more }) as unknown as CallRecord);
  const emit = (record: CallRecord) => void records.push(record);
  const telling: Telling = { switchName: 'pbx1', now: () => 1_000, emit, alreadyEmitted };
  const story = new CallLog(call as unknown as Call, telling, memory);
  return { story, numbers: () => records.map(({ seq, type }) => `${seq} ${type}`) };
};
const PROMPTED = { prompt: 'merged', result: 'done' } as const;
const BEGUN = [['arrived'], ['routed'], ['queued', { to: 'queue:12345-fuzhou' }]] as const;

test('what is told again has its number again', () => {
  const { story, numbers } = tellingAfter(...BEGUN, ['prompted', PROMPTED]);
  story.emit('prompted', PROMPTED);
  story.ended('caller', 'hung-up', 16);
  expect(numbers()).toEqual(['3 prompted', '4 missed', '5 ended']);
});

test('what is new gets no number that another record has, or whoever drops repeats would drop it', () => {
  const { story, numbers } = tellingAfter(...BEGUN, ['prompted', PROMPTED], ['ringing', { to: 'seats:12348' }]);
  story.ended('caller', 'hung-up', 16);
  expect(numbers()).toEqual(['5 missed', '6 ended']);
});

test('a call whose end was told before the kill ends by the same number', () => {
  const { story, numbers } = tellingAfter(...BEGUN, ['prompted', PROMPTED], ['missed'], ['ended']);
  story.ended('caller', 'hung-up', 16);
  expect(numbers()).toEqual(['4 missed', '5 ended']);
});

test('another kind of transfer to the same place is another thing', () => {
  const of = { stage: 'asked', from: 'queue:12345-fuzhou', to: 'seats:12348', by: 'a', via: 'phone' } as const;
  const more = { reason: null, workOrder: null, note: null };
  const { story, numbers } = tellingAfter(...BEGUN, ['transferred', { ...of, ...more, kind: 'blind' }]);
  story.emit('transferred', { ...of, ...more, kind: 'attended' });
  expect(numbers()).toEqual(['4 transferred']);
});

test('another stage of a transfer is another thing', () => {
  const of = { kind: 'blind', from: 'queue:12345-fuzhou', to: 'seats:12348', by: 'a', via: 'phone' } as const;
  const more = { reason: null, workOrder: null, note: null };
  const { story, numbers } = tellingAfter(...BEGUN, ['transferred', { to: 'seats:12348', stage: 'asked' }]);
  story.emit('transferred', { ...of, stage: 'completed', ...more });
  expect(numbers()).toEqual(['4 transferred']);
});
