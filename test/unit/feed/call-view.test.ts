/** What the records of a call add up to: the one fold that everybody who looks at calls reads. */
import { expect, test } from 'vitest';
import { CallViews, viewOf } from '../../../src/records/call-view.ts';
import type { CallRecord } from '../../../src/records/record.ts';
import { sampleStory } from './sample-story.ts';

const asked = { stage: 'asked', kind: 'blind', to: 'seats:12348', reason: null } as const;
const transferred = sampleStory.find(({ type }) => type === 'transferred') as Extract<
  CallRecord,
  { type: 'transferred' }
>;
const upTo = (type: CallRecord['type']) =>
  sampleStory.slice(0, sampleStory.findIndex((each) => each.type === type) + 1);

test('a call tells who answered first, how long the caller waited and talked, and what was tried', () => {
  expect(viewOf(upTo('transferred'))).toMatchObject({
    ...{ caller: '05922001234', state: 'talking', transfers: 1, waitedMs: 24_500, talkedMs: 35_500, outcome: null },
    ...{ answered: { agent: '12345-xiamen-1' }, tried: ['seats:12333-xiamen', 'queue:12345-xiamen'] },
  });
});

test('a transfer that would go in a circle is refused before anything rings: it was not tried', () => {
  const before = upTo('answered');
  const request: CallRecord = { ...transferred, ...asked, seq: 8 };
  expect(viewOf([...before, request])).toMatchObject({ state: 'ringing', talk: 'waits', tried: { length: 3 } });
  const refused: CallRecord = { ...request, stage: 'refused', reason: 'ping-pong', seq: 9 };
  expect(viewOf([...before, request, refused])).toMatchObject({ talk: 'waits', tried: { length: 2 } });
});

test('the calls that are up are bounded, and a record that comes twice moves nothing', () => {
  const views = new CallViews(2);
  const [arrived] = sampleStory as [CallRecord];
  const dropped = ['a', 'b', 'c'].map((callId) => views.take({ ...arrived, callId })?.dropped);
  expect(dropped).toEqual([undefined, undefined, 'a']);
  expect(views.take({ ...arrived, callId: 'b' })).toBeUndefined();
  views.take({ ...(sampleStory.at(-1) as CallRecord), callId: 'b' });
  expect(views.take({ ...arrived, callId: 'b', seq: 20 })).toBeUndefined();
  expect(views.size).toBe(1);
});
