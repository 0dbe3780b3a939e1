/** The feed against call detail records, of the kinds that PBXs write. */
import { describe, expect, test } from 'vitest';
import { type Compared, Verification } from '../../../src/feed/verify.ts';
import { fieldsOf, readCdr } from '../../../src/records/cdr.ts';

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
/** Lines of a real FreeSWITCH 1.10.12, by mod_cdr_csv, template `example`: a call to seats, one to a queue, each with its legs. */
const freeSwitch = [
  '"Outbound Call","12333-xiamen-1","leg","hotline-leg","2026-11-24 12:32:10","2026-11-24 12:32:11","2026-11-24 12:32:11","1","0","NORMAL_CLEARING","3083548d-3996-4f5b-8858-48f3d8c01555~2.0.0.0","","","PCMA","PCMA"',
  '"12301 福州","059187654321","leg","hotline-leg","2026-11-24 12:32:10","2026-11-24 12:32:10","2026-11-24 12:32:19","9","9","NORMAL_CLEARING","f636b50c-df70-4b76-98bc-d710a1339042~2.0.0.0","","","L16","L16"',
  '"059187654321","059187654321","12301","hotline-again","2026-11-24 12:32:10","2026-11-24 12:32:10","2026-11-24 12:32:19","9","9","NORMAL_CLEARING","f636b50c-df70-4b76-98bc-d710a1339042","","","PCMU","PCMU"',
  '"12301 福州","059187654321","leg","hotline-leg","2026-11-24 12:32:10","2026-11-24 12:32:10","2026-11-24 12:32:19","9","9","NORMAL_CLEARING","1e2c771a-e3bf-454e-b7f1-c3001e89e1bb","","","L16","L16"',
  '"05922001234","05922001234","059212333","hotline-again","2026-11-24 12:32:10","2026-11-24 12:32:10","2026-11-24 12:32:19","9","9","NORMAL_CLEARING","3083548d-3996-4f5b-8858-48f3d8c01555","","","PCMU","PCMU"',
  '"12333 厦门","05922001234","leg","hotline-leg","2026-11-24 12:32:10","2026-11-24 12:32:11","2026-11-24 12:32:19","9","8","NORMAL_CLEARING","3083548d-3996-4f5b-8858-48f3d8c01555~2.0.1.0","","","PCMA","PCMA"',
];
const [seats, queue] = ['3083548d-3996-4f5b-8858-48f3d8c01555', 'f636b50c-df70-4b76-98bc-d710a1339042'] as const;

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

  test('of FreeSWITCH are known, those of legs too', () => {
    expect(freeSwitch.map(readCdr)).not.toContain('unknown');
    expect(calls(freeSwitch)).toEqual(
      expect.arrayContaining([`${queue} 12301 059187654321`, `${seats} 059212333 05922001234`]),
    );
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

function verify(records: readonly Compared[], lines: readonly string[], switchName?: string) {
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

  test('agree on FreeSWITCH too, whose queues and seats have records of their own', () => {
    const records = [seats, queue].flatMap((id) => whole(id).map((each) => ({ ...each, at: '2026-11-24T12:32:10Z' })));
    expect(verify(records, freeSwitch)).toMatchObject({ whole: 2, notInFeed: [], notAtPbx: [], notWhole: [] });
    const three = freeSwitch.map((line) => line.replace('"12301","hotline-again"', `"${queue}","hotline-room"`));
    const supervisor = (three[2] ?? '').replace(`"${queue}",""`, '"1e2c771a-0000-454e-b7f1-c3001e89e1bb",""');
    const phone = supervisor.replace('hotline-room', 'hotline-agents');
    expect(verify(records, [...three, supervisor, phone])).toMatchObject({ whole: 2, notInFeed: [] });
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
