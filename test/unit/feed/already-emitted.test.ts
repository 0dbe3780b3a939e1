/** Records that a controller emitted before it was started again, and the ends of orphaned calls. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Totals } from '../../../src/admin/board/totals.ts';
import { createLogger } from '../../../src/base/log.ts';
import { AlreadyEmitted } from '../../../src/feed/already-emitted.ts';
import { orphanedEnd } from '../../../src/records/orphaned-end.ts';
import { type CallRecord, recordShape } from '../../../src/records/record.ts';
import { formatRecord } from '../../../src/records/text.ts';
import { endOrphanedCalls } from '../../../src/wiring/orphaned-calls.ts';
import { sampleStory } from './sample-story.ts';

const log = createLogger('silent');
const NOW = Date.UTC(2026, 9, 1, 2);

const renamed = (id: string, records: readonly CallRecord[]): readonly CallRecord[] =>
  records.map((record) => ({ ...record, callId: `pbx1-${id}` }));
const lines = (records: readonly CallRecord[]): string =>
  records.map((each) => `${JSON.stringify(recordShape.parse(each))}\n`).join('');
const upTo = (type: CallRecord['type']): readonly CallRecord[] =>
  sampleStory.slice(0, sampleStory.findIndex((record) => record.type === type) + 1);

async function written(file: string, spool: string): Promise<AlreadyEmitted> {
  const folder = await mkdtemp(join(tmpdir(), 'hotline-told-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'records.ndjson'), file);
  await mkdir(join(folder, 'spool'));
  await writeFile(join(folder, 'spool/0000000000000007.ndjson'), spool);
  await writeFile(join(folder, 'spool/status.json'), '{"at":"2026"}');
  return AlreadyEmitted.read(join(folder, 'records.ndjson'), join(folder, 'spool'), log);
}

describe('what was already emitted', () => {
  test('is what the records file and the spool say together, however a kill has cut them', async () => {
    const [first, second, third] = sampleStory;
    const emitted = await written(
      `half a line\n${lines([first, second] as CallRecord[])}{"v":1,"callId":"pbx1-17`,
      lines([second, third] as CallRecord[]),
    );
    expect(emitted.of(first?.callId ?? '')).toEqual([first, second, third]);
    expect(emitted.openOn('pbx1')).toEqual([[first, second, third]]);
    expect(emitted.openOn('pbx2')).toEqual([]);
    expect(emitted.of('pbx1-another')).toEqual([]);
  });

  test('a call that has ended, then or since, is not open; what was emitted of it is still known', async () => {
    const emitted = await written(lines([...renamed('1', sampleStory), ...renamed('2', upTo('ringing'))]), '');
    expect(emitted.openOn('pbx1').map(([record]) => record?.callId)).toEqual(['pbx1-2']);
    emitted.take({ ...(sampleStory.at(-1) as CallRecord), callId: 'pbx1-2' });
    expect(emitted.openOn('pbx1')).toEqual([]);
    expect(emitted.of('pbx1-1').at(-1)?.type).toBe('ended');
  });

  test('nothing, where nothing was written yet', async () => {
    const emitted = await AlreadyEmitted.read('/nowhere/records.ndjson', '/nowhere/spool', log);
    expect(emitted.openOn('pbx1')).toEqual([]);
  });
});

describe('the end of an orphaned call', () => {
  test('of a caller who talked: the end alone, with who answered and how long that was seen', () => {
    const story = upTo('answered');
    const [ended, ...more] = orphanedEnd(story, NOW);
    expect(more).toEqual([]);
    expect(recordShape.parse(ended)).toMatchObject({
      ...{ type: 'ended', seq: story.length, by: 'switch', cause: 'unseen', at: new Date(NOW).toISOString() },
      ...{ answeredBy: 'queue:12345-xiamen', agent: '12345-xiamen-1', waitedMs: 24_500, talkedMs: 0 },
      ...{ tried: ['seats:12333-xiamen', 'queue:12345-xiamen'], dialled: '059212333' },
    });
  });

  test('of a caller whom nobody is known to have answered: missed as well, to be called back', () => {
    const [missed, ended] = orphanedEnd(upTo('ringing'), NOW).map((record) => recordShape.parse(record));
    expect(missed).toMatchObject({ type: 'missed', seq: 3, reason: 'failure', callBack: true, caller: '05922001234' });
    expect(ended).toMatchObject({ type: 'ended', seq: 4, answeredBy: null, waitedMs: null, talkedMs: null });
  });

  test('counts among the failures, for the PBX has not died, and reads as what it is', () => {
    const totals = new Totals();
    const ends = orphanedEnd(upTo('ringing'), NOW);
    for (const record of ends) totals.take(record);
    expect(totals.ended).toEqual([[['12333', 'xiamen', 'failure'], 1]]);
    expect(ends.map(formatRecord).at(-1)).toBe('ended while no controller ran; nobody saw how');
  });

  test('is emitted once only, and not of a call whose beginning is not known', () => {
    const story = upTo('ringing');
    const missed = orphanedEnd(story, NOW).slice(0, 1);
    expect(orphanedEnd([...story, ...missed], NOW).map(({ type, seq }) => [type, seq])).toEqual([['ended', 4]]);
    expect(orphanedEnd([...story, ...orphanedEnd(story, NOW)], NOW)).toEqual([]);
    expect(orphanedEnd(story.slice(1), NOW)).toEqual([]);
  });

  test('is emitted of calls that nobody carries and the PBX does not have, and of no others', async () => {
    const ids = ['gone', 'carried', 'up', 'unknown', 'ended-since'];
    const emitted = await written(lines(ids.flatMap((id) => renamed(id, upTo('ringing')))), '');
    const ends: CallRecord[] = [];
    const isUp = async (callId: string) => {
      if (callId === 'pbx1-unknown') throw new Error('no answer');
      if (callId === 'pbx1-ended-since') emitted.take({ ...(sampleStory.at(-1) as CallRecord), callId });
      return callId === 'pbx1-up';
    };
    const live = { ids: new Set(['pbx1-carried']) };
    const emit = (record: CallRecord) => void ends.push(record);
    const signal = new AbortController().signal;
    await endOrphanedCalls({ name: 'pbx1', isUp }, { emitted, live, emit, now: () => NOW, signal, log, settledMs: 0 });
    expect(ends.map(({ callId, type }) => `${callId} ${type}`)).toEqual(['pbx1-gone missed', 'pbx1-gone ended']);
  });
});
