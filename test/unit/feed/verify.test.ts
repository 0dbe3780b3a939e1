/** The feed against call detail records, of the kinds that PBXs write. */
import { describe, expect, test } from 'vitest';
import { fieldsOf, readCdr } from '../../../src/feed/cdr.ts';
import { Verification } from '../../../src/feed/verify.ts';

/** Lines of a real Asterisk 22, by cdr_custom as docs/feed.md has it. */
const custom = [
  '"pbx-1795512002.0","pbx-1795512002.0","1795512002.337292","hotline-in","12301","059187654321","ANSWERED","PJSIP/exchange-00000000"',
  '"hotline~pbx-1795512002.0~2.0.0.0~queue","pbx-1795512002.0","1795512002.375027","hotline-queue","12345-fuzhou","059187654321","ANSWERED","Local/12345-fuzhou@hotline-queue-00000000;2"',
  '"hotline~pbx-1795512011.6~2.0.0.0","pbx-1795512011.6","1795512011.358939","hotline-phones","s","","FAILED","PJSIP/12333-xiamen-1-00000003"',
  '"pbx-1795512011.6","pbx-1795512011.6","1795512011.351868","hotline-in","059212333","05922001234","ANSWERED","PJSIP/exchange-00000002"',
  '"pbx-1795512011.6","pbx-1795512011.6","1795512011.360605","hotline-in","059212333","05922001234","ANSWERED","PJSIP/exchange-00000002"',
];
/** By cdr_csv. */
const csv = [
  '"","059187654321","12301","hotline-in",""""" <059187654321>","PJSIP/exchange-00000000","Local/12345-fuzhou@hotline-queue-00000000;1","Stasis","hotline,arrived,exchange","2026-11-24 09:20:02","2026-11-24 09:20:02","2026-11-24 09:20:11",8,8,"ANSWERED","DOCUMENTATION","pbx-1795512002.0"',
  '"","059187654321","12345-fuzhou","hotline-queue","""12301 福州"" <059187654321>","Local/12345-fuzhou@hotline-queue-00000000;2","PJSIP/12345-fuzhou-1-00000001","Queue","12345-fuzhou,b(hotline-agent^s^1),,,125","2026-11-24 09:20:02","2026-11-24 09:20:03","2026-11-24 09:20:11",8,7,"ANSWERED","DOCUMENTATION","hotline~pbx-1795512002.0~2.0.0.0~queue"',
  '"","05922001234","99999","hotline-in",""""" <05922001234>","PJSIP/exchange-00000005","","Stasis","hotline,arrived,exchange","2026-11-24 09:20:20",,"2026-11-24 09:20:20",0,0,"NO ANSWER","DOCUMENTATION","pbx-1795512020.12"',
];
/** By mod_cdr_csv of FreeSWITCH, template `example`. */
const uuid = '6f3a8d1e-7c55-4a0b-9d43-5a7a54be2c11';
const freeSwitch = `"05922001234","05922001234","059212333","hotline-in","2026-11-24 17:20:11","2026-11-24 17:20:11","2026-11-24 17:20:20","9","9","NORMAL_CLEARING","${uuid}","","","PCMA","PCMA"`;

const calls = (lines: readonly string[]) =>
  lines
    .map(readCdr)
    .flatMap((cdr) => (cdr === undefined || cdr === 'unknown' ? [] : [`${cdr.id} ${cdr.dialled} ${cdr.caller}`]));

describe('call detail records', () => {
  test('of Asterisk tell the callers, and not the legs', () => {
    expect(new Set(calls(custom))).toEqual(
      new Set(['pbx-1795512002.0 12301 059187654321', 'pbx-1795512011.6 059212333 05922001234']),
    );
    expect(calls(csv)).toEqual(['pbx-1795512002.0 12301 059187654321', 'pbx-1795512020.12 99999 05922001234']);
    expect(readCdr(csv[0] ?? '')).toMatchObject({ at: new Date('2026-11-24T09:20:02Z'), context: 'hotline-in' });
    expect(readCdr(custom[0] ?? '')).toMatchObject({
      at: new Date('2026-11-24T09:20:02.337Z'),
      disposition: 'ANSWERED',
    });
  });

  test('of FreeSWITCH as well', () => {
    expect(calls([freeSwitch])).toEqual([`${uuid} 059212333 05922001234`]);
  });

  test('of another kind are said to be unknown', () => {
    expect(['hello', '', '1,2,3', '"a","b","c","d","e","f","g","h"'].map(readCdr)).toEqual(Array(4).fill('unknown'));
  });

  test('may hold commas and quotation marks', () => {
    expect(fieldsOf('"a ""b"", c",,d,"",')).toEqual(['a "b", c', '', 'd', '', '']);
  });
});

const since = new Date('2026-11-24T09:00:00Z');
const record = (id: string, seq: number, type: string, at = '2026-11-24T09:20:02Z') => ({
  v: 1,
  callId: `lab-${id}`,
  switch: 'lab',
  seq,
  at,
  type,
  ...(type === 'arrived' && { dialled: '12301', caller: '05910000000' }),
});

function verify(records: readonly object[], lines: readonly string[], switchName?: string) {
  const verification = new Verification({ since, switchName, context: 'hotline-' });
  for (const each of records) verification.record(each);
  for (const line of lines) {
    const cdr = readCdr(line);
    if (cdr !== undefined && cdr !== 'unknown') verification.cdr(cdr);
  }
  return verification.result();
}

const whole = (id: string) => [record(id, 0, 'arrived'), record(id, 1, 'routed'), record(id, 2, 'ended')];

describe('feed and PBX', () => {
  test('agree where both know every call', () => {
    const records = [...whole('pbx-1795512002.0'), ...whole('pbx-1795512011.6')];
    expect(verify(records, custom)).toEqual({
      whole: 2,
      up: 0,
      notInFeed: [],
      byFallback: [],
      notAtPbx: [],
      notWhole: [],
    });
  });

  test('a call that only the PBX knows is told', () => {
    const { notInFeed, whole: both } = verify(whole('pbx-1795512002.0'), custom);
    expect({ both, ids: notInFeed.map(({ id }) => id) }).toEqual({ both: 1, ids: ['pbx-1795512011.6'] });
  });

  test('a call that the fallback served alone is told as that, and is not missing', () => {
    const lines = custom.map((line) =>
      line.startsWith('"pbx-1795512011.6"') ? line.replace('hotline-in', 'hotline-fallback-plans') : line,
    );
    const { notInFeed, byFallback } = verify(whole('pbx-1795512002.0'), lines);
    expect({ notInFeed, ids: byFallback.map(({ id }) => id) }).toEqual({ notInFeed: [], ids: ['pbx-1795512011.6'] });
  });

  test('a call that a controller took and gave to the fallback is held to its records', () => {
    const [first = ''] = custom;
    const lines = [first, first.replace('hotline-in', 'hotline-fallback-plans')];
    const { byFallback, notWhole } = verify([record('pbx-1795512002.0', 0, 'arrived')], lines);
    expect({ byFallback, missing: notWhole.map(({ missing }) => missing) }).toEqual({
      byFallback: [],
      missing: [['end']],
    });
  });

  test('a call that only the feed knows is told once it has ended', () => {
    const { notAtPbx, up } = verify([...whole('x.1'), record('x.2', 0, 'arrived')], []);
    expect({ up, ids: notAtPbx.map(({ id }) => id) }).toEqual({ up: 1, ids: ['x.1'] });
  });

  test('records that are missing are told by their numbers, told twice or not', () => {
    const [id, other] = ['pbx-1795512002.0', 'pbx-1795512011.6'];
    const records = [
      record(id, 0, 'arrived'),
      record(id, 0, 'arrived'),
      record(id, 3, 'ended'),
      record(other, 0, 'arrived'),
    ];
    expect(verify(records, custom).notWhole.map((each) => [each.id, each.missing])).toEqual([
      [id, [1, 2]],
      [other, ['end']],
    ]);
  });

  test('calls from before, and of other switches, do not count', () => {
    const early = whole('pbx-1').map((each) => ({ ...each, at: '2026-11-24T08:59:59Z' }));
    const elsewhere = whole('pbx-2').map((each) => ({ ...each, switch: 'pbx2' }));
    expect(verify([...early, ...elsewhere], [], 'lab')).toMatchObject({ whole: 0, up: 0, notAtPbx: [] });
  });
});
