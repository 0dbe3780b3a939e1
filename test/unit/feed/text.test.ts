import { expect, test } from 'vitest';
import { formatRecord, formatRecordLine } from '../../../src/records/text.ts';
import { sampleStory } from './sample-story.ts';

test('a story reads as an engineer would tell it', () => {
  expect(sampleStory.map(formatRecordLine)).toEqual([
    '  0.0 s  arrived   call to 059212333 from 05922001234 over trunk exchange',
    '  0.0 s  routed    12333 (省人社厅), region xiamen, told by the area code dialled; rule 1',
    '  0.0 s  ringing   seats:12333-xiamen rings: 12333-xiamen-1, 12333-xiamen-2',
    '  6.0 s  prompted  prompt "merged" was heard',
    ' 20.0 s  queued    waits in queue:12345-xiamen',
    ' 24.5 s  answered  12345-xiamen-1 of queue:12345-xiamen talks; there after 24.5 s, caller waited 24.5 s',
    ' 24.5 s  recorded  recording pbx1-1760000000.42.wav started',
    ' 60.0 s  transferred blind transfer completed: from queue:12345-xiamen to seats:12350-duty, by 12345-xiamen-1 (phone)',
    ' 90.0 s  missed    nobody was reached (no-answer); tried seats:12333-xiamen',
    ' 90.0 s  ended     ended by caller after 65.5 s of talk',
  ]);
});

test('what is not known is said so', () => {
  const [arrived, routed] = sampleStory;
  if (arrived?.type !== 'arrived' || routed?.type !== 'routed') throw new Error('the sample begins otherwise');
  expect(formatRecord({ ...arrived, caller: null, trunk: null })).toBe(
    'call to 059212333 from a withheld number over trunk ?',
  );
  expect(formatRecord({ ...routed, number: null })).toBe('the number is not in the table: refused');
});

test('a recording that failed says why', () => {
  const recorded = sampleStory.find(({ type }) => type === 'recorded');
  if (recorded?.type !== 'recorded') throw new Error('the sample has none');
  expect(formatRecord({ ...recorded, state: 'failed', reason: 'low-space' })).toBe(
    'recording pbx1-1760000000.42.wav failed: low-space',
  );
});
