import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../../src/routing/table.ts';
import { loadTable } from '../../../src/tables/source/sources.ts';
import { manyCalls } from '../../bench/record-maker.ts';
import { hotline, root } from './hotline.ts';

const live = 'config/routes.yaml';
const CALLS = 3200;
let folder: string;
let changed: string;
let records: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hotline-replay-'));
  changed = join(folder, 'changed.yaml');
  const text = (await readFile(join(root, live), 'utf8'))
    .replace('          - seats:12333-xiamen\n', '')
    .replace('connect: [seats:12333-xiamen, queue:12345-xiamen]', 'connect: queue:12345-xiamen');
  await writeFile(changed, text);
  records = join(folder, 'records.ndjson');
  const { table } = (await loadTable(join(root, live))) as { table: Table };
  const lines = [...manyCalls(table, CALLS)].flat().map((record) => `${JSON.stringify(record)}\n`);
  await writeFile(records, lines.join(''));
});
afterAll(() => rm(folder, { recursive: true }));

/** Of 32 numbers and 9 area codes in turn, every 288th call goes to 12333 from a fixed line in Xiamen. */
const MOVED = 11;

describe('hotline replay', () => {
  test('of records made by the same table changes nothing, and answers 0', async () => {
    const { code, out, err } = await hotline('replay', records);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.trimEnd().split('\n')).toEqual([
      'nothing would have changed',
      '0 of 3,200 calls would have gone another way; 32 of 32 numbers called are unchanged',
      'read 19,200 records: 12,800 skipped, 0 told twice, 0 calls not whole, 0 bad lines',
    ]);
  });

  test('tells by number and region what would have changed, callers masked, and answers 0', async () => {
    const { code, out } = await hotline('replay', records, '--table', changed);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(
      /^12333 in xiamen: seats:12333-xiamen → queue:12345-xiamen: 11 calls, e\.g\. pbx1-\d+\.\d+ from 0592\*\*\*\*\d{4}, /,
    );
    expect(out).toContain(`${MOVED} of 3,200 calls would have gone another way; 31 of 32 numbers called are unchanged`);
    expect(out).not.toMatch(/\b059\d{8}/);
  });

  test('against another table says the same, whatever was decided then', async () => {
    const { out } = await hotline('replay', records, '--table', live, '--against', changed);
    expect(out.split('\n')[0]).toContain('12333 in xiamen: queue:12345-xiamen → seats:12333-xiamen, then queue:12345-');
  });

  test('with --json prints the same as data', async () => {
    const { code, out, err } = await hotline('replay', records, '--table', changed, '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const replayed = JSON.parse(out);
    expect(Object.keys(replayed)).toEqual(['revision', 'against', 'read', 'calls', 'changed', 'changes', 'counts']);
    expect(replayed).toMatchObject({
      against: null,
      read: { records: 6 * CALLS, bad: 0, badLines: [] },
      calls: CALLS,
      changed: MOVED,
      changes: [{ number: '12333', region: 'xiamen', calls: MOVED, kinds: ['destination'] }],
    });
    expect(out).not.toMatch(/"0592\d{5,}"/);
  });

  test('reads several files as one, each call once', async () => {
    const { out } = await hotline('replay', records, records, '--table', changed);
    expect(out).toContain(`${MOVED} of 3,200 calls`);
    expect(out).toContain('read 38,400 records: 25,600 skipped, 6,400 told twice');
  });

  test('tells in words, and of which file, that it is not gzip though it is called so, or is cut off', async () => {
    const notGzip = join(folder, 'records.ndjson.gz');
    await writeFile(notGzip, '{}');
    const { code, err } = await hotline('replay', notGzip);
    expect({ code, err }).toEqual({
      code: 2,
      err: `error FILE_UNREADABLE: ${notGzip}: its name ends in .gz, and it is not gzip data or is damaged\n`,
    });
    const cut = join(folder, 'cut.ndjson.gz');
    await writeFile(cut, gzipSync(await readFile(records)).subarray(0, 5_000));
    expect((await hotline('replay', cut)).err).toBe(
      `error FILE_UNREADABLE: ${cut}: compressed, and cut off before its end\n`,
    );
  });

  test('tells bad lines with their place and goes on', async () => {
    const cut = join(folder, 'cut.ndjson');
    const text = await readFile(records, 'utf8');
    await writeFile(cut, `{"v":1,"callId":"pb\n${text}`);
    const { code, out, err } = await hotline('replay', cut);
    expect({ code, err }).toEqual({ code: 0, err: `${cut}:1: not read: not a whole record\n` });
    expect(out).toContain('0 calls not whole, 1 bad line\n');
  });

  test.each(['--table', '--against'])(
    'answers 1 when the table of %s is not good, with its problems',
    async (option) => {
      const { code, out, err } = await hotline('replay', records, option, 'test/fixtures/tables/UNKNOWN_TRUNK.yaml');
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('UNKNOWN_TRUNK.yaml:21:42: error UNKNOWN_TRUNK: ');
    },
  );

  test('answers 1 for a file in which nothing is a record', async () => {
    expect((await hotline('replay', live)).code).toBe(1);
  });

  test('answers 2 without a file, and for one that is not there', async () => {
    expect((await hotline('replay')).code).toBe(2);
    expect(await hotline('replay', 'nowhere.ndjson')).toMatchObject({
      code: 2,
      err: 'error FILE_UNREADABLE: nowhere.ndjson: no such file\n',
    });
  });

  test('explains itself', async () => {
    const { code, out } = await hotline('replay', '--help');
    expect(code).toBe(0);
    expect(out).toMatch(/replay \[options\] <records\.\.\.>[\s\S]*--table <file>[\s\S]*--against <file>[\s\S]*--json/);
  });
});
